"""Why the ops daemon did not do what was asked, each with the exit code of the command line."""

from alerts.wire import Problem


class OpsError(Exception):
    """The ops daemon did not do what was asked; ``exit_code`` is what the command line ends with."""

    exit_code = 1
    word = "failed"
    """Its kind in a word, where the daemon gave none."""

    def __init__(self, message: str, problem: Problem | None = None) -> None:
        super().__init__(message)
        self.problem = problem

    @property
    def field(self) -> str | None:
        """The part of the request that is at fault, where the daemon names one."""
        return self.problem.field if self.problem is not None else None

    @property
    def wants_approval(self) -> bool:
        """Whether a call was refused because a second person has to approve what it asks for."""
        details = self.problem.details if self.problem is not None else None
        return bool(details) and details is not None and details.get("people", 1) > 1


class UnreachableError(OpsError):
    """No answer from the ops daemon."""

    exit_code = 3
    word = "unreachable"


class NotServingError(UnreachableError):
    """The ops daemon is there and does not serve the request now: nobody may take its place."""

    word = "unavailable"


class LostAnswerError(UnreachableError):
    """The request went out and its answer was lost: what it asked for may have happened."""


class CallRefusedError(OpsError):
    """The ops daemon refused: not allowed, not confirmed, not possible as things stand, or somebody else holds the lock."""

    exit_code = 4
    word = "refused"


class NotThereError(OpsError):
    """There is no such thing."""

    exit_code = 2
    word = "not_found"


class InvalidRequestError(OpsError):
    """The request was not of the right form."""

    exit_code = 2
    word = "invalid"
