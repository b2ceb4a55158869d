"""Facts about tuning actions on a real stack: live at once, without a restart, and taken back the same way."""

import json
import urllib.request
from typing import Any

import pytest

from tests.stackwork import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def _settings(stack: Stack) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{stack.url('api')}/v1/settings", headers={"Authorization": f"Bearer {stack.token('api-admin')}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


def _act(stack: Stack, name: str, *params: str, **more: str) -> dict[str, Any]:
    words = [word for param in params for word in ("--param", param)]
    words += [word for option, value in more.items() for word in (f"--{option}", value)]
    done: dict[str, Any] = stack.json("act", name, *words, "--confirm", more.pop("confirm", name))
    assert done["state"] == "succeeded", done
    return done


def test_the_cache_time_changes_live_and_for_a_while(local_stack: Stack) -> None:
    pid = local_stack.pid("api")
    done = _act(local_stack, "set-cache-ttl", "seconds=7200", **{"for": "1h"})
    assert "→ 7200 s" in done["stdout"]
    assert done["until_at"] is not None
    settings = until(
        lambda: (
            _settings(local_stack)
            if _settings(local_stack)["settings"]["cache_default_ttl"] == 7200
            else None
        )
    )
    assert [each["name"] for each in settings["temporary"]] == ["cache_default_ttl"]
    assert local_stack.pid("api") == pid


def test_a_dry_run_checks_and_changes_nothing(local_stack: Stack) -> None:
    before = _settings(local_stack)["settings"]
    dry = local_stack.json("act", "set-cache-ttl", "--param", "seconds=77", "--dry-run")
    assert (dry["state"], dry["dry_run"]) == ("succeeded", True)
    assert f"the cache TTL is {before['cache_default_ttl']} s now" in dry["stdout"]
    assert _settings(local_stack)["settings"] == before
    said = local_stack.ops("act", "switch-provider", "--param", "name=nobody", "--dry-run", expect=1)
    assert "server.stack.actions.settings" in said
    assert "server.stack.actions.settings --check provider nobody" in said


@pytest.mark.slow
def test_the_limit_of_one_key_changes(local_stack: Stack) -> None:
    local_stack.json("keys", "create", "one-of-a-kind")
    done = _act(local_stack, "set-rate-limit", "per_hour=10000", "key=one-of-a-kind")
    assert "→ 10000" in done["stdout"]


@pytest.mark.slow
def test_a_blocked_client_is_refused_and_let_in_again(local_stack: Stack) -> None:
    key = local_stack.json("keys", "create", "noisy")["key"]
    _act(local_stack, "block-client", "client=noisy")
    until(lambda: _status(local_stack, key) == 403, what="the refusal")
    _act(local_stack, "unblock-client", "client=noisy")
    until(lambda: _status(local_stack, key) == 200, what="being let in")


def _status(stack: Stack, key: str) -> int:
    request = urllib.request.Request(
        f"{stack.url('api')}/v1/analyze/",
        data=b'{"prompt": "List three colours"}',
        headers={"X-API-Key": key, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_connections_are_ended_and_the_service_goes_on(local_stack: Stack) -> None:
    assert "connections ended" in _act(local_stack, "reset-db-connections")["stdout"]
    until(lambda: local_stack.run("verify").returncode == 0, what="a good verification")


def test_an_index_is_built_and_building_it_again_changes_nothing(local_stack: Stack) -> None:
    _act(local_stack, "create-index", "table=request_logs", "column=path")
    assert "there already" in _act(local_stack, "create-index", "table=request_logs", "column=path")["stdout"]
    found = local_stack.ops(
        "psql", "-Atc", "select indisvalid from pg_index where indexrelid = 'idx_request_logs_path'::regclass"
    )
    assert found.strip() == "t"


def test_an_index_on_a_column_that_is_not_there_fails_and_leaves_nothing(local_stack: Stack) -> None:
    run = local_stack.run(
        "act", "create-index", "-p", "table=request_logs", "-p", "column=nothing", "--confirm", "create-index"
    )
    assert run.returncode == 1
    assert "nothing" in run.stderr


def test_a_hostile_parameter_is_refused_before_anything_runs(local_stack: Stack) -> None:
    run = local_stack.run(
        "act",
        "create-index",
        "-p",
        "table=x; drop table api_keys",
        "-p",
        "column=a",
        "--confirm",
        "create-index",
    )
    assert run.returncode in (2, 4)
    assert "must match" in run.stderr
