"""Facts about a link that breaks at any moment: what is known stays, nothing is run twice, and the end of a run is told."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from console.ops_api.client import DaemonAccess, OpsClient
from tests.console.conftest import LoneDaemon
from tests.console.tui.driving import console_on, see

pytestmark = pytest.mark.stack


class CuttingLink:
    """Passes bytes on to the daemon, until somebody cuts what is open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self.cuts = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        self._open.add(writer)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._open.add(far_writer)
        try:
            await asyncio.gather(_pass_on(reader, far_writer), _pass_on(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}

    def cut(self) -> None:
        """Break everything that is open, in the middle of whatever it carries."""
        self.cuts += bool(self._open)
        for writer in list(self._open):
            writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(4_096):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


@asynccontextmanager
async def _cutting(daemon: LoneDaemon) -> AsyncIterator[tuple[CuttingLink, OpsClient]]:
    link = CuttingLink(daemon.port)
    server = await asyncio.start_server(link.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    token = (daemon.state / "tokens" / "admin").read_text().strip()
    try:
        yield link, OpsClient(DaemonAccess(f"http://127.0.0.1:{port}", token))
    finally:
        server.close()
        # A call that is under way would wait for its answer to the end of its patience, and the end of the test for it.
        link.cut()
        link.cut()


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
async def test_a_link_that_is_cut_at_random_loses_nothing(lone_daemon: LoneDaemon, seed: int) -> None:
    chance = random.Random(seed)
    async with _cutting(lone_daemon) as (link, client), console_on(client) as pilot:
        await see(pilot, "no unresolved alerts")
        for n in range(8):
            await asyncio.to_thread(lone_daemon.post_alert, f"Alert{n}", severity="warning")
            await pilot.pause(chance.random() * 0.3)
            link.cut()
            await pilot.press(chance.choice(["j", "k", "2", "3", "7", "1"]))
        assert link.cuts
        await pilot.press("1")
        names = [f"Alert{n}" for n in range(8)]
        await see(pilot, lambda text: "live" in text and all(name in text for name in names), within=600)


@pytest.mark.slow
async def test_a_run_is_followed_to_its_end_through_cuts_and_runs_once(lone_daemon: LoneDaemon) -> None:
    await asyncio.to_thread(lone_daemon.post_alert)
    async with _cutting(lone_daemon) as (link, client), console_on(client) as pilot:
        await see(pilot, "APIDown is there")
        await pilot.press("r")
        await see(pilot, "check-process")
        await pilot.press("r")
        for _ in range(20):
            link.cut()
            await pilot.pause(0.05)
        await see(pilot, lambda _: all(e.state != "running" for e in lone_daemon.client().executions()))
        told = ("verdict", "in doubt", "nothing was run", "does not answer", "was lost")
        text = await see(pilot, lambda text: any(words in text for words in told), within=600)
        runs = lone_daemon.client().executions()
        assert len(runs) <= 1
        assert runs or "verdict" not in text
