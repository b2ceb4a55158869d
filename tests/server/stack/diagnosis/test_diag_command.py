"""Facts about `ops diag` on a whole stack: its exit codes, the way through a daemon, one request followed."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from server.stack.layout import Layout
from tests.stackwork import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


@contextmanager
def _stopped(stack: Stack, service: str) -> Iterator[None]:
    stack.ops("stop", service, "--confirm", f"stop-{service}")
    try:
        yield
    finally:
        stack.ops("start", service, "--confirm", f"start-{service}")
        until(lambda: stack.run("verify").returncode == 0, what="a good verification")


def _from_afar(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `ops` as somebody who has the daemon's address and a token, and no state folder."""
    stranger = Stack(Path("/nonexistent"), stack.port_base)
    stranger.env |= {"OPS_URL": stack.url("ops"), "OPS_TOKEN": stack.token("admin")}
    return stranger.run(*words)


def test_the_whole_report_has_every_part_and_ends_with_what_it_comes_to(local_stack: Stack) -> None:
    run = local_stack.run("diag")
    lines = run.stdout.splitlines()
    assert run.returncode in (0, 1)
    assert lines[-1].startswith("diag: ok" if run.returncode == 0 else "diag: wrong")
    for part in (
        "connections",
        "queries",
        "locks",
        "tables",
        "memory",
        "keys",
        "slowlog",
        "errors",
        "clients",
    ):
        assert any(line.startswith(f"{part}: ") for line in lines), part
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in run.stdout
    assert {section["name"] for section in local_stack.json("diag", expect=None)["sections"]} >= {"locks"}


@pytest.mark.slow
def test_what_does_not_answer_ends_with_three_and_a_step_may_ask_for_zero(local_stack: Stack) -> None:
    assert local_stack.run("diag", "memory").returncode in (0, 1)
    with _stopped(local_stack, "redis"):
        run = local_stack.run("diag", "memory")
        assert (run.returncode, run.stdout.splitlines()[-1]) == (3, "memory: Redis does not answer")
        assert "start it with ops act start-redis" in " ".join(run.stdout.split())
        assert local_stack.run("diag", "memory", "--exit-zero").returncode == 0
        whole = local_stack.run("diag")
        assert whole.returncode == 1
        assert whole.stdout.index("memory: Redis does not answer") < whole.stdout.index("connections: ")
        step = local_stack.json("run", "RedisDown", "slow-log")
        assert (step["state"], step["verdict"]) == ("succeeded", "unhealthy")
        assert "Redis does not answer" in step["stdout"]


@pytest.mark.slow
def test_a_stopped_database_hides_no_other_part(local_stack: Stack) -> None:
    with _stopped(local_stack, "postgres"):
        assert local_stack.run("diag", "locks").returncode == 3
        run = local_stack.run("diag")
        assert run.returncode == 1
        assert "locks: PostgreSQL does not answer" in run.stdout
        assert "\nmemory: ok\n" in run.stdout
        step = local_stack.json("run", "DatabaseDown", "check-connections")
        assert (step["state"], step["verdict"]) == ("succeeded", "unhealthy")


@pytest.mark.slow
def test_a_daemon_looks_for_somebody_far_away(local_stack: Stack) -> None:
    run = _from_afar(local_stack, "diag", "locks")
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "locks: ok")
    document = json.loads(_from_afar(local_stack, "diag", "connections", "--json").stdout)
    assert document["taken"] <= document["room"]
    with _stopped(local_stack, "redis"):
        assert _from_afar(local_stack, "diag", "memory").returncode == 3


def test_a_waited_for_lock_turns_the_verdict_of_the_runbooks_step(local_stack: Stack) -> None:
    assert local_stack.json("run", "DatabaseDown", "locks")["verdict"] == "healthy"
    layout = Layout.of_running(local_stack.state)
    assert layout is not None
    holder = psycopg2.connect(layout.database_url)
    waiter = psycopg2.connect(layout.database_url, async_=True)
    try:
        holder.cursor().execute("SELECT * FROM usage_daily FOR UPDATE")
        holder.cursor().execute("LOCK TABLE usage_daily")
        until(lambda: waiter.poll() == psycopg2.extensions.POLL_OK, what="the connection")
        waiter.cursor().execute("SELECT count(*) FROM usage_daily")
        step = until(
            lambda: (s := local_stack.json("run", "DatabaseDown", "locks"))["verdict"] == "unhealthy" and s
        )
        assert step["stdout"].splitlines()[-1].startswith("locks: waiting ")
    finally:
        waiter.close()
        holder.close()


def _fill(url: str, crowd: list[psycopg2.extensions.connection]) -> None:
    """Takes every connection that there is for everybody."""
    try:
        while len(crowd) < 60:
            crowd.append(psycopg2.connect(url))
    except psycopg2.OperationalError as error:
        assert "connection slots" in str(error)


def test_with_every_connection_taken_the_reader_still_gets_in_and_counts_them(local_stack: Stack) -> None:
    layout = Layout.of_running(local_stack.state)
    assert layout is not None
    crowd: list[psycopg2.extensions.connection] = []
    try:
        # Whoever lets a connection go meanwhile gives the crowd another place.
        for _ in range(5):
            _fill(layout.database_url, crowd)
            run = local_stack.run("diag", "connections")
            if run.stdout.splitlines()[-1] == "connections: 54 of 54 taken":
                break
        assert run.returncode == 1
        assert run.stdout.splitlines()[-1] == "connections: 54 of 54 taken"
    finally:
        for connection in crowd:
            connection.close()


def test_a_request_is_followed_by_its_id_and_an_unknown_one_says_where_it_looked(local_stack: Stack) -> None:
    key = local_stack.json("keys", "create", "followed")["key"]
    name = f"follow-me-{os.getpid()}"
    for each in (name, f"{name}-again", f"{name}-more"):
        request = urllib.request.Request(
            f"{local_stack.url('api')}/v1/analyze/",
            data=f'{{"prompt": "List three colours of {name}"}}'.encode(),
            headers={"X-API-Key": key, "Content-Type": "application/json", "X-Request-ID": each},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200
    found = until(
        lambda: (f := local_stack.json("diag", "request", name, expect=None)).get("rows") and f,
        what="the row",
    )
    assert found["verdict"] == "ok, answered 200"
    assert found["events"][0]["from"] == "request"
    assert {"API log", "request log", "provider"} <= {event["from"] for event in found["events"]}
    assert found["events"] == sorted(found["events"], key=lambda event: event["at"])
    assert found["rows"][0]["client"] == "followed"
    again = until(lambda: (f := local_stack.json("diag", "request", f"{name}-again"))["rows"] and f)
    assert any(event["what"].startswith("not called: the cache had") for event in again["events"])
    unknown = local_stack.run("diag", "request", "never-was")
    assert unknown.returncode == 1
    assert unknown.stdout.splitlines()[-1] == "request: not found"
    assert "20 MB and three older files" in " ".join(unknown.stdout.split())
    assert "REQUEST_LOG_RETENTION_MONTHS" in unknown.stdout


@pytest.mark.slow
def test_refused_clients_are_counted_by_reason(local_stack: Stack) -> None:
    before = local_stack.json("diag", "clients", expect=None)["refused_401"]
    request = urllib.request.Request(
        f"{local_stack.url('api')}/v1/analyze/", data=b"{}", headers={"X-API-Key": "sp_" + "0" * 64}
    )
    for _ in range(3):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10)
    until(lambda: local_stack.json("diag", "clients", expect=None)["refused_401"] >= before + 3)
    found = local_stack.json("diag", "clients", expect=None)
    assert found["clients"][0]["client"] == "(no known key)"
    # Nobody waits for a sample: what none has yet, the API counts.
    assert sum(found["reasons"].values()) >= 3


def test_without_a_stack_it_ends_with_three_and_says_what_to_do(tmp_path: Path) -> None:
    run = Stack(tmp_path, 1024).run("diag", "locks")
    assert run.returncode == 3
    assert "bring it up with ops up" in run.stderr
