"""Facts about the shelf's actions: those that destroy each other's work exclude each other, and each looks first."""

from itertools import combinations

import pytest

from runbooks.engine.action import Action, load_actions
from tests.paths import CHECKOUT

ACTIONS = load_actions((CHECKOUT / "runbooks" / "actions.yml").read_text())
GROUPS = {
    "the database": (
        "backup",
        "restore",
        "migrate",
        "create-index",
        "terminate-long-queries",
        "reset-db-connections",
        "start-postgres",
        "stop-postgres",
        "restart-postgres",
        "hold-postgres",
        "restart-all",
    ),
    "releases": ("roll-api", "rollback-api", "deploy-marker"),
    "the API's workers": (
        "roll-api",
        "rollback-api",
        "scale-api",
        "start-api",
        "stop-api",
        "restart-api",
        "restart-all",
    ),
    "Redis": ("clear-cache", "start-redis", "stop-redis", "restart-redis", "hold-redis", "restart-all"),
    "the evaluator": ("start-evaluator", "stop-evaluator", "restart-evaluator", "restart-all"),
    "the status page": ("start-status", "stop-status", "restart-status", "restart-all"),
}
_LOOKS_AT_NOTHING = {"hold-postgres", "hold-redis"}
"""They change nothing themselves."""
_CANNOT_BE_MEASURED = {"stop-evaluator", *_LOOKS_AT_NOTHING}
"""What measures is what was stopped; or there is no effect to measure."""


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_actions_that_destroy_each_others_work_share_a_key(group: tuple[str, ...]) -> None:
    apart = [
        (one, other)
        for one, other in combinations(group, 2)
        if not {*ACTIONS[one].locks} & {*ACTIONS[other].locks}
    ]
    assert apart == []


def changes() -> list[Action]:
    return [action for action in ACTIONS.values() if action.kind != "read"]


def test_whatever_changes_something_looks_first_on_every_target_where_it_can() -> None:
    without = {action.name for action in changes() if "local" not in action.precheck}
    assert without == _LOOKS_AT_NOTHING


def test_whatever_changes_something_is_verified_against_a_live_metric() -> None:
    assert {action.name for action in changes() if action.verify is None} == _CANNOT_BE_MEASURED
