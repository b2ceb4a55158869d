"""The listeners of the four processes as tests use them: in this process, spoken to over a plain socket."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from server.api.app import create_service
from server.api.config import ApiConfig
from server.api.http import connection as api_connection
from server.api.telemetry.log import Log
from server.evaluator.app import create_app as create_evaluator
from server.evaluator.clock import SystemClock
from server.evaluator.config import EvaluatorConfig
from server.evaluator.rule_files import load_rules
from server.http import listener_limits
from server.ops.app import daemon
from server.ops.config import OpsConfig
from server.status.app import PUBLIC_ROUTES
from server.status.app import create_app as create_status
from server.status.connection import StatusListener

NAMES = ("api", "ops", "evaluator", "status")
TOKEN = "a-token-for-tests-0123456789abcdef"


@contextlib.asynccontextmanager
async def listening(runner: web.BaseRunner) -> AsyncIterator[int]:
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def process(name: str, folder: Path) -> AsyncIterator[int]:
    """The listener of one process, as its program makes it, and its port."""
    kept = listener_limits.IDLE_S
    if name == "api":
        log = Log(level="ERROR", descriptor=os.open(os.devnull, os.O_WRONLY))
        config = ApiConfig(
            admin_token=TOKEN,
            api_state=str(folder / "api"),
            database_url="postgresql://nobody@127.0.0.1:1/none",
            redis_url="redis://127.0.0.1:1/0",
        )
        service = create_service(config, log)
        async with listening(web.ServerRunner(api_connection.Listener(service.handle))) as port:
            yield port
        log.close()
    elif name == "ops":
        settings = OpsConfig(state=folder, ballast_mb=0, given_tokens={"admin": TOKEN})
        async with (
            daemon(settings, {}) as built,
            listening(web.AppRunner(built.app, keepalive_timeout=kept, handler_cancellation=True)) as port,
        ):
            yield port
    elif name == "evaluator":
        env = {"EVALUATOR_STATE": str(folder), "OPS_URL": ""}
        evaluated = EvaluatorConfig.from_env(env, targets=["x=http://127.0.0.1:1/metrics"])
        app = create_evaluator(evaluated, load_rules(evaluated), SystemClock())
        async with listening(web.AppRunner(app, keepalive_timeout=kept)) as port:
            yield port
    else:
        page = create_status(folder, stale_after=timedelta(seconds=150))
        runner = web.AppRunner(page)
        await runner.setup()
        async with listening(web.ServerRunner(StatusListener(page[PUBLIC_ROUTES].handle))) as port:
            yield port
        await runner.cleanup()


async def said(port: int, *pieces: bytes) -> bytes:
    """Everything that the listener answers until it ends the connection; we never end it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            async with asyncio.timeout(20):
                return await reader.read()
        return b""
    finally:
        writer.close()
