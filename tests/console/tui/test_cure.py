"""Facts about the word that an outage is over: it is told whichever comes first, the all clear or the end of the run."""

from datetime import timedelta
from typing import Any

import msgspec

from alerts.wire import IncidentView
from console.text.plain import lasted
from console.text.wording import alert_took, incident_clock
from console.tui.cure import Cure
from runbooks.wire import ExecutionView
from tests.console.builders import NOW, alert


def _run(**fields: Any) -> ExecutionView:
    return msgspec.convert(
        {
            "execution_id": "e-1", "runbook": "APIDown", "step": "start-api", "kind": "change", "title": "Start api", "argv": [], "digest": "", "target": "local",
            "actor": "ana", "state": "succeeded", "requested_at": NOW.isoformat(), "started_at": NOW.isoformat(),
            **fields,
        },
        ExecutionView,
    )  # fmt: skip


FIRING = alert(runbook="APIDown", n=1)
OVER = alert(runbook="APIDown", n=1, state="resolved", resolved_at=NOW + timedelta(seconds=1))
ROWS = {OVER.fingerprint: OVER}


def test_an_all_clear_after_the_change_is_told_once() -> None:
    cure = Cure()
    cure.after(_run(), None, FIRING)
    assert cure.told({FIRING.fingerprint: FIRING}) == ""
    assert cure.told(ROWS) == "resolved: APIDown is over, took 4m13"
    assert cure.told(ROWS) == ""


def test_an_all_clear_before_the_change_has_ended_is_told_too() -> None:
    cure = Cure()
    cure.after(_run(), None, OVER)
    assert cure.told(ROWS).startswith("resolved")


def test_an_alert_that_was_over_before_the_change_is_not_cured_by_it() -> None:
    cure = Cure()
    cure.after(
        _run(), None, alert(runbook="APIDown", n=1, state="resolved", resolved_at=NOW - timedelta(minutes=1))
    )
    assert cure.told(ROWS) == ""


def test_a_verification_that_ends_after_the_all_clear_does_not_hide_it() -> None:
    cure = Cure()
    cure.after(_run(), None, FIRING)
    cure.told(ROWS)
    assert cure.told_before(_run(step="verify", kind="read", verdict="healthy")).startswith("resolved")
    assert cure.told_before(_run(step="verify", kind="read", verdict="healthy")) == ""


def test_a_verification_that_finds_something_wrong_says_so() -> None:
    cure = Cure()
    cure.after(_run(), None, FIRING)
    cure.told(ROWS)
    assert cure.told_before(_run(step="verify", kind="read", verdict="unhealthy")) == ""


def test_how_long_it_took_is_one_figure_in_the_word_the_list_the_incident_and_the_report() -> None:
    incident = IncidentView(
        id=7, title="APIDown", alertname="APIDown", service="api", severity="critical", state="monitoring",
        started_at=NOW - timedelta(seconds=252), detected_at=NOW - timedelta(seconds=190), mitigated_at=NOW + timedelta(seconds=1),
    )  # fmt: skip
    over = msgspec.structs.replace(OVER, incident_id=7)
    cure = Cure()
    cure.after(_run(), None, FIRING)
    assert cure.told({over.fingerprint: over}, {7: incident}) == "resolved: APIDown is over, took 3m11"
    assert incident_clock(incident, NOW) == "took 3m11"
    assert alert_took(over, incident) == lasted(191.4) == "3m11"
    assert alert_took(msgspec.structs.replace(over, alertname="APIHighErrorRate"), incident) == "4m13"
