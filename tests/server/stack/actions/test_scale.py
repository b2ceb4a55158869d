"""Facts about the number of workers: what it needs, what refuses it, where it shows, and what a light load says of it."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from server.stack.actions.scale import TooManyWorkersError, connections_suffice, memory_suffices
from server.stack.verify.light_load import NoResultError, light_load
from tests.stackwork import Stack, until

MB = 1024 * 1024


def test_workers_need_their_pools_and_one_more_for_the_moment_of_their_replacement() -> None:
    assert "(3 + 1 while they are replaced) × 8 connections = 32" in connections_suffice(3, 54, 2)


@pytest.mark.parametrize(("workers", "places", "others"), [(6, 56, 0), (5, 54, 6)])
def test_as_many_as_the_connections_suffice_for_are_allowed(workers: int, places: int, others: int) -> None:
    connections_suffice(workers, places, others)
    with pytest.raises(TooManyWorkersError):
        connections_suffice(workers + 1, places, others)


def test_too_many_for_the_database_are_refused_with_every_number_and_the_way_out() -> None:
    with pytest.raises(
        TooManyWorkersError,
        match=r"= 80; PostgreSQL has 54, 2 of them .* at most 5 workers, or raise max_conn",
    ):
        connections_suffice(9, 54, 2)


def test_too_many_for_the_memory_are_refused_with_the_numbers() -> None:
    memory_suffices(2, 200 * MB)
    with pytest.raises(
        TooManyWorkersError, match="3 more workers need about 300 MB of memory, and 200 MB are available"
    ):
        memory_suffices(3, 200 * MB)


@pytest.mark.parametrize(
    "words", [("actions.scale", "set", "2"), ("actions.deploy", "roll"), ("actions.deploy", "back")]
)
def test_without_an_api_each_program_is_one_clear_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    run = _program(tmp_path, *words)
    assert run.returncode == 1
    assert "ops act start-api" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_light_load_on_an_api_that_is_away_fails(tmp_path: Path) -> None:
    run = _program(
        tmp_path, "verify.verify", "--only", "load", "--seconds", "1", API_URL="http://127.0.0.1:1"
    )
    assert run.returncode == 1
    assert "verdict: failed" in run.stdout


def test_a_light_load_in_which_nothing_was_answered_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        with pytest.raises(
            NoResultError, match=r"no request had ended when the time was over \(2 callers, 1 s"
        ):
            light_load(f"http://{host}:{port}", "a key", seconds=1, users=2)


def _program(state: Path, module: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"server.stack.{module}", *words],
        env={**os.environ, "OPS_STATE": str(state), **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_the_number_of_workers_shows_in_ps_and_in_health_and_goes_back(local_stack: Stack) -> None:
    pid = local_stack.pid("api")
    up = local_stack.json("act", "scale-api", "--param", "workers=2", "--for", "1h", "--confirm", "scale-api")
    assert up["state"] == "succeeded", up
    assert up["verification"]["passed"] is True
    assert local_stack.json("ps")[0]["detail"].startswith("2 workers until ")
    with urllib.request.urlopen(f"{local_stack.url('api')}/v1/health", timeout=10) as answer:
        assert json.load(answer)["workers"] == 2
    down = local_stack.json("act", "scale-api", "--param", "workers=1", "--confirm", "scale-api")
    assert "workers 2 → 1" in down["stdout"]
    assert local_stack.json("ps")[0]["detail"].startswith("1 worker,")
    assert local_stack.pid("api") == pid


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_more_workers_than_the_database_has_connections_for_are_refused_before_anything_changes(
    local_stack: Stack,
) -> None:
    run = local_stack.run("act", "scale-api", "--param", "workers=20", "--confirm", "scale-api")
    assert run.returncode == 1
    assert "× 8 connections = 168; PostgreSQL has" in run.stderr
    assert "nothing was changed" in run.stdout + run.stderr
    assert local_stack.json("ps")[0]["detail"].startswith("1 worker,")


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
def test_a_light_load_says_requests_failures_and_the_95th_percentile(local_stack: Stack) -> None:
    until(lambda: local_stack.run("verify").returncode == 0, what="a good verification")
    done = local_stack.json("act", "load-test", "--param", "seconds=10")
    assert done["state"] == "succeeded", done
    assert "failures 0, p95" in done["stdout"]
