"""Facts about sending: when an alert is due, in which form, and what becomes of it when nobody takes it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from alerts.rule_state import AlertState, RuleAlert
from server.evaluator.config import Receiver
from server.evaluator.notifier import Outbox, needs_sending, posted

_LABELS = (("alertname", "A"), ("job", "api"))


def _alert(state: AlertState, *, resolved_ms: int | None = None) -> RuleAlert:
    return RuleAlert(_LABELS, {"summary": "s"}, state, 1.0, 1_000, 5_000, resolved_ms)


@pytest.mark.parametrize(
    ("alert", "sent_ms", "due"),
    [
        (_alert(AlertState.PENDING), None, False),
        (_alert(AlertState.FIRING), None, True),
        (_alert(AlertState.FIRING), 95_000, False),
        (_alert(AlertState.FIRING), 90_000, True),
        (_alert(AlertState.RESOLVED, resolved_ms=99_000), 95_000, True),
        (_alert(AlertState.RESOLVED, resolved_ms=90_000), 95_000, False),
        (_alert(AlertState.RESOLVED, resolved_ms=80_000), 85_000, True),
    ],
)
def test_an_alert_is_sent_when_it_fires_again_later_and_at_its_end(
    alert: RuleAlert, sent_ms: int | None, due: bool
) -> None:
    assert needs_sending(alert, sent_ms, 100_000, 10_000) is due


def _posted(alert: RuleAlert) -> dict[str, Any]:
    return dict(
        posted(alert, 100_000, valid_ms=20_000, external={"cluster": "c", "job": "other"}, generator="g")
    )


def test_a_firing_alert_ends_by_itself_unless_it_is_sent_again() -> None:
    assert _posted(_alert(AlertState.FIRING)) == {
        "labels": {"cluster": "c", "alertname": "A", "job": "api"},
        "annotations": {"summary": "s"},
        "startsAt": "1970-01-01T00:00:05Z",
        "endsAt": "1970-01-01T00:02:00Z",
        "generatorURL": "g",
    }


def test_a_resolved_alert_ends_when_it_was_resolved() -> None:
    ends = _posted(_alert(AlertState.RESOLVED, resolved_ms=99_123))["endsAt"]
    assert ends == "1970-01-01T00:01:39.123Z"


class _Receiver:
    """A receiver that answers what it is told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.tokens: set[str] = set()
        self.status = 200
        self.asked = asyncio.Event()
        self.hold: asyncio.Event | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.batches.append(len(await request.json()))
        self.tokens.add(request.headers.get("Authorization", ""))
        self.asked.set()
        if self.hold is not None:
            await self.hold.wait()
        return web.Response(status=self.status)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[_Receiver, Outbox]]:
    taking = _Receiver()
    app = web.Application()
    app.router.add_post("/api/v2/alerts", taking.take)
    server = TestServer(app)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        yield taking, Outbox(Receiver(str(server.make_url("")).rstrip("/"), "t0ken"), session, length=200)
    await server.close()


async def test_alerts_go_out_in_batches_with_the_token(receiver: tuple[_Receiver, Outbox]) -> None:
    taking, box = receiver
    box.put([{"n": n} for n in range(150)])
    await box.flush()
    assert (taking.batches, taking.tokens) == ([64, 64, 22], {"Bearer t0ken"})
    assert (box.counts.sent, box.counts.dropped, len(box)) == (150, 0, 0)


async def test_what_is_refused_is_counted_and_not_kept(receiver: tuple[_Receiver, Outbox]) -> None:
    taking, box = receiver
    taking.status = 503
    box.put([{"n": 1}])
    await box.flush()
    assert (box.counts.errors, box.counts.dropped, box.last_error, len(box)) == (1, 1, "HTTP status 503", 0)
    taking.status = 200
    box.put([{"n": 1}])
    await box.flush()
    assert (box.counts.sent, box.last_error) == (1, "")


async def test_a_full_queue_drops_the_oldest_and_counts_them(receiver: tuple[_Receiver, Outbox]) -> None:
    _, box = receiver
    box.put([{"n": n} for n in range(230)])
    assert (len(box), box.counts.dropped) == (200, 30)


async def test_a_receiver_that_is_not_there_does_not_stop_the_loop(unused_tcp_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        box = Outbox(Receiver(f"http://127.0.0.1:{unused_tcp_port}"), session)
        async with box.loop().running():
            for sent in (1, 2):
                box.put([{"n": 1}])
                await asyncio.wait_for(box.drained(), 5)
                assert box.counts.dropped == sent


async def test_what_comes_while_a_batch_is_sent_goes_out_too(receiver: tuple[_Receiver, Outbox]) -> None:
    taking, box = receiver
    taking.hold = asyncio.Event()
    async with box.loop().running():
        box.put([{"n": 1}])
        await asyncio.wait_for(taking.asked.wait(), 5)
        box.put([{"n": 2}])
        taking.hold.set()
        await asyncio.wait_for(box.drained(), 5)
    assert taking.batches == [1, 1]
