"""Facts about maintenance under load: 500 requests a second run through each of it, and every one is answered well.

The load is half new connections, half kept ones, four hits to one miss; nothing is tried again.
"""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.loadwork import Load, load
from tests.stackwork import QUICK, Stack, prefer, stack_up, until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.xdist_group("nothing is lost"),
]

Done = dict[str, Any]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with stack_up(*QUICK) as stack:
        prefer(psutil.Process(stack.json("ps")[0]["pid"]))
        yield stack


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    return str(stack.json("keys", "create", "load", "--rate-limit", "100000000")["key"])


def act(stack: Stack, name: str, *params: str, confirm: str | None = None) -> Done:
    """Run an action to its good end."""
    words = [word for param in params for word in ("--param", param)]
    done: Done = stack.json("act", name, *words, "--confirm", confirm or name)
    assert done["state"] == "succeeded", done
    return done


def through(stack: Stack, key: str, *works: Callable[[], object]) -> None:
    """Each work under load, with load between and after; nothing may be lost, and the load must have been one."""
    with load(stack.url("api"), key) as calls:
        for work in works:
            work()
            Load.goes_on(calls, 500)
        count = calls.end()
    print(f"\n{count}")
    assert count.failures == {}, stack.ops("logs", "api", "--grep", "ERROR", "--tail", "20")
    assert count.good == count.sent
    assert count.sent >= 500 * (len(works) + 1)
    assert count.new_connections >= count.sent // 2
    assert 0 < count.hits < count.sent


def version(stack: Stack) -> str:
    """What the API says that it is."""
    with urllib.request.urlopen(f"{stack.url('api')}/v1/health", timeout=10) as answer:
        return str(json.load(answer)["version"])


def test_going_to_three_workers_and_back_to_one_loses_nothing(stack: Stack, key: str) -> None:
    def scaled_up() -> None:
        assert "workers 1 → 3" in act(stack, "scale-api", "workers=3")["stdout"]
        assert stack.json("ps")[0]["detail"].startswith("3 workers")

    def scaled_down() -> None:
        done = act(stack, "scale-api", "workers=1")
        assert "workers 3 → 1" in done["stdout"]
        assert done["verification"]["passed"] is True

    through(stack, key, scaled_up, scaled_down)


def test_a_zero_downtime_deployment_and_its_way_back_lose_nothing(stack: Stack, key: str) -> None:
    def step(name: str, *words: str) -> Done:
        done: Done = stack.json("run", "maintenance/ZeroDowntimeDeployment", name, *words)
        assert done["state"] == "succeeded", done
        return done

    before = ("run", "maintenance/ZeroDowntimeDeployment", "verify-before", "--json")

    def deployed(name: str) -> Callable[[], None]:
        def work() -> None:
            # On a busy machine one look may come too late; a person would look again before a deploy.
            until(lambda: stack.run(*before).returncode == 0, what="a service that is well before")
            step("mark", "--param", f"VERSION={name}", "--confirm", "deploy-marker")
            step("roll-api", "--confirm", "roll-api")
            assert version(stack) == name
            assert step("outdated")["verdict"] == "healthy"
            assert step("verify")["verdict"] == "healthy"

        return work

    def taken_back() -> None:
        done = step("rollback-api", "--confirm", "api")
        assert "rolled back from v2 to v1" in done["stdout"]
        assert version(stack) == "v1"

    act(stack, "scale-api", "workers=2")
    through(stack, key, deployed("v1"), deployed("v2"), taken_back)
    refused = stack.run("act", "rollback-api", "--confirm", "api")
    assert refused.returncode == 1
    assert "there is none before it" in refused.stderr


def test_a_migration_loses_nothing(stack: Stack, key: str) -> None:
    def unapply() -> None:
        for statement in (
            "DELETE FROM schema_migrations WHERE name = '0002_request_logs_brin'",
            "DROP INDEX IF EXISTS request_logs_created_at_brin",
        ):
            stack.ops("psql", "--write", "--confirm", "psql-write", "-c", statement)

    def migrated() -> None:
        done = act(stack, "migrate", confirm="structured_prompt_db")
        assert "applied 0002_request_logs_brin" in done["stdout"]

    unapply()
    through(stack, key, migrated, lambda: act(stack, "roll-api"))
