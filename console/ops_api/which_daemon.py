"""Which ops daemon is meant: by options, by environment, or by the local stack's state folder."""

import json
import os
import shlex
from pathlib import Path

from console.ops_api.client import DaemonAccess
from console.ops_api.errors import InvalidRequestError, OpsError, UnreachableError
from console.paths import CHECKOUT


class DaemonChoice:
    """The choice that ``--state``, ``--url`` and ``--token`` (or ``OPS_STATE``, ``OPS_URL``, ``OPS_TOKEN``) make."""

    def __init__(self, state: Path | None, url: str | None, token: str | None) -> None:
        self.state = (state or default_state()).resolve()
        self._url, self._token = url, token

    @property
    def is_local(self) -> bool:
        """Whether the local stack's own program may act beside the daemon."""
        if self._url is None:
            return True
        try:
            return self.address("ops") == self._url.rstrip("/")
        except UnreachableError:
            return False

    @property
    def is_within_reach(self) -> bool:
        """Whether we look into the local stack's folders ourselves.

        A step that runs as another user may not, and asks the daemon; to a person who may not, the program says so.
        """
        is_shut_out = "OPS_STEP" in os.environ and not os.access(self.state / "logs", os.R_OK | os.X_OK)
        return self.is_local and not is_shut_out

    @property
    def is_up(self) -> bool:
        """Whether a local stack is up in the state folder; ``ops down`` ends that."""
        return (self.state / "stack.json").exists()

    @property
    def naming(self) -> str:
        """What a command that is named to a person needs to mean the same stack: `` --state X``, or nothing."""
        return "" if self.state == default_state().resolve() else f" --state {shlex.quote(str(self.state))}"

    @property
    def name(self) -> str:
        """What tells this daemon from others: its address, or the folder of the local stack."""
        return self._url or str(self.state)

    @property
    def is_beside_service(self) -> bool:
        """Whether the service itself can be asked from here: a local stack, or a step that the daemon runs."""
        return self.is_local or "API_URL" in os.environ

    def access(self) -> DaemonAccess:
        """Address and token. Raises ``OpsError`` that says what to do where there is none."""
        if self._url is not None:
            if not self._token:
                raise InvalidRequestError("a token is needed with --url: give --token or OPS_TOKEN")
            return DaemonAccess(self._url, self._token)
        return DaemonAccess(self.address("ops"), self._token or self.read_token("admin"))

    def address(self, service: str) -> str:
        """Where a service of the local stack listens. Raises ``UnreachableError`` where no stack is up."""
        try:
            layout = json.loads((self.state / "stack.json").read_bytes())
            return f"http://127.0.0.1:{layout['ports'][service]}"
        except (OSError, ValueError, KeyError) as error:
            raise UnreachableError(
                f"no stack is up in {self.state}: bring one up with ops up{self.naming}, or name a daemon with --url and --token"
            ) from error

    def read_token(self, name: str) -> str:
        """A token of the local stack. Raises ``OpsError``: also in a step, which acts by its own token or not at all."""
        if "OPS_STEP" in os.environ:
            raise OpsError(
                "a step has no token but the one that it was given (OPS_TOKEN), and that only to look"
            )
        path = self.state / "tokens" / name
        try:
            return path.read_text().strip()
        except OSError as error:
            raise OpsError(f"{path} cannot be read ({error.strerror}); it is made by ops up") from error


def default_state() -> Path:
    """``OPS_STATE``, else ``var`` of this checkout, else ``var`` here."""
    if named := os.environ.get("OPS_STATE"):
        return Path(named)
    return CHECKOUT / "var" if (CHECKOUT / "setup.cfg").exists() else Path("var")
