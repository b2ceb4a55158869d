"""Where the local stack keeps everything: folders, sockets, ports and addresses, from one state folder and one base."""

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

OPERABLE = ("api", "evaluator", "status", "postgres", "redis")
"""The services that actions may touch: the ops daemon is never one of them."""
DEFAULT_PORTS = {"api": 8000, "ops": 8001, "status": 8080, "evaluator": 9090}
_BASE_OFFSETS = {"api": 0, "ops": 1, "status": 2, "evaluator": 3}
_LONGEST_SOCKET = 96
"""Unix socket paths end at 107 bytes; the longest name below the run folder needs the rest."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One local stack's places."""

    state: Path
    ports: dict[str, int]
    drill: bool = False

    @classmethod
    def at(cls, state: Path, port_base: int | None = None, *, drill: bool = False) -> "Layout":
        """The layout of a stack in ``state``; without a base, the well-known ports."""
        ports = DEFAULT_PORTS
        if port_base is not None:
            ports = {name: port_base + offset for name, offset in _BASE_OFFSETS.items()}
        return cls(state=state.resolve(), ports=ports, drill=drill)

    @classmethod
    def of_running(cls, state: Path) -> "Layout | None":
        """The layout that the stack in ``state`` was brought up with, None when it is not up."""
        try:
            raw = (state.resolve() / "stack.json").read_bytes()
            return msgspec.json.decode(raw, type=cls, dec_hook=lambda kind, text: kind(text))
        except (OSError, msgspec.MsgspecError):
            return None

    def remember(self) -> None:
        """Keep this layout for ``of_running``."""
        (self.state / "stack.json").write_bytes(msgspec.json.encode(self, enc_hook=str))

    @property
    def run(self) -> Path:
        """Sockets and pid files; elsewhere where the state folder's path is too long for a socket."""
        wanted = self.state / "run"
        if len(os.fsencode(wanted)) + len("/pg/.s.PGSQL.5432.lock") <= _LONGEST_SOCKET:
            return wanted
        name = hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"sps-{name}"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisord listens."""
        return self.run / "supervisor.sock"

    @property
    def supervisor_config(self) -> Path:
        """The configuration written for supervisord; holds secrets, mode 0600."""
        return self.run / "supervisor.conf"

    @property
    def postgres_sockets(self) -> Path:
        """The folder of PostgreSQL's socket."""
        return self.run / "pg"

    @property
    def redis_socket(self) -> Path:
        """Redis' socket."""
        return self.run / "redis.sock"

    @property
    def tokens(self) -> Path:
        """One token a file, mode 0600."""
        return self.state / "tokens"

    @property
    def api_state(self) -> Path:
        """The API's own folder, with the socket of its master."""
        return self.state / "api"

    @property
    def releases(self) -> Path:
        """Kept code of the API, one release a folder."""
        return self.state / "releases"

    def log(self, service: str) -> Path:
        """The log of a service."""
        return self.state / "logs" / f"{service}.log"

    def url(self, service: str) -> str | None:
        """The address of a service that speaks HTTP."""
        port = self.ports.get(service)
        return None if port is None else f"http://127.0.0.1:{port}"

    def database_url(self, user: str = "structured_prompt") -> str:
        """PostgreSQL's address for ``user`` over its socket."""
        return f"postgresql://{user}@/structured_prompt_db?host={self.postgres_sockets}"

    @property
    def redis_url(self) -> str:
        """Redis' address over its socket."""
        return f"unix://{self.redis_socket}"
