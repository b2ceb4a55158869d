"""Facts about the order of the board: what is a symptom stands under its cause."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from alerts.wire import AlertView
from console.model.board import AlertStore, sort_key
from tests.console.builders import alert


def _store(*alerts: AlertView) -> AlertStore:
    store = AlertStore()
    for one in alerts:
        store.apply(one)
    return store


def _names(store: AlertStore) -> list[str]:
    return [store.rows[f].alertname for f in store.order]


CAUSE = alert("APIDown", n=1)
OTHER = alert("DiskFull", n=2, age_s=10)
SYMPTOM = alert("APIHighErrorRate", n=3, severity="warning", inhibited_by=("APIDown",))


def test_a_symptom_stands_under_its_cause_whatever_its_own_severity() -> None:
    store = _store(OTHER, SYMPTOM, CAUSE)
    assert _names(store) == ["DiskFull", "APIDown", "APIHighErrorRate"]
    assert [store.is_symptom(f) for f in store.order] == [False, False, True]


def test_a_symptom_goes_along_when_its_cause_is_taken() -> None:
    store = _store(OTHER, SYMPTOM, CAUSE)
    store.apply(alert("APIDown", n=1, acknowledged_by="ana", version=2))
    second = alert("Another", n=4, age_s=500)
    store.apply(second)
    assert _names(store) == ["DiskFull", "Another", "APIDown", "APIHighErrorRate"]


def test_a_symptom_whose_cause_is_gone_stands_by_itself() -> None:
    store = _store(OTHER, SYMPTOM, CAUSE)
    store.remove(CAUSE.fingerprint)
    assert _names(store) == ["DiskFull", "APIHighErrorRate"]
    assert not store.is_symptom(SYMPTOM.fingerprint)


def test_a_symptom_stands_under_the_cause_of_its_own_service() -> None:
    store = _store(
        alert("Down", n=1, service="api", age_s=10),
        alert("Down", n=2, service="redis", age_s=20),
        alert("Slow", n=3, service="redis", severity="warning", inhibited_by=("Down",)),
    )
    assert [store.rows[f].service for f in store.order] == ["api", "redis", "redis"]


_ALERTS = st.lists(
    st.builds(
        lambda n, name, causes, severity, state, taken, version: alert(
            name, n=n, inhibited_by=causes, severity=severity, state=state, acknowledged_by=taken, version=version
        ),
        st.integers(0, 6), st.sampled_from("ABC"), st.sampled_from([(), (), ("A",), ("B",), ("A", "B")]),
        st.sampled_from(["critical", "warning"]), st.sampled_from(["firing", "resolved"]),
        st.sampled_from([None, "ana"]), st.just(0),
    ),
    max_size=25,
)  # fmt: skip


@given(_ALERTS, st.lists(st.integers(0, 6), max_size=5), st.booleans())
def test_however_rows_come_and_go_the_order_is_that_of_a_board_made_anew(
    alerts: Sequence[AlertView], gone: Sequence[int], ask_between: bool
) -> None:
    store = AlertStore()
    for one in alerts:
        store.apply(one)
        if ask_between:
            _ = store.order
    for n in gone:
        store.remove(f"{n:016x}")
    anew = _store(*store.rows.values())
    assert store.order == anew.order
    leading = [store.rows[f] for f in store.order if not store.is_symptom(f)]
    assert leading == sorted(leading, key=sort_key)
