"""Who is to be called when, by SEMANTICS of escalation: absolute deadlines, one level at a time, nothing twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.escalation import (
    ACKNOWLEDGED,
    DuePage,
    Escalation,
    apply_page,
    apply_resumed,
    begin,
    due_page,
    is_overdue,
    next_page,
    pause,
    resume,
)
from alerts.escalation_policy import policy_for
from alerts.incident import Incident

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def incident(**fields: Any) -> Incident:
    """An open critical incident of noon, unless told otherwise."""
    known: dict[str, Any] = {
        "id": 1, "title": "it is down", "service": "api", "alertname": "APIDown", "severity": "critical",
        "started_at": NOON, "detected_at": NOON, **fields,
    }  # fmt: skip
    return Incident(**known)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def begun(about: Incident, **options: Any) -> Escalation:
    found = begin(about, about.began_at, may_be_symptom=False, **options)
    assert found is not None
    return found


def pages(about: Incident, minutes: float, *, step_s: int = 1) -> list[tuple[float, str]]:
    """Everything that is paged about an incident that stays as it is, by the minute."""
    escalation = begun(about)
    paged: list[tuple[float, str]] = []
    for second in range(0, int(minutes * 60) + 1, step_s):
        now = NOON + timedelta(seconds=second)
        page = due_page(escalation, about, now)
        if page is not None:
            paged.append((second / 60, page.level))
            escalation = apply_page(escalation, page, ("ana",), now)
    return paged


def test_a_critical_incident_that_nobody_takes() -> None:
    assert pages(incident(), 66) == [
        (0, "L1"), (2, "L1"), (5, "L1"), (10, "L2"), (20, "L3"), (35, "all"), (50, "all"), (65, "all"),
    ]  # fmt: skip


def test_a_critical_incident_that_somebody_holds_and_nobody_mitigates() -> None:
    held = incident(state="acknowledged", acknowledged_by="ana", acknowledged_at=NOON)
    assert pages(held, 180) == [(30, "L2"), (60, "L3")]


def test_a_warning_pages_when_half_its_target_is_gone_and_when_it_is_breached() -> None:
    assert pages(incident(severity="warning", mttr_target_s=600), 120) == [(5, "L1"), (10, "L2")]
    assert pages(incident(severity="warning"), 120) == [(30, "L1"), (60, "L2")]


def test_a_warning_that_is_held_pages_at_its_breach_alone() -> None:
    held = incident(severity="warning", mttr_target_s=600, state="investigating", acknowledged_by="ana")
    assert pages(held, 120) == [(10, "L2")]


@pytest.mark.parametrize("severity", ["info", "none"])
def test_what_is_less_pages_nobody(severity: Any) -> None:
    assert policy_for(severity, 60) is None
    assert begin(incident(severity=severity), NOON, may_be_symptom=False) is None


@pytest.mark.parametrize(
    "state", ["monitoring", "resolved", "reviewing", "closed", "false_positive", "merged"]
)
def test_what_is_watched_or_over_pages_nobody(state: Any) -> None:
    assert pages(incident(state=state), 60) == []


def test_after_a_time_without_the_daemon_only_the_highest_level_that_is_due_is_paged() -> None:
    escalation, open_one = begun(incident()), incident()
    page = due_page(escalation, open_one, at(21))
    assert page is not None and (page.level, page.due_at) == ("L3", at(20))
    after = apply_page(escalation, page, ("cy",), at(21))
    assert due_page(after, open_one, at(21)) is None
    assert next_page(after, open_one) == (at(35), "all")


def test_two_hours_without_the_daemon_are_one_page_to_all() -> None:
    escalation, open_one = begun(incident()), incident()
    page = due_page(escalation, open_one, at(121))
    assert page is not None and page.level == "all"
    after = apply_page(escalation, page, ("ana",), at(121))
    assert due_page(after, open_one, at(121)) is None
    assert next_page(after, open_one) == (at(125), "all")


def test_a_clock_that_is_set_back_pages_nobody_again() -> None:
    escalation, open_one = begun(incident()), incident()
    page = due_page(escalation, open_one, at(10))
    assert page is not None
    after = apply_page(escalation, page, ("bo",), at(10))
    assert all(due_page(after, open_one, at(minute)) is None for minute in (-60, 0, 2, 5, 10))


def test_what_may_be_a_symptom_waits_half_a_minute_for_its_cause() -> None:
    escalation = begin(incident(), NOON, may_be_symptom=True)
    assert escalation is not None
    assert due_page(escalation, incident(), at(0.45)) is None
    assert due_page(escalation, incident(), at(0.5)) is not None


def _paged(escalation: Escalation, about: Incident, minute: float) -> tuple[Escalation, DuePage]:
    page = due_page(escalation, about, at(minute))
    assert page is not None
    return apply_page(escalation, page, ("ana",), at(minute)), page


def _resumed(escalation: Escalation, minute: float, why: str = ACKNOWLEDGED) -> Escalation:
    paused = pause(escalation, why)
    return apply_resumed(paused, resume(paused, at(minute)))


def test_when_an_acknowledgement_lapses_the_level_that_was_reached_is_paged_again() -> None:
    open_one = incident()
    escalation, _ = _paged(begun(open_one), open_one, 0)
    after = _resumed(escalation, 31)
    after, page = _paged(after, open_one, 31)
    assert page.level == "L1"
    assert next_page(after, open_one) == (at(33), "L1")
    later, page = _paged(after, open_one, 41)
    assert page.level == "L2"
    assert next_page(later, open_one) == (at(51), "L3")


def test_the_level_that_was_reached_is_never_below_what_was_paged() -> None:
    open_one = incident()
    escalation, _ = _paged(begun(open_one), open_one, 10)
    after, page = _paged(_resumed(escalation, 45), open_one, 45)
    assert page.level == "L2"
    assert next_page(after, open_one) == (at(55), "L3")


def test_deadlines_of_the_holder_run_on_whatever_is_acknowledged() -> None:
    held = incident(state="acknowledged", acknowledged_by="ana")
    after = _resumed(begun(incident()), 20)
    assert next_page(after, held) == (at(30), "L2")


def test_a_relapse_has_its_own_ladder() -> None:
    relapse = incident(spell=2, spell_detected_at=at(60))
    escalation = begun(relapse)
    page = due_page(escalation, relapse, at(60))
    assert page is not None and (page.level, page.due_at) == ("L1", at(60))


def test_a_page_is_overdue_when_it_is_more_than_a_minute_late() -> None:
    escalation, open_one = begun(incident()), incident()
    assert not is_overdue(escalation, open_one, at(1))
    assert is_overdue(escalation, open_one, at(1.1))
    assert not is_overdue(escalation, incident(state="monitoring"), at(90))
