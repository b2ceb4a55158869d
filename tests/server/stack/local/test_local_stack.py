"""Facts about the local stack, on a real one: what `ops` does, and what is left when it is down."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.stackwork import QUICK, Stack, free_port_base, stack_up, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def test_every_service_is_up_with_its_address(local_stack: Stack) -> None:
    services = {view["name"]: view for view in local_stack.json("ps")}
    assert set(services) == {"api", "evaluator", "ops", "postgres", "redis", "status"}
    assert {view["state"] for view in services.values()} == {"running"}
    assert services["api"]["url"] == local_stack.url("api")


def test_psql_reads_and_cannot_write(local_stack: Stack) -> None:
    assert "structured_prompt_read" in local_stack.ops("psql", "-Atc", "select current_user")
    run = local_stack.run("psql", "-c", "create table public.x (a int)")
    assert run.returncode != 0
    assert "permission denied" in run.stderr


def test_psql_may_write_when_that_is_confirmed(local_stack: Stack) -> None:
    assert local_stack.run("psql", "--write", "-c", "select 1").returncode == 4
    out = local_stack.ops("psql", "--write", "--confirm", "psql-write", "-Atc", "select current_user")
    assert out.strip() == "structured_prompt"


def test_redis_cli_reads_and_cannot_write_or_block(local_stack: Stack) -> None:
    assert local_stack.ops("redis-cli", "PING").strip() == "PONG"
    for words in (("SET", "a", "b"), ("FLUSHDB",), ("KEYS", "*")):
        run = local_stack.run("redis-cli", *words)
        assert "NOPERM" in run.stdout + run.stderr


def test_a_key_made_on_the_command_line_opens_the_api(local_stack: Stack) -> None:
    key = local_stack.json("keys", "create", "newcomer", "--rate-limit", "50")
    assert key["rate_limit_per_hour"] == 50
    request = urllib.request.Request(
        f"{local_stack.url('api')}/v1/analyze/",
        data=json.dumps({"prompt": "Translate 'good morning' into French"}).encode(),
        headers={"X-API-Key": key["key"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        document = json.load(answer)
    assert document["data"]["intent"] == "translate"
    assert document["validated"] is True


def test_verification_after_an_incident_finds_a_healthy_service(local_stack: Stack) -> None:
    until(lambda: local_stack.run("verify").returncode == 0, what="a good verification")
    report = local_stack.json("verify")
    assert {check["name"] for check in report["checks"]} == {"health", "analyze", "metrics", "errors"}


def test_a_second_up_joins_what_runs(local_stack: Stack) -> None:
    pid = local_stack.pid("api")
    local_stack.ops("up", "--detach")
    assert local_stack.pid("api") == pid


def test_logs_follow_one_request(local_stack: Stack) -> None:
    request = urllib.request.Request(
        f"{local_stack.url('api')}/v1/nothing", headers={"X-Request-ID": "follow-me-1"}
    )
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(request, timeout=10)
    until(
        lambda: "follow-me-1" in local_stack.ops("logs", "api", "--request-id", "follow-me-1"),
        what="the log line",
    )


def test_an_unconfirmed_change_without_a_terminal_is_refused(local_stack: Stack) -> None:
    run = local_stack.run("stop", "redis")
    assert run.returncode == 4
    assert "--confirm stop-redis" in run.stderr
    assert next(view["state"] for view in local_stack.json("ps") if view["name"] == "redis") == "running"


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        stack = Stack(tmp_path, port)
        run = stack.run("up", "--detach", "--port-base", str(port))
    assert run.returncode == 1
    assert f"port {port} (api) is taken" in run.stderr
    assert "--port-base" in run.stderr
    assert "Traceback" not in run.stderr


def test_without_a_stack_every_command_says_how_to_get_one(tmp_path: Path) -> None:
    for words in (("alerts",), ("ps",), ("psql",), ("act", "--list"), ("verify",)):
        run = Stack(tmp_path, 1).run(*words)
        assert run.returncode in (1, 3), words
        assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_a_stack_that_was_killed_is_recovered_and_leaves_nothing() -> None:
    with stack_up(*QUICK) as stack:
        supervisord = int((stack.state / "run" / "supervisord.pid").read_text())
        key = stack.json("keys", "create", "kept")["id"]
        before = {view["name"]: view["pid"] for view in stack.json("ps")}
        os.kill(supervisord, signal.SIGKILL)
        assert "ending" in stack.ops("up", "--detach")
        assert stack.pid("redis") != before["redis"]
        assert not any(Path(f"/proc/{pid}").exists() for pid in before.values())
        until(lambda: key in stack.run("keys", "list").stdout, what="the key after a restart")
        stack.ops("down")
        assert not (stack.state / "run").exists()
        assert _processes_of(stack.state) == []
        assert "nothing was up" in stack.ops("down")


_HEARING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Hears Ctrl-C although whoever runs the tests may have been started without an ear for it, as behind a shell's &."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_up_that_is_interrupted_takes_down_what_it_has_begun(number: signal.Signals) -> None:
    moments: list[Callable[[psutil.Process, Path], object]] = [
        lambda process, _: process.children(),
        lambda _, state: (state / "postgres").exists(),
        lambda _, state: (state / "run" / "supervisord.pid").exists(),
    ]
    # The name is short: where it is not, sockets and pid files go elsewhere.
    with tempfile.TemporaryDirectory(prefix="sps-up-") as folder:
        stack = Stack(Path(folder), free_port_base())
        for moment in moments:
            process = subprocess.Popen(
                [sys.executable, "-c", _HEARING, "-m", "console", "up", "--no-console", "--port-base", str(stack.port_base)],
                env=stack.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            try:
                until(partial(moment, psutil.Process(process.pid), stack.state), what="the moment")
            finally:
                process.send_signal(number)
                said, _ = process.communicate(timeout=60)
            assert (process.returncode, "Traceback" in said) == (130, False), said
            assert _processes_of(stack.state) == []
            assert not (stack.state / "run").exists()


def test_who_joined_is_told_when_the_stack_is_ended() -> None:
    with stack_up(*QUICK) as stack:
        joined = subprocess.Popen(
            [sys.executable, "-m", "console", "up", "--no-console"],
            env=stack.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert joined.stdout is not None
            for line in joined.stdout:
                if "Ctrl-C leaves it running" in line:
                    break
            stack.ops("down")
            said, _ = joined.communicate(timeout=30)
        finally:
            joined.kill()
            joined.wait()
        assert "the stack is gone" in said
        assert joined.returncode == 0


def _processes_of(state: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(state).encode() in environment + command and command:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def test_a_write_by_hand_is_journalled(local_stack: Stack) -> None:
    local_stack.ops("psql", "--write", "--confirm", "psql-write", "-Atc", "select 41 + 1")
    rows = local_stack.json("audit", "show", "--limit", "200")
    assert any(row["kind"] == "hand.done" and "select 41 + 1" in row["body"]["text"] for row in rows)


def test_one_write_by_hand_may_follow_the_other_at_once(local_stack: Stack) -> None:
    for _ in range(5):
        local_stack.ops("psql", "--write", "--confirm", "psql-write", "-Atc", "select 1")


def test_the_audit_chain_is_sound_and_exported_with_its_head(local_stack: Stack) -> None:
    assert local_stack.json("audit", "verify")["ok"] is True
    lines = local_stack.ops("audit", "export").splitlines()
    assert set(json.loads(lines[-1])) == {"head"}
    assert json.loads(lines[0])["seq"] == 1


def test_read_only_refuses_changes_with_its_reason(local_stack: Stack) -> None:
    local_stack.ops("read-only", "on", "--reason", "the disk is being exchanged")
    try:
        run = local_stack.run("restart", "status", "--confirm", "restart-status")
        assert run.returncode == 4
        assert "the disk is being exchanged" in run.stderr
        assert local_stack.json("run", "APIDown", "check-process")["state"] == "succeeded"
    finally:
        local_stack.ops("read-only", "off")


def test_a_user_acts_in_their_own_name_and_a_revoked_one_no_longer(local_stack: Stack) -> None:
    token = local_stack.json("users", "add", "ana", "--role", "responder")["token"]
    status = local_stack.json("--token", token, "restart", "status", "--confirm", "restart-status")
    assert status["actor"] == "ana"
    destructive = local_stack.run("--token", token, "act", "restart-all", "--confirm", "all")
    assert destructive.returncode == 4
    local_stack.ops("users", "revoke", "ana")
    assert local_stack.run("--token", token, "alerts").returncode == 4


def test_the_daemon_answers_once_its_restart_is_said_to_be_done(local_stack: Stack) -> None:
    assert "does not answer" not in local_stack.ops("restart", "ops", "--confirm", "restart-ops")
    assert local_stack.run("alerts").returncode == 0
