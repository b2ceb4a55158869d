"""Facts about a drill's clients: they ask at their pace, take another key, and end with their context."""

import asyncio
from collections import Counter

from aiohttp import web
from aiohttp.test_utils import TestServer

from server.stack.drill.scenario import Load
from server.stack.drill.traffic import traffic


class _Api:
    """An API that answers 200 to the key ``good``, and remembers what it was asked."""

    def __init__(self) -> None:
        self.keys: Counter[str] = Counter()
        self.prompts: set[str] = set()
        self.asked = asyncio.Condition()

    async def analyze(self, request: web.Request) -> web.Response:
        key = request.headers["X-API-Key"]
        async with self.asked:
            self.keys[key] += 1
            self.prompts.add((await request.json())["prompt"])
            self.asked.notify_all()
        return web.json_response({}, status=200 if key == "good" else 401)

    async def until_asked(self, key: str, times: int) -> None:
        async with asyncio.timeout(10), self.asked:
            await self.asked.wait_for(lambda: self.keys[key] >= times)

    def server(self) -> TestServer:
        app = web.Application()
        app.router.add_post("/v1/analyze", self.analyze)
        return TestServer(app)


async def test_a_client_asks_its_prompts_in_turn() -> None:
    api = _Api()
    async with api.server() as server, traffic(str(server.make_url(""))) as clients:
        clients.begin("one", "good", Load(per_s=50, prompts=3))
        await api.until_asked("good", 7)
    assert len(api.prompts) == 3


async def test_a_client_that_is_given_another_key_uses_it_from_then_on() -> None:
    api = _Api()
    async with api.server() as server, traffic(str(server.make_url(""))) as clients:
        clients.begin("one", "wrong", Load(per_s=50))
        await api.until_asked("wrong", 2)
        clients.clients["one"].key = "good"
        await api.until_asked("good", 2)
        await api.until_asked("good", 4)
    assert clients.clients["one"].answers[401] >= 2


async def test_no_client_outlives_its_context() -> None:
    api = _Api()
    before = asyncio.all_tasks()
    async with api.server() as server:
        async with traffic(str(server.make_url(""))) as clients:
            clients.begin("one", "good", Load(per_s=50))
            await api.until_asked("good", 1)
        assert not {task for task in asyncio.all_tasks() - before if "client" in task.get_name()}
