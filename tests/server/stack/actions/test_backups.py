"""Facts about backups and rolling, on a real stack: what was lost comes back, and no request fails on the way."""

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.stackwork import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def _user(stack: Stack, name: str) -> str:
    return str(stack.json("users", "add", name, "--role", "approver")["token"])


def test_a_lost_key_comes_back_from_a_backup_that_two_people_restore(local_stack: Stack) -> None:
    stack = local_stack
    kept = stack.json("keys", "create", "kept-by-backup")["id"]
    done = stack.json("act", "backup", "--confirm", "backup")
    assert done["state"] == "succeeded", done
    name = done["stdout"].splitlines()[1].split(":")[0]
    stack.ops("psql", "--write", "--confirm", "psql-write", "-c", f"delete from api_keys where id = '{kept}'")
    assert kept not in stack.ops("keys", "list")

    asker, other = _user(stack, "bo"), _user(stack, "cy")
    words = ["act", "restore", "-p", f"name={name}"]
    alone = stack.run("--token", asker, *words, "--confirm", "structured_prompt_db")
    assert alone.returncode == 4
    assert "approval" in alone.stderr
    asked = stack.json("--token", asker, *words, "--ask-approval")
    assert stack.run("--token", asker, "approve", asked["id"]).returncode == 4
    stack.ops("--token", other, "approve", asked["id"])
    restored = stack.json("--token", asker, *words, "--confirm", "structured_prompt_db")
    assert restored["state"] == "succeeded", restored
    until(lambda: kept in stack.run("keys", "list").stdout, what="the key")
    until(lambda: stack.run("verify").returncode == 0, what="a good verification")


@pytest.mark.slow
def test_rolling_the_api_loses_no_request(local_stack: Stack) -> None:
    key = local_stack.json("keys", "create", "roller", "--rate-limit", "100000")["key"]
    stop = threading.Event()
    answers: list[Any] = []

    def ask() -> None:
        while not stop.is_set():
            answers.append(_ask(local_stack, key))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        master = local_stack.pid("api")
        for _ in range(2):
            before = len(answers)
            assert local_stack.json("act", "roll-api", "--confirm", "roll-api")["state"] == "succeeded"
            _until_more(answers, before + 200)
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert [answer for answer in answers if answer != 200] == []
    assert local_stack.pid("api") == master


def _until_more(answers: list[Any], count: int) -> None:
    until(lambda: len(answers) > count, what="requests after the roll")


def _ask(stack: Stack, key: str) -> Any:
    request = urllib.request.Request(
        f"{stack.url('api')}/v1/analyze/",
        data=json.dumps({"prompt": "List three colours"}).encode(),
        headers={"X-API-Key": key, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except (urllib.error.URLError, OSError) as error:
        return repr(error)
