"""Facts about which API is meant beside a daemon: never the local stack's where another was named."""

import json
from pathlib import Path

import pytest

from console.ops_api.errors import OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice

_ELSEWHERE = "http://127.0.0.1:1"


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a local stack that is up."""
    for name in ("API_URL", "ADMIN_TOKEN", "OPS_STEP"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "api-admin").write_text("local-token\n")
    (tmp_path / "stack.json").write_text(json.dumps({"ports": {"api": 7, "ops": 8}}))
    return tmp_path


def test_the_local_stacks_api_is_its_own_whatever_the_environment_says(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_URL", "http://elsewhere.example")
    choice = DaemonChoice(stack, None, None)
    assert (choice.address("api"), choice.read_token("api-admin")) == ("http://127.0.0.1:7", "local-token")


def test_beside_a_daemon_elsewhere_the_api_is_the_one_that_the_environment_names(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = DaemonChoice(stack, _ELSEWHERE, "t")
    with pytest.raises(UnreachableError, match="API_URL"):
        choice.address("api")
    with pytest.raises(OpsError, match="ADMIN_TOKEN"):
        choice.read_token("api-admin")
    monkeypatch.setenv("API_URL", "http://api.example/")
    monkeypatch.setenv("ADMIN_TOKEN", "far-token")
    assert (choice.address("api"), choice.read_token("api-admin")) == ("http://api.example", "far-token")


def test_where_no_stack_is_up_the_environment_names_the_api(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stack / "stack.json").unlink()
    choice = DaemonChoice(stack, None, None)
    with pytest.raises(UnreachableError, match="no stack is up"):
        choice.address("api")
    monkeypatch.setenv("API_URL", "http://api.example")
    assert choice.address("api") == "http://api.example"
