"""The daemon against requests that nobody means well: a client's mistake is never a fault of ours."""

from tests.hostile import odd_answers, routes_of
from tests.server.ops.conftest import House

EACH = 40
_ELSEWHERE = ("/v1/stream", "/v1/prometheus/{what}", "/v1/services", "/v1/logs/{service}")
"""A stream has no end, and what is asked of other processes and their logs is answered as these are there."""


async def test_no_request_is_a_fault_of_the_daemons_own(house: House) -> None:
    await house.fire()
    routes = [route for route in routes_of(house.built.app) if route[1] not in _ELSEWHERE]
    assert len(routes) > 40
    headers = {"Authorization": f"Bearer {house.built.tokens['admin']}"}
    async for odd in odd_answers(house.url, routes, headers, each=EACH, seed=13):
        assert odd.status < 500, (odd.request[:400], odd.answer[:600])
    await house.tick(seconds=5)
    assert (await house.get("/v1/incidents"))["incidents"]
    assert all(loop["fault"] is None for loop in (await house.get("/v1/health"))["loops"].values())
