"""The clients of a drill: a bounded number of requests a second, from a context manager that ends them."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from server.stack.analyze_client import analyze
from server.stack.drill.scenario import Load

_MOST_PER_S = 50.0
_MOST_IN_FLIGHT = 50
_LONGEST_S = 30


class Client:
    """One caller, who asks at a steady pace; asks are skipped, not queued, while too many wait."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str, load: Load) -> None:
        self._session, self._url, self._load = session, url, load
        self._waiting: set[asyncio.Task[None]] = set()
        self.key = key
        """The key that it sends; whoever plays the client may give it another."""
        self.answers: Counter[int] = Counter()
        """How many answers of each status it got; 0 stands for none."""

    async def run(self) -> None:
        """Ask until cancelled."""
        pause_s = 1 / min(self._load.per_s, _MOST_PER_S)
        try:
            for number in itertools.count():
                if len(self._waiting) < _MOST_IN_FLIGHT:
                    task = asyncio.create_task(self._ask(number % self._load.prompts))
                    self._waiting.add(task)
                    task.add_done_callback(self._waiting.discard)
                await asyncio.sleep(pause_s)
        finally:
            for task in self._waiting:
                task.cancel()
            await asyncio.gather(*self._waiting, return_exceptions=True)

    async def _ask(self, number: int) -> None:
        prompt = f"Translate 'good morning' into French, letter {number}"
        outcome = await analyze(
            self._session, self._url, prompt, key=self.key, cache_ttl=self._load.cache_ttl
        )
        self.answers[outcome.status] += 1


class Traffic:
    """The clients at work, by name."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str) -> None:
        self._session, self._url = session, api_url
        self._tasks: list[asyncio.Task[None]] = []
        self.clients: dict[str, Client] = {}

    def begin(self, name: str, key: str, load: Load) -> None:
        """Let another client ask from now on."""
        client = self.clients[name] = Client(self._session, self._url, key, load)
        self._tasks.append(asyncio.create_task(client.run(), name=f"client {name}"))

    async def end(self) -> None:
        """End every client and what it still waits for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def traffic(api_url: str) -> AsyncIterator[Traffic]:
    """Clients of the API at ``api_url``; none asks anything any more afterwards."""
    timeout = aiohttp.ClientTimeout(total=_LONGEST_S)
    connector = aiohttp.TCPConnector(limit=4 * _MOST_IN_FLIGHT)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        clients = Traffic(session, api_url)
        try:
            yield clients
        finally:
            await clients.end()
