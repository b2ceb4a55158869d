"""Facts about the verbs of an incident: whatever the daemon takes about one has a key on its page, and a dialog where it needs one."""

import re
from typing import Any

import msgspec
import pytest

from alerts.checklist import SIX_STEPS
from alerts.incident import TRANSITIONS, Verb
from alerts.wire import IncidentView
from console.ops_api.client import DaemonAccess, OpsClient
from console.tui.dialogs import YesDialog
from console.tui.form_dialog import FormDialog
from console.tui.incident_verbs import BY_NAME, VERBS, VerbKey, fault_in
from server.ops.routes.incident_records import IncidentRecordRoutes
from server.ops.routes.incidents import IncidentRoutes
from server.ops.routes.reports import ReportRoutes
from tests.console.tui.driving import see
from tests.console.tui.fixed_world import FixedClient, fixed_console

_GIVEN = {
    "text": "words", "at": "03:12", "reason": "why", "person": "ben", "severity": "info", "into": "2", "owner": "ben",
    "due": "2026-02-14", "number": "1", "url": "https://example.com", "cause": "the probe", "span": "2h", "step": "assess",
}  # fmt: skip
_BY_ITSELF = {"verifications"}
"""What a run of the verification puts down, and nobody types."""
_OF_VERB = {
    Verb.ACKNOWLEDGE: "ack", Verb.UNACKNOWLEDGE: "unack", Verb.INVESTIGATE: "investigate", Verb.RESOLVE: "resolve", Verb.REVIEW: "review",
    Verb.CLOSE: "close", Verb.REOPEN: "reopen", Verb.DISMISS: "dismiss", Verb.MERGE: "merge",
}  # fmt: skip
_OF_CONDITION = {Verb.LAPSE, Verb.CLEAR, Verb.REFIRE, Verb.RELAPSE}
"""Nobody's: the clock and the alerts do them."""


class RecordingClient(OpsClient):
    """Notes what would be sent; every answer is the first incident of the fixed world, in review."""

    def __init__(self) -> None:
        super().__init__(DaemonAccess("http://127.0.0.1:9", "token"))
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def _request(
        self, method: str, path: str, body: bytes | None = None, timeout_s: float | None = None
    ) -> bytes:
        if method == "POST":
            self.sent.append((path, msgspec.json.decode(body or b"{}")))
        first = FixedClient().fixed_incidents()[0]
        return msgspec.json.encode(msgspec.structs.replace(first, state="reviewing"))


def _sent_by(verb: VerbKey) -> list[tuple[str, dict[str, Any]]]:
    client = RecordingClient()
    given = {field.name: _GIVEN[field.name] for field in verb.fields}
    assert isinstance(verb.call(client, 1, given), IncidentView)
    return client.sent


def _routes() -> set[str]:
    # Their tables need none of what the handlers need.
    records = IncidentRecordRoutes.__new__(IncidentRecordRoutes).routes()
    states = IncidentRoutes.__new__(IncidentRoutes).routes()
    reports = ReportRoutes.__new__(ReportRoutes).routes()
    routes = (*records, *states, *reports)
    return {r.path for r in routes if r.method == "POST" and r.path.startswith("/v1/incidents/{id}/")}


def test_whatever_the_daemon_takes_about_an_incident_is_sent_by_a_verb() -> None:
    paths = {path for verb in VERBS for path, _ in _sent_by(verb)}
    expected = {r for r in _routes() if r.rpartition("/")[2] not in _BY_ITSELF}
    patterns = {r: re.sub(r"\\?\{[^}]*\}", "[^/]+", r) for r in expected}
    assert {r for r, pattern in patterns.items() if not any(re.fullmatch(pattern, p) for p in paths)} == set()


def test_every_transition_that_a_person_may_make_is_a_verb() -> None:
    by_hand = {verb for _, verb in TRANSITIONS} - _OF_CONDITION
    assert by_hand == set(_OF_VERB)
    assert set(_OF_VERB.values()) <= set(BY_NAME)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
async def test_its_key_on_the_page_opens_its_dialog(verb: VerbKey) -> None:
    client = FixedClient()
    sent = RecordingClient()
    client.acknowledge = sent.acknowledge  # type: ignore[method-assign]
    client.unacknowledge = sent.unacknowledge  # type: ignore[method-assign]
    client.transition = sent.transition  # type: ignore[method-assign]
    async with fixed_console((80, 40), client=client) as pilot:
        await see(pilot, "8 alerts")
        await pilot.press("enter")
        await see(pilot, "I look")
        await pilot.press(verb.key)
        if verb.name == "close":
            await see(pilot, "resolve it first")
        elif verb.fields:
            await see(pilot, f"{verb.words} · incident 1")
            assert isinstance(pilot.app.screen, FormDialog)
        elif verb.asks:
            await see(pilot, f"incident 1: {verb.words}")
            assert isinstance(pilot.app.screen, YesDialog)
        else:
            for _ in range(200):
                if sent.sent:
                    break
                await pilot.pause(0.05)
            assert len(sent.sent) == 1


@pytest.mark.parametrize("step", SIX_STEPS)
def test_a_step_is_ticked_and_unticked_by_its_name(step: str) -> None:
    client = RecordingClient()
    BY_NAME["tick"].call(client, 1, {"step": step, "reason": ""})
    BY_NAME["untick"].call(client, 1, {"step": step, "reason": "not yet"})
    path = f"/v1/incidents/1/checklist/{step}"
    assert client.sent == [(path, {"done": True, "reason": ""}), (path, {"done": False, "reason": "not yet"})]


def test_a_step_that_there_is_not_is_told_before_anything_is_sent() -> None:
    fault = fault_in({"step": "asses"})
    assert fault is not None
    assert fault.field == "step"
    assert fault.text.startswith("there is no step 'asses'; there are acknowledge, assess")
