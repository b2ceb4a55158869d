"""Starts the status page process."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
from aiohttp import web

from server.config import EnvironmentReader, number, whole_number
from server.http.host_guard import HostGuard, host_names
from server.start_heap import keep_start_heap
from server.status.app import PUBLIC_ROUTES, create_app
from server.status.connection import StatusListener

_LAST_ANSWERS_S = 5.0
EVERYWHERE = "0.0.0.0"  # noqa: S104 - see ``from_env``


class StatusConfigError(ValueError):
    """Every fault of the environment, in one message."""


class StatusConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where the status page process listens and what it serves."""

    bind: str
    port: int
    allowed_hosts: tuple[str, ...]
    public: Path
    stale_after_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "StatusConfig":
        """From ``STATUS_BIND``, ``STATUS_PORT`` (or ``PORT``), ``STATUS_PUBLIC``, ``STATUS_STALE_AFTER_S``; raises ``StatusConfigError``.

        Where a platform gives the port (``PORT``), its router comes from outside: then it listens everywhere.
        """
        reader = EnvironmentReader(env)
        port_from = reader.first("STATUS_PORT", "PORT")
        on_platform = port_from == "PORT" and bool(reader.text("PORT"))
        config = cls(
            bind=reader.text("STATUS_BIND", EVERYWHERE if on_platform else "127.0.0.1"),
            port=reader.read(port_from, whole_number(1, 65_535, "port"), 8080),
            allowed_hosts=reader.read("ALLOWED_HOSTS", host_names, ()),
            public=Path(reader.text("STATUS_PUBLIC", "var/public")),
            stale_after_s=reader.read("STATUS_STALE_AFTER_S", number(0, 86_400), 150.0),
        )
        reader.stop_at_faults(StatusConfigError)
        return config


def main() -> None:
    """Serve until TERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        config = StatusConfig.from_env(os.environ)
    except StatusConfigError as error:
        sys.exit(f"status: {error}")
    asyncio.run(serve(config))


async def serve(config: StatusConfig) -> None:
    """Serve until TERM or INT: the application's own loop and pages, and its handler straight behind the connections."""
    guard = HostGuard(config.bind, config.allowed_hosts)
    app = create_app(config.public, stale_after=timedelta(seconds=config.stale_after_s), guard=guard)
    ended = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    keeper = web.AppRunner(app, handle_signals=False)
    runner = web.ServerRunner(StatusListener(app[PUBLIC_ROUTES].handle), shutdown_timeout=_LAST_ANSWERS_S)
    await keeper.setup()
    keep_start_heap()
    try:
        await runner.setup()
        await web.TCPSite(runner, config.bind, config.port).start()
        await ended.wait()
    finally:
        await runner.cleanup()
        await keeper.cleanup()


if __name__ == "__main__":
    main()
