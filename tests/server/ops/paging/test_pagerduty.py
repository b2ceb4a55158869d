"""Answers in PagerDuty, read back from a stand-in that we wrote from its API reference."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.server.ops.conftest import Clock, House, Start
from tests.server.ops.paging.conftest import Night

TOKEN = "pd-api-token-0123456789"
CONTACTS = """
people:
  ana: {name: Ana Lopez, user: ana, channels: ["pagerduty:env:PD"]}
  bo: {channels: ["file:bo.log"]}
levels: {L1: ana, L2: bo}
"""


class PagerDuty:
    """Events API v2 and ``GET /incidents`` of REST API v2, as far as we use them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.incidents: list[dict[str, Any]] = []
        self.asked: list[tuple[dict[str, str], list[tuple[str, str]]]] = []
        self.status = 200
        self.url = ""

    async def enqueue(self, request: web.Request) -> web.Response:
        """A trigger opens an incident where none is open under its key; a resolve ends that."""
        event = await request.json()
        opened = [
            i for i in self.incidents if i["incident_key"] == event["dedup_key"] and i["status"] != "resolved"
        ]
        if event["event_action"] == "trigger" and not opened:
            self.incidents.append(
                {
                    "id": f"P{len(self.incidents) + 1:06}", "type": "incident", "status": "triggered",
                    "incident_key": event["dedup_key"], "created_at": self._now(), "acknowledgements": [],
                    "last_status_change_by": {"id": "PSVC", "type": "service_reference", "summary": "ops"},
                }
            )  # fmt: skip
        if event["event_action"] == "resolve":
            for incident in opened:
                incident["status"], incident["acknowledgements"] = "resolved", []
                incident["last_status_change_by"] = {
                    "id": "PSVC",
                    "type": "service_reference",
                    "summary": "ops",
                }
        return web.json_response({"status": "success", "dedup_key": event["dedup_key"]}, status=202)

    async def list(self, request: web.Request) -> web.Response:
        self.asked.append((dict(request.headers), list(request.query.items())))
        if self.status != 200:
            return web.json_response({"error": {"message": "no", "code": 2006}}, status=self.status)
        wanted = request.query["incident_key"]
        found = [i for i in self.incidents if i["incident_key"] == wanted][::-1]
        return web.json_response({"incidents": found[: int(request.query["limit"])], "more": False})

    def acknowledge(self, who: str, kind: str = "user_reference") -> None:
        by = {"id": "PUSER", "type": kind, "summary": who}
        self.incidents[-1]["status"] = "acknowledged"
        self.incidents[-1]["acknowledgements"] = [{"at": self._now(), "acknowledger": by}]
        self.incidents[-1]["last_status_change_by"] = by

    def resolve(self, who: str) -> None:
        by = {"id": "PUSER", "type": "user_reference", "summary": who}
        self.incidents[-1] |= {"status": "resolved", "acknowledgements": [], "last_status_change_by": by}

    def _now(self) -> str:
        return f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
async def pagerduty(clock: Clock) -> AsyncIterator[PagerDuty]:
    stand_in = PagerDuty(clock)
    app = web.Application()
    app.router.add_post("/v2/enqueue", stand_in.enqueue)
    app.router.add_get("/incidents", stand_in.list)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stand_in
    await runner.cleanup()


@pytest.fixture
async def called(start: Start, pagerduty: PagerDuty, monkeypatch: Any) -> AsyncIterator[Night]:
    """A night in which ana was called over PagerDuty."""
    monkeypatch.setitem(os.environ, "PD", "routing-key")
    monkeypatch.setitem(os.environ, "PAGERDUTY_EVENTS_URL", f"{pagerduty.url}/v2/enqueue")
    async with start(pagerduty_token=TOKEN, pagerduty_api_url=pagerduty.url) as house:
        night = Night(house)
        await night.contacts(CONTACTS)
        await house.fire("APIDown")
        await night.turn()
        yield night


async def _look(night: Night) -> None:
    answers = night.house.built.paging._answers
    assert answers is not None
    await answers.look()


async def _incident(house: House) -> Any:
    return await house.get("/v1/incidents/1")


async def test_it_is_asked_as_its_reference_says(called: Night, pagerduty: PagerDuty) -> None:
    await _look(called)
    [(headers, query)] = pagerduty.asked
    assert headers["Authorization"] == f"Token token={TOKEN}"
    assert headers["Accept"] == "application/vnd.pagerduty+json;version=2"
    assert ("incident_key", "incident-1") in query and ("statuses[]", "acknowledged") in query
    assert (await _incident(called.house))["state"] == "open"


async def test_an_acknowledgement_there_is_one_here_under_the_name_of_our_user(
    called: Night, pagerduty: PagerDuty
) -> None:
    pagerduty.acknowledge("Ana Lopez")
    await _look(called)
    incident = await _incident(called.house)
    assert (incident["state"], incident["acknowledged_by"], incident["people"]) == (
        "acknowledged",
        "ana",
        ["ana"],
    )
    assert "ana acknowledged it in PagerDuty" in [entry["text"] for entry in incident["timeline"]]
    await called.pass_by(minutes=12, keep_firing=("APIDown",))
    assert called.counted()["bo"] == 0, "L2 is not called"


async def test_whoever_is_not_among_the_contacts_has_the_name_that_pagerduty_gives(
    called: Night, pagerduty: PagerDuty
) -> None:
    pagerduty.acknowledge("Dora\x1b[31m Ruiz")
    await _look(called)
    holder = (await _incident(called.house))["acknowledged_by"]
    assert holder.startswith("Dora") and holder.endswith("Ruiz (PagerDuty)") and "\x1b" not in holder


async def test_one_acknowledgement_counts_once_and_lapses_like_any_other(
    called: Night, pagerduty: PagerDuty
) -> None:
    pagerduty.acknowledge("Ana Lopez")
    await _look(called)
    await called.pass_by(minutes=31, keep_firing=("APIDown",))
    assert (await _incident(called.house))["state"] == "open"
    await _look(called)
    assert (await _incident(called.house))["state"] == "open"
    pagerduty.acknowledge("Ana Lopez")
    await _look(called)
    assert (await _incident(called.house))["state"] == "acknowledged", "a new one is one"


async def test_the_first_acknowledgement_stands(called: Night, pagerduty: PagerDuty) -> None:
    await called.house.post("/v1/incidents/1/ack")
    pagerduty.acknowledge("Ana Lopez")
    await _look(called)
    incident = await _incident(called.house)
    assert incident["acknowledged_by"] == "admin"
    assert any("it is admin's" in entry["text"] for entry in incident["timeline"])
    before = len(incident["timeline"])
    await _look(called)
    assert len((await _incident(called.house))["timeline"]) == before, "and that is said once"


async def test_a_resolution_there_is_a_claim_here(called: Night, pagerduty: PagerDuty) -> None:
    pagerduty.resolve("Ana Lopez")
    await _look(called)
    incident = await _incident(called.house)
    assert incident["state"] == "resolved"
    assert "resolved: in PagerDuty, while 1 of its alerts still fire" in [
        e["text"] for e in incident["timeline"]
    ]
    await called.pass_by(minutes=1, every_s=5, keep_firing=("APIDown",))
    assert (await _incident(called.house))["state"] == "open", "it was not true"
    await _look(called)
    assert (await _incident(called.house))["state"] == "open", "and is not believed again"
    again = [i for i in pagerduty.incidents if i["incident_key"] == "incident-1"]
    assert len(again) == 2, "ana is called again, under the same key"


async def test_a_resolution_there_while_a_change_runs_changes_nothing(
    called: Night, pagerduty: PagerDuty
) -> None:
    run = {"execution_id": "run-00000001", "action": "hold-api", "confirm": "hold-api", "incident_id": 1}
    await called.house.post("/v1/executions", run)
    pagerduty.resolve("Ana Lopez")
    await _look(called)
    incident = await _incident(called.house)
    assert incident["state"] == "open"
    assert any("change steps run or are unknown: run-00000001" in e["text"] for e in incident["timeline"])
    await called.house.post("/v1/executions/run-00000001/cancel")
    await called.house.settled("run-00000001")


async def test_what_an_integration_did_is_nobodys_answer(called: Night, pagerduty: PagerDuty) -> None:
    pagerduty.acknowledge("ops", "service_reference")
    await _look(called)
    assert (await _incident(called.house))["state"] == "open"
    called.house.clock.forward(minutes=1)
    await called.house.resolve("APIDown")
    await called.turn()
    assert pagerduty.incidents[-1]["status"] == "resolved"
    called.house.clock.forward(minutes=1)
    await called.house.fire("APIDown")
    await _look(called)
    assert (await _incident(called.house))["state"] == "open", "the resolution was our own"


async def test_a_refusal_is_said_without_the_token_and_ends_with_its_cause(
    called: Night, pagerduty: PagerDuty
) -> None:
    pagerduty.status = 401
    await _look(called)
    said = (await called.house.get("/v1/health"))["parts"]["paging"]
    assert said == "PagerDuty cannot be asked: it answered 401"
    assert TOKEN not in said
    pagerduty.status = 200
    await _look(called)
    assert (await called.house.get("/v1/health"))["parts"]["paging"] == "ok"


@pytest.mark.parametrize("odd", [{}, {"incidents": None}, {"incidents": [{"id": 7}]}])
async def test_odd_answers_are_a_fault_and_no_answer(
    called: Night, pagerduty: PagerDuty, odd: Any, monkeypatch: Any
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(odd)

    answers = called.house.built.paging._answers
    app = web.Application()
    app.router.add_get("/incidents", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        monkeypatch.setattr(answers, "_url", f"http://127.0.0.1:{runner.addresses[0][1]}")
        await _look(called)
    finally:
        await runner.cleanup()
    assert (await _incident(called.house))["state"] == "open"
    assert answers is not None and (answers.fault == "") is (odd == {})


async def test_nobody_is_asked_where_nobody_was_called_over_pagerduty(
    start: Start, pagerduty: PagerDuty
) -> None:
    async with start(pagerduty_token=TOKEN, pagerduty_api_url=pagerduty.url) as house:
        night = Night(house)
        await night.contacts("people: {bo: {channels: ['file:bo.log']}}\nlevels: {L1: bo}\n")
        await house.fire("APIDown")
        await night.turn()
        await _look(night)
        assert pagerduty.asked == []
        assert {loop.name for loop in house.built.paging.loops} >= {"pagerduty"}


async def test_what_was_answered_stays_answered_after_a_restart(
    start: Start, pagerduty: PagerDuty, monkeypatch: Any
) -> None:
    monkeypatch.setitem(os.environ, "PD", "routing-key")
    monkeypatch.setitem(os.environ, "PAGERDUTY_EVENTS_URL", f"{pagerduty.url}/v2/enqueue")
    given = {"pagerduty_token": TOKEN, "pagerduty_api_url": pagerduty.url}
    async with start(**given) as house:
        night = Night(house)
        await night.contacts(CONTACTS)
        await house.fire("APIDown")
        await night.turn()
        pagerduty.acknowledge("Ana Lopez")
        await _look(night)
        await house.user("ana", "responder")
    async with start(**given) as house:
        night = Night(house)
        house.clock.now += timedelta(minutes=31)
        await house.fire("APIDown")
        await night.turn()
        await _look(night)
        assert (await _incident(house))["state"] == "open"


async def test_what_was_no_outage_of_its_own_ends_there_too(called: Night, pagerduty: PagerDuty) -> None:
    """A symptom that went under its cause, and a false positive."""
    await called.house.fire("LowCacheHitRate", service="web")
    await called.pass_by(minutes=0.6, every_s=6, keep_firing=("APIDown",))
    await called.house.fire("RedisDown", service="web")
    await called.turn()
    by_key = {one["incident_key"]: one["status"] for one in pagerduty.incidents}
    numbers = {i["alertname"]: i for i in (await called.house.get("/v1/incidents?all=1"))["incidents"]}
    assert numbers["LowCacheHitRate"]["state"] == "merged"
    symptom, cause = numbers["LowCacheHitRate"]["id"], numbers["RedisDown"]["id"]
    assert (by_key[f"incident-{symptom}"], by_key[f"incident-{cause}"]) == ("resolved", "triggered")
    version = (await _incident(called.house))["version"]
    dismissal = {"to": "false_positive", "version": version, "reason": "a test"}
    await called.house.post("/v1/incidents/1/transition", dismissal)
    await called.turn()
    assert {one["incident_key"]: one["status"] for one in pagerduty.incidents}["incident-1"] == "resolved"
