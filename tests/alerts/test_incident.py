"""An incident: its table of steps, acknowledgements, monitoring and breaches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.incident import (
    HELD_STATES,
    TRANSITIONS,
    AcknowledgedAgain,
    IllegalTransitionError,
    Incident,
    IncidentBreached,
    IncidentEvent,
    IncidentMoved,
    IncidentNoted,
    Verb,
    acknowledge,
    apply_incident_event,
    due,
    move,
    refire,
    takes_alert,
    verb_towards,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def incident(**fields: Any) -> Incident:
    values: dict[str, Any] = {
        "id": 7,
        "title": "API down",
        "service": "api",
        "alertname": "APIDown",
        "severity": "critical",
        "started_at": at(-1),
        "detected_at": NOW,
        "mttr_target_s": 300,
        "fingerprints": ("f1",),
    }
    return Incident(**(values | fields))


def after(known: Incident, event: IncidentEvent | None, minute: float, actor: str = "daemon") -> Incident:
    assert event is not None
    result = apply_incident_event(known, event, at(minute), actor)
    assert result is not None
    return result


def acknowledged(by: str = "ana", minute: float = 1) -> Incident:
    return after(incident(), acknowledge(incident(), at(minute)), minute, by)


def monitoring() -> Incident:
    held = acknowledged()
    return after(held, due(held, at(4), any_active=False, cleared_at=at(3), busy=False), 4)


def test_the_first_acknowledgement_wins_and_a_later_one_only_moves_its_end() -> None:
    held = acknowledged("ana", 1)
    again = acknowledge(held, at(5), timedelta(hours=2))
    assert isinstance(again, AcknowledgedAgain)
    later = after(held, again, 5, "bo")
    assert (later.acknowledged_by, later.acknowledged_at, later.acknowledged_until) == ("ana", at(1), at(125))


@pytest.mark.parametrize(("seconds", "counts"), [(9, False), (60, True)])
def test_an_acknowledgement_that_is_undone_at_once_was_none(seconds: int, counts: bool) -> None:
    held = acknowledged("ana", 1)
    let_go = after(held, move(held, Verb.UNACKNOWLEDGE), 1 + seconds / 60, "ana")
    assert (let_go.state, let_go.acknowledged_by) == ("open", None)
    assert (let_go.acknowledged_at is not None) is counts


def test_an_acknowledgement_lapses_after_half_an_hour_without_activity() -> None:
    held = acknowledged()
    assert due(held, at(31), any_active=True, cleared_at=None, busy=False) == IncidentBreached(
        id=7, deadline_at=at(5)
    )
    breached = after(held, IncidentBreached(id=7, deadline_at=at(5)), 6)
    assert due(breached, at(31), any_active=True, cleared_at=None, busy=False) is None
    lapsed = after(breached, due(breached, at(31.1), any_active=True, cleared_at=None, busy=False), 31.1)
    assert (lapsed.state, lapsed.acknowledged_by, lapsed.acknowledged_at) == ("open", None, at(1))


def test_a_note_keeps_an_acknowledgement_from_lapsing() -> None:
    held = after(acknowledged(), IncidentNoted(id=7, text="looking", noted_at=at(20)), 20)
    assert held.acknowledged_until == at(50)


def test_an_acknowledgement_survives_a_refire_of_the_same_severity() -> None:
    assert refire(acknowledged(), "critical", at(2)) is None


def test_a_higher_severity_breaks_an_acknowledgement() -> None:
    held = after(incident(severity="warning"), acknowledge(incident(), at(1)), 1, "ana")
    broken = after(held, refire(held, "critical", at(2)), 2)
    assert (broken.state, broken.acknowledged_by) == ("open", None)


def test_when_its_condition_clears_it_is_watched_and_mitigated_since_then() -> None:
    watched = monitoring()
    assert (watched.state, watched.mitigated_at, watched.acknowledged_by) == ("monitoring", at(3), "ana")


def test_fifteen_quiet_minutes_resolve_it() -> None:
    watched = monitoring()
    assert due(watched, at(17.9), any_active=False, cleared_at=at(3), busy=False) is None
    resolved = after(watched, due(watched, at(18), any_active=False, cleared_at=at(3), busy=False), 18)
    assert (resolved.state, resolved.mitigated_at, resolved.resolved_at) == ("resolved", at(3), at(18))


def test_a_change_step_that_runs_holds_the_resolution_back() -> None:
    assert due(monitoring(), at(60), any_active=False, cleared_at=at(3), busy=True) is None


def test_a_refire_while_watched_returns_to_whoever_holds_it() -> None:
    watched = monitoring()
    again = after(watched, due(watched, at(6), any_active=True, cleared_at=None, busy=False), 6)
    assert (again.state, again.acknowledged_by, again.mitigated_at) == ("acknowledged", "ana", None)


def test_a_refire_within_the_hour_reopens_it_and_later_is_another_incident() -> None:
    resolved = incident(state="resolved", resolved_at=at(20))
    assert takes_alert(resolved, "api", "APIDown", at(80))
    assert not takes_alert(resolved, "api", "APIDown", at(80.1))
    reopened = after(resolved, refire(resolved, "critical", at(30)), 30)
    assert (reopened.state, reopened.resolved_at) == ("open", None)


def test_a_relapse_is_a_spell_of_its_own_with_its_own_detection_and_deadline_and_nobody_on_it() -> None:
    resolved = after(monitoring(), move(monitoring(), Verb.RESOLVE), 18)
    resolved = msgspec.structs.replace(resolved, breached_at=at(6))
    relapse = after(resolved, refire(resolved, "critical", at(40)), 40)
    assert (relapse.spell, relapse.began_at, relapse.mttr_deadline_at) == (2, at(40), at(45))
    assert (relapse.detected_at, relapse.acknowledged_by, relapse.acknowledged_at) == (NOW, None, None)
    assert (relapse.breached_at, relapse.mitigated_at) == (None, None)
    assert due(relapse, at(41), any_active=True, cleared_at=None, busy=False) is None
    assert due(relapse, at(45.1), any_active=True, cleared_at=None, busy=False) == IncidentBreached(
        id=7, deadline_at=at(45)
    )


def test_that_it_is_resolved_while_it_fires_is_a_claim_that_stands_for_two_evaluations() -> None:
    claimed = after(incident(), move(incident(), Verb.RESOLVE, reason="it is the probe"), 1)
    assert due(claimed, at(1.4), any_active=True, cleared_at=None, busy=False) is None
    reopened = after(claimed, due(claimed, at(1.6), any_active=True, cleared_at=None, busy=False), 1.6)
    assert (reopened.state, reopened.spell) == ("open", 1)
    assert due(claimed, at(1.6), any_active=False, cleared_at=at(1.2), busy=False) is None


def test_an_alert_of_another_service_is_another_incident() -> None:
    assert not takes_alert(incident(), "status", "APIDown", at(1))


def test_a_target_that_is_gone_is_recorded_once() -> None:
    event = due(incident(), at(5.1), any_active=True, cleared_at=None, busy=False)
    assert event == IncidentBreached(id=7, deadline_at=at(5))
    breached = after(incident(), event, 5.1)
    assert due(breached, at(6), any_active=True, cleared_at=None, busy=False) is None


def test_a_closed_incident_is_left_alone_by_the_clock() -> None:
    assert due(incident(state="closed"), at(999), any_active=True, cleared_at=None, busy=False) is None


def test_an_illegal_step_says_where_the_incident_is() -> None:
    with pytest.raises(IllegalTransitionError, match="incident 7 is open; close is not possible"):
        move(incident(), Verb.CLOSE)


def test_a_person_cannot_ask_for_what_only_the_clock_does() -> None:
    assert verb_towards(incident(state="acknowledged"), "open") is Verb.UNACKNOWLEDGE


@given(st.lists(st.tuples(st.sampled_from(list(Verb)), st.floats(0, 5)), max_size=12))
def test_whatever_happens_versions_grow_and_held_states_have_a_holder(
    steps: list[tuple[Verb, float]],
) -> None:
    known, minute = incident(), 0.0
    for verb, passed in steps:
        minute += passed
        if (known.state, verb) not in TRANSITIONS:
            continue
        event: IncidentMoved = move(known, verb)
        changed = after(known, event, minute, "ana")
        assert changed.version == known.version + 1
        assert (changed.acknowledged_by is not None) or changed.state not in HELD_STATES
        assert (changed.mitigated_at is not None) or changed.state not in ("monitoring", "resolved")
        known = changed
