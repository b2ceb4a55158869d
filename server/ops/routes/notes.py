"""What people did by hand, past the daemon, and told it."""

import msgspec

from server.http.call import BadRequestError
from server.http.route import Reply
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute
from server.ops.state.events import ManualActionNoted
from server.ops.state.ledger import Ledger

_LONGEST = 2_000


class _Told(msgspec.Struct, frozen=True):
    text: str


class NoteRoutes:
    """``/v1/journal/notes``."""

    def __init__(self, ledger: Ledger, redactor: Redactor) -> None:
        self._ledger = ledger
        self._redactor = redactor

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [OpsRoute("POST", "/v1/journal/notes", "responder", self._note)]

    async def _note(self, call: OpsCall) -> Reply:
        text = (await call.body(_Told)).text.strip()
        if not 0 < len(text) <= _LONGEST:
            raise BadRequestError(f"text must have 1 to {_LONGEST} characters", "text")
        redacted = self._redactor.redacted(text)
        await self._ledger.decide(
            lambda tx: tx.record(ManualActionNoted(text=redacted), call.caller.actor, "ops")
        )
        return Reply({"text": redacted}, 201)
