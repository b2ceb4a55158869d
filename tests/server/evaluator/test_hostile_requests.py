"""The evaluator against requests that nobody means well: a client's mistake is never a fault of ours."""

from pathlib import Path

from tests.hostile import odd_answers, routes_of
from tests.server.evaluator.whole import evaluator


async def test_no_request_is_a_fault_of_the_evaluators_own(tmp_path: Path) -> None:
    async with evaluator(tmp_path, "groups: []") as world:
        await world.run(10)
        routes = routes_of(world.app)
        assert len(routes) > 20
        async for odd in odd_answers(world.url, routes, {}, each=40, seed=13):
            assert odd.status < 500, (odd.request[:400], odd.answer[:600])
