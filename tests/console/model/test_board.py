"""Facts about the store: order, filter, freeze, counts."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.board import AlertStore, sort_key
from console.model.filter import FilterError, parse_filter
from tests.console.builders import alert


def _store(*alerts: object) -> AlertStore:
    store = AlertStore()
    store.replace(alerts)  # type: ignore[arg-type]  # only alerts are given
    return store


CRITICAL, WARNING, INFO = alert(n=1), alert("B", n=2, severity="warning"), alert("C", n=3, severity="info")


def test_severe_alerts_come_first() -> None:
    assert _store(INFO, CRITICAL, WARNING).order == [
        CRITICAL.fingerprint,
        WARNING.fingerprint,
        INFO.fingerprint,
    ]


def test_an_acknowledged_alert_goes_below_the_untaken_of_its_severity() -> None:
    other = alert("D", n=4, age_s=1)
    taken = msgspec.structs.replace(CRITICAL, acknowledged_by="ana", version=2)
    store = _store(CRITICAL, other)
    store.apply(taken)
    assert store.order == [other.fingerprint, taken.fingerprint]


def test_an_older_version_changes_nothing() -> None:
    store = _store(msgspec.structs.replace(CRITICAL, version=5))
    store.apply(msgspec.structs.replace(CRITICAL, version=4, severity="info"))
    assert store.rows[CRITICAL.fingerprint].severity == "critical"


def test_while_frozen_new_rows_wait_and_old_ones_stay() -> None:
    store = _store(WARNING)
    store.freeze()
    store.apply(CRITICAL)
    store.remove(WARNING.fingerprint)
    assert store.order == [WARNING.fingerprint]
    assert store.waiting == {CRITICAL.fingerprint}
    assert store.counts.critical == 1
    store.thaw()
    assert store.order == [CRITICAL.fingerprint]
    assert store.waiting == set()


def test_an_empty_list_keeps_nobody_waiting() -> None:
    store = _store()
    store.freeze()
    store.apply(CRITICAL)
    assert (store.order, store.waiting) == ([CRITICAL.fingerprint], set())
    store.apply(WARNING)
    assert (store.order, store.waiting) == ([CRITICAL.fingerprint], {WARNING.fingerprint})


def test_a_wrong_filter_leaves_the_old_one() -> None:
    store = _store(CRITICAL, WARNING)
    store.set_filter("sev:crit")
    with pytest.raises(FilterError):
        store.set_filter("sev:odd")
    assert store.order == [CRITICAL.fingerprint]
    assert store.filter_text == "sev:crit"


def test_a_snapshot_replaces_everything_but_the_filter() -> None:
    store = _store(CRITICAL, WARNING)
    store.set_filter("sev:>=warning")
    store.replace([INFO, WARNING])
    store.keep_only({INFO.fingerprint, WARNING.fingerprint})
    assert store.order == [WARNING.fingerprint]
    assert (store.counts.critical, store.counts.warning, store.counts.info) == (0, 1, 1)


def test_pending_and_resolved_alerts_are_not_counted() -> None:
    store = _store(
        msgspec.structs.replace(CRITICAL, state="pending"), msgspec.structs.replace(WARNING, state="resolved")
    )
    assert (store.counts.critical, store.counts.warning) == (0, 0)


_alerts = st.builds(
    alert,
    st.sampled_from(["A", "B"]),
    n=st.integers(0, 6),
    age_s=st.integers(0, 5),
    severity=st.sampled_from(["critical", "warning", "info"]),
    state=st.sampled_from(["firing", "pending", "resolved", "stale"]),
    acknowledged_by=st.sampled_from([None, "ana"]),
    version=st.just(0),
)
_FILTERS = ("", "sev:crit", "api", "api d", "api down", "api down ana", "down", "API ana", "!api")
_moves = st.lists(
    st.one_of(_alerts, st.sampled_from(["freeze", "thaw", *_FILTERS]), st.integers(0, 6)), max_size=40
)


@given(_moves)
def test_after_any_moves_the_order_is_what_sorting_afresh_would_give(moves: list[object]) -> None:
    store = AlertStore()
    for move in moves:
        if isinstance(move, int):
            store.remove(f"{move:016x}")
        elif move == "freeze":
            store.freeze()
        elif move == "thaw":
            store.thaw()
        elif isinstance(move, str):
            store.set_filter(move)
        else:
            store.apply(move)  # type: ignore[arg-type]  # what is left is an alert
    store.thaw()
    shown = list(filter(parse_filter(store.filter_text), store.rows.values()))
    assert store.order == [a.fingerprint for a in sorted(shown, key=sort_key)]
    unresolved = [a for a in store.rows.values() if a.state in ("firing", "stale")]
    assert store.counts.critical == sum(a.severity == "critical" for a in unresolved)
    assert [store.index_of(f) for f in store.order] == list(range(len(store.order)))


@pytest.mark.parametrize(
    "mute", [{"silenced_by": ("s",)}, {"inhibited_by": ("APIDown",)}, {"maintenance": ("1",)}]
)
def test_a_muted_critical_is_counted_apart_and_rings_no_bell_until_it_is_heard_again(
    mute: dict[str, Any],
) -> None:
    store = _store(alert(n=1, **mute), alert(n=2))
    assert (store.counts.critical, store.counts.muted) == (1, 1)
    assert store.firing_criticals == {alert(n=2).fingerprint}
    store.apply(alert(n=1, version=2))
    assert (store.counts.critical, store.counts.muted) == (2, 0)
    assert alert(n=1).fingerprint in store.firing_criticals
    store.remove(alert(n=1).fingerprint)
    assert (store.counts.critical, store.counts.muted) == (1, 0)


def test_what_fires_stands_before_what_is_over_and_the_newest_of_a_kind_first() -> None:
    over = alert("Over", n=101, state="resolved")
    old, new = (
        alert("Old", n=102, severity="warning", age_s=900),
        alert("New", n=103, severity="warning", age_s=9),
    )
    pending = alert("Pending", n=104, state="pending")
    assert _store(over, old, pending, new).order == [a.fingerprint for a in (new, old, pending, over)]
