"""Starts the status page process."""

import logging
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
from aiohttp import web

from server.status.app import create_app

EVERYWHERE = "0.0.0.0"  # noqa: S104 - see ``from_env``


class StatusConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where it listens and what it serves."""

    bind: str
    port: int
    public: Path
    stale_after_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "StatusConfig":
        """From ``STATUS_BIND``, ``STATUS_PORT`` (or ``PORT``), ``STATUS_PUBLIC``, ``STATUS_STALE_AFTER_S``; raises ``ValueError``.

        Where a platform gives the port (``PORT``), its router comes from outside: then it listens everywhere.
        """
        faults = []
        port = env.get("STATUS_PORT") or env.get("PORT") or "8080"
        stale = env.get("STATUS_STALE_AFTER_S", "150")
        if not port.isdigit() or not 0 < int(port) < 65536:
            faults.append(f"STATUS_PORT is {port!r}; a port from 1 to 65535")
        if not stale.replace(".", "", 1).isdigit():
            faults.append(f"STATUS_STALE_AFTER_S is {stale!r}; seconds, such as 150")
        if faults:
            raise ValueError("; ".join(faults))
        return cls(
            bind=env.get("STATUS_BIND")
            or ("127.0.0.1" if env.get("STATUS_PORT") or not env.get("PORT") else EVERYWHERE),
            port=int(port),
            public=Path(env.get("STATUS_PUBLIC", "var/public")),
            stale_after_s=float(stale),
        )


def main() -> None:
    """Serve until TERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        config = StatusConfig.from_env(os.environ)
    except ValueError as error:
        sys.exit(f"status: {error}")
    app = create_app(config.public, stale_after=timedelta(seconds=config.stale_after_s))
    web.run_app(app, host=config.bind, port=config.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
