"""What the link keeps of the alerts that it hands over."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alerts.wire import AlertView
from console.ops_api.feed import SharedValues
from tests.console.builders import alert


def _decoded(view: AlertView) -> AlertView:
    return msgspec.json.decode(msgspec.json.encode(view), type=AlertView)


@given(
    st.lists(st.dictionaries(st.sampled_from(["team", "host", "zone"]), st.text(max_size=120)), max_size=8)
)
def test_alerts_with_shared_texts_are_what_they_were(labels: list[dict[str, str]]) -> None:
    shared = SharedValues()
    for each in labels:
        view = alert(labels=each, annotations=each, service=each.get("team", ""))
        taken = _decoded(view)
        shared.share(taken)
        assert taken == view


def test_texts_that_alerts_have_in_common_are_there_once() -> None:
    shared = SharedValues()
    first, second = (_decoded(alert(labels={"team": "platform"}, source="prometheus")) for _ in range(2))
    assert first.labels["team"] is not second.labels["team"]
    for view in (first, second):
        shared.share(view)
    assert first.labels["team"] is second.labels["team"]
    assert first.source is second.source


def test_what_is_in_one_alert_only_does_not_pile_up() -> None:
    shared = SharedValues()
    for n in range(10_000):
        shared.share(alert(labels={"instance": f"host-{n}"}))
    assert len(shared) < 5_000
