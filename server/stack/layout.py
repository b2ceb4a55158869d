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
    postgres_port: int = 0
    """Where PostgreSQL listens on 127.0.0.1, for readers; 0 for a stack of version 0.1.0, where it does not."""

    @classmethod
    def at(cls, state: Path, port_base: int | None = None, *, drill: bool = False) -> "Layout":
        """The layout of a stack in ``state``; without a base, the well-known ports."""
        ports = DEFAULT_PORTS
        if port_base is not None:
            ports = {name: port_base + offset for name, offset in _BASE_OFFSETS.items()}
        return cls(state=state.resolve(), ports=ports, drill=drill, postgres_port=_postgres_port(ports))

    @property
    def at_its_best(self) -> "Layout":
        """The same places as this version lays them out, for a stack that is about to come up."""
        return msgspec.structs.replace(self, postgres_port=_postgres_port(self.ports))

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
        place = self.state / "stack.json"
        place.write_bytes(msgspec.json.encode(self, enc_hook=str))
        # It holds no secret, and a step that runs as another user finds the stack by it.
        place.chmod(0o644)

    @property
    def run(self) -> Path:
        """Sockets and pid files; elsewhere where the state folder's path is too long for a socket."""
        wanted = self.state / "run"
        if len(os.fsencode(wanted)) + len("/pg/.s.PGSQL.65432.lock") <= _LONGEST_SOCKET:
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

    @property
    def postgres_socket(self) -> Path:
        """PostgreSQL's socket."""
        return self.postgres_sockets / f".s.PGSQL.{self.postgres_port or 5432}"

    @property
    def database_url(self) -> str:
        """PostgreSQL's address for the service, which may write, over its socket."""
        password = self._password("postgres-write")
        where = f"host={self.postgres_sockets}"
        if not self.postgres_port:
            return f"postgresql://structured_prompt@/structured_prompt_db?{where}"
        return f"postgresql://structured_prompt:{password}@/structured_prompt_db?{where}&port={self.postgres_port}"

    @property
    def database_read_url(self) -> str:
        """PostgreSQL's address for whoever only reads: on 127.0.0.1, for other users of the machine cannot pass to the socket."""
        if not self.postgres_port:
            return f"postgresql://structured_prompt_read@/structured_prompt_db?host={self.postgres_sockets}"
        password = self._password("postgres-read")
        return f"postgresql://structured_prompt_read:{password}@127.0.0.1:{self.postgres_port}/structured_prompt_db"

    @property
    def redis_url(self) -> str:
        """Redis' address for the service, which may write, over its socket."""
        if not self.postgres_port:
            return f"unix://{self.redis_socket}"
        return f"unix://structured_prompt:{self._password('redis-write')}@{self.redis_socket}"

    @property
    def redis_read_url(self) -> str:
        """Redis' address for whoever only reads."""
        password = self._password("redis-read") if self.postgres_port else "any"
        return f"unix://ops_read:{password}@{self.redis_socket}"

    def _password(self, name: str) -> str:
        """A store's password, empty where this user may not read it: the store then refuses."""
        try:
            return (self.tokens / name).read_text().strip()
        except OSError:
            return ""


def _postgres_port(ports: dict[str, int]) -> int:
    """8002 beside the well-known ports, else the one after the last of the block."""
    return 8002 if ports == DEFAULT_PORTS else ports["api"] + len(_BASE_OFFSETS)
