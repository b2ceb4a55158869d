"""What the console knows of an incident never goes back, whoever brings it; a snapshot alone says how everything is."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alerts.wire import IncidentView
from console.model.situation import Situation
from console.ops_api.feed import Feed, ServerSnapshot
from tests.console.model.test_record_filter import INCIDENT


class _SilentFeed(Feed):
    def __init__(self) -> None:
        pass


def _at(version: int) -> IncidentView:
    return msgspec.structs.replace(INCIDENT, version=version, title=f"as of {version}")


@given(st.lists(st.integers(1, 9), min_size=1))
def test_the_newest_version_is_known_in_whatever_order_they_come(versions: list[int]) -> None:
    situation = Situation(_SilentFeed())
    for version in versions:
        situation.take(_at(version))
    assert situation.board.incidents[INCIDENT.id].title == f"as of {max(versions)}"


def test_a_snapshot_replaces_what_was_known() -> None:
    situation = Situation(_SilentFeed())
    situation.learn(msgspec.structs.replace(INCIDENT, version=9))
    older = msgspec.structs.replace(INCIDENT, version=2)
    situation.take(ServerSnapshot(frozenset(), (older,), ()))
    assert situation.board.incidents == {INCIDENT.id: older}
