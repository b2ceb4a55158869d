"""Which ops daemon is meant: by options, by environment, or by the local stack's state folder."""

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from console.ops_api.client import DaemonAccess
from console.ops_api.errors import InvalidRequestError, OpsError, UnreachableError
from console.ops_api.profile import FAR_ADDRESS, Profile, profile_named
from console.paths import CHECKOUT

if TYPE_CHECKING:
    from console.ops_api.tunnel import Tunnel


class DaemonChoice:
    """The choice that ``--state``, ``--url`` and ``--token`` (or ``OPS_STATE``, ``OPS_URL``, ``OPS_TOKEN``) make.

    A profile fills in what none of them says; ``ssh`` is a host through which the address is reached.
    """

    def __init__(
        self,
        state: Path | None,
        url: str | None,
        token: str | None,
        profile: str | None = None,
        ssh: str | None = None,
    ) -> None:
        self._profile = profile_named(profile) if profile is not None else Profile()
        kept = self._profile
        if url is None and state is None:
            url, state = kept.url, Path(kept.state).expanduser() if kept.state else None
        self._ssh = ssh or (kept.ssh if url is not None and url == kept.url else None)
        if self._ssh is not None and url is None:
            url = FAR_ADDRESS
        self.state = (state or default_state()).resolve()
        self._url, self._token = url, token
        self._profile_name = profile
        self._tunnel: Tunnel | None = None

    @property
    def is_local(self) -> bool:
        """Whether the local stack's own program may act beside the daemon."""
        if self._url is None:
            return True
        if self._ssh is not None:
            return False
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
        if self._profile_name is not None:
            return f" --profile {shlex.quote(self._profile_name)}"
        return "" if self.state == default_state().resolve() else f" --state {shlex.quote(str(self.state))}"

    @property
    def name(self) -> str:
        """What tells this daemon from others: its address, with the host it is reached through, or the folder of the local stack."""
        return f"{self._ssh or ''}{self._url}" if self._url else str(self.state)

    @property
    def is_beside_service(self) -> bool:
        """Whether the service itself can be asked from here: a local stack, or a step that the daemon runs."""
        return self.is_local or "API_URL" in os.environ

    def access(self) -> DaemonAccess:
        """Address and token. Raises ``OpsError`` that says what to do where there is none."""
        token = _checked(self._token)
        if self._url is not None:
            token = token or _checked(self._profile.token())
            if not token:
                raise InvalidRequestError(
                    f"a token is needed for {self._url}: OPS_TOKEN, --token, or a profile with a token command"
                )
            return DaemonAccess(self._reached(self._url), token)
        return DaemonAccess(self.address("ops"), token or self.read_token("admin"))

    @property
    def _has_own_api(self) -> bool:
        """Whether the API is the local stack's: no daemon elsewhere is named, and a stack is up, or no other API is named."""
        return self.is_local and (self.is_up or "API_URL" not in os.environ)

    def _reached(self, url: str) -> str:
        """The address as it is reached from here: through the tunnel, which is opened once."""
        if self._ssh is None:
            return url
        if self._tunnel is None:
            from console.ops_api.tunnel import Tunnel

            self._tunnel = Tunnel(self._ssh, url)
        return self._tunnel.url

    def address(self, service: str) -> str:
        """Where a service of the local stack listens. Raises ``UnreachableError`` where no stack is up.

        The API that is meant beside a daemon elsewhere is the one that ``API_URL`` names, and never the local stack's.
        """
        if service == "api" and not self._has_own_api:
            if url := os.environ.get("API_URL"):
                return url.rstrip("/")
            raise UnreachableError(
                f"where the API of {self.name} answers is not known here: set API_URL, and ADMIN_TOKEN to its admin token"
            )
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
        if name == "api-admin" and not self._has_own_api:
            if token := _checked(os.environ.get("ADMIN_TOKEN")):
                return token
            raise OpsError("the API's admin token is needed: set ADMIN_TOKEN")
        path = self.state / "tokens" / name
        try:
            return path.read_text().strip()
        except OSError as error:
            raise OpsError(f"{path} cannot be read ({error.strerror}); it is made by ops up") from error


def _checked(token: str | None) -> str | None:
    """A token without the blanks and line ends around it. Raises ``InvalidRequestError``, which does not show it."""
    token = token.strip() if token is not None else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise InvalidRequestError(
            "the token (--token or OPS_TOKEN) has blanks or characters that no token has; it is one word"
        )
    return token


def default_state() -> Path:
    """``OPS_STATE``, else ``var`` of this checkout, else ``var`` here."""
    if named := os.environ.get("OPS_STATE"):
        return Path(named)
    return CHECKOUT / "var" if (CHECKOUT / "setup.cfg").exists() else Path("var")
