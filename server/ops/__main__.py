"""``python -m server.ops``: the ops daemon."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator

import uvloop
from aiohttp import web

from server.http.listener_limits import IDLE_S
from server.ops.app import daemon
from server.ops.config import OpsConfig, OpsConfigError

_CLOSE_WITHIN_S = 2.0
_log = logging.getLogger("ops")


async def serve(config: OpsConfig) -> None:
    """Runs until TERM or INT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with daemon(config, os.environ) as built, contextlib.AsyncExitStack() as listeners:
        at = await listeners.enter_async_context(_listening(built.app, config.bind, config.port))
        _log.info("the ops daemon answers on %s", at)
        if built.links is not None:
            place = _listening(built.links, config.link_bind, config.link_port)
            _log.info("links in pages are answered on %s", await listeners.enter_async_context(place))
        async with built.loops.running():
            await ended.wait()


@contextlib.asynccontextmanager
async def _listening(app: web.Application, bind: str, port: int) -> AsyncIterator[object]:
    """A listener, and where it is. Raises ``OSError``."""
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=_CLOSE_WITHIN_S,
        handler_cancellation=True,
        keepalive_timeout=IDLE_S,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, bind, port).start()
        yield runner.addresses
    finally:
        await runner.cleanup()


def main() -> int:
    """Reads the environment, serves, and says in one sentence why it could not."""
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO").upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stdout,
    )
    # Outputs of steps, the journal and the tokens are ours alone; what is published is opened by its publisher.
    os.umask(0o077)
    try:
        uvloop.run(serve(OpsConfig.from_env(os.environ)))
    except OpsConfigError as error:
        sys.stderr.write(f"ops: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"ops: cannot start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
