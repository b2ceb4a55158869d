"""Facts about what a step may: whose addresses and tokens it has, as whom it runs, and what no parameter is called."""

import getpass
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from runbooks.engine.params import ParameterError, bind_params, declare_params
from runbooks.wire import ParamView
from server.ops.config import OpsConfig, OpsConfigError
from server.ops.executions.step_environment import StepEnvironment
from server.ops.executions.step_user import blocked_at
from tests.paths import CHECKOUT
from tests.server.ops.conftest import Start

READ, WRITE = "postgresql://reader:r@db/p", "postgresql://writer:w@db/p"


def environment(**more: str) -> StepEnvironment:
    env = {"DATABASE_URL": WRITE, "REDIS_URL": "redis://w:w@r", "OPS_STATE": "/nowhere/var", **more}
    return StepEnvironment(OpsConfig.from_env(env), env, "http://127.0.0.1:8001")


def test_a_step_that_reads_has_the_readers_addresses_and_one_that_writes_the_writers() -> None:
    both = environment(DATABASE_READ_URL=READ, REDIS_READ_URL="redis://r:r@r")
    reads, writes = both.environment("t"), both.environment(None, writes=True)
    assert (reads["DATABASE_URL"], reads["REDIS_URL"]) == (READ, "redis://r:r@r")
    assert (writes["DATABASE_URL"], writes["REDIS_URL"]) == (WRITE, "redis://w:w@r")


def test_a_step_that_reads_has_no_address_where_no_reader_is_known() -> None:
    env = environment().environment("t")
    assert [name for name in env if "DATABASE" in name or "REDIS" in name] == []
    assert WRITE not in env.values()


def test_a_step_that_drops_its_token_is_nobody_and_not_admin(tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "admin").write_text("the-admins-token\n")
    (tmp_path / "stack.json").write_text('{"ports": {"ops": 1, "api": 1}}')
    env = {**os.environ, "OPS_STATE": str(tmp_path), "OPS_STEP": "read"}
    for words in (("alerts",), ("users", "list"), ("keys", "list")):
        ran = subprocess.run(
            [sys.executable, "-m", "console", *words],
            env=env,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode != 0, "a step has no token but the one" in ran.stderr) == (True, True), words


SPOILERS = [
    "PATH",
    "BASH_ENV",
    "BASH_FUNC_ls",
    "ENV",
    "IFS",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "NODE_OPTIONS",
    "GIT_SSH_COMMAND",
    "PGSERVICE",
    "PS4",
    "SHELLOPTS",
    "CDPATH",
    "GLOBIGNORE",
    "HOME",
    "TMPDIR",
    "PAGER",
    "LESSOPEN",
    "http_proxy",
    "HTTPS_PROXY",
    "OPS_TOKEN",
    "OPS_STEP",
    "DATABASE_URL",
    "SSL_CERT_FILE",
    "PROMPT_COMMAND",
    "REDISCLI_AUTH",
    "DYLD_INSERT_LIBRARIES",
    "TARGET",
]


@pytest.mark.parametrize("name", SPOILERS)
def test_no_parameter_is_called_as_something_that_programs_heed(name: str) -> None:
    with pytest.raises(ValueError, match="would steer the step itself"):
        declare_params({name: {"type": "string"}})
    with pytest.raises(ParameterError, match="programs heed"):
        bind_params((ParamView(name=name, type="string"),), {name: "x"})


@pytest.mark.parametrize("name", ["KEY", "NAME", "CLIENT", "WORKERS", "path", "env", "pgbench", "seconds"])
def test_names_that_nothing_heeds_are_free(name: str) -> None:
    assert declare_params({name: {"type": "string"}})[0].name == name


@pytest.mark.parametrize(("name", "why"), [("root", "is root"), ("no-such-user-here", "is no user")])
def test_a_user_of_steps_that_would_limit_nothing_is_refused(name: str, why: str) -> None:
    with pytest.raises(OpsConfigError, match=f"OPS_STEP_USER.*{why}"):
        OpsConfig.from_env({"OPS_STEP_USER": name})


def test_a_folder_that_the_user_cannot_pass_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    (closed / "bin").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(closed / "bin" / "python"))
    if os.geteuid() == 0:
        assert closed in blocked_at("nobody")
    else:
        assert closed not in blocked_at(getpass.getuser())


async def test_the_text_of_a_runbook_runs_as_its_user_and_an_action_as_ours(start: Start) -> None:
    """Where we are not root there is one user only, and it is both."""
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    async with start(step_user=user) as house:
        shelf = house.config.runbooks
        text = (shelf / "APIDown.md").read_text().replace("echo looking", "id -un; cat /proc/self/status")
        (shelf / "APIDown.md").write_text(text.replace('"timeout":"20s"', '"timeout":"21s"'))
        await house.post(
            "/v1/executions", {"execution_id": "run-asuser01", "runbook": "APIDown", "step": "look"}
        )
        await house.settled("run-asuser01")
        output = await house.get("/v1/executions/run-asuser01/output")
    uid = pwd.getpwnam(user).pw_uid
    assert output["stdout"]["data"].splitlines()[0] == user
    assert f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}" in output["stdout"]["data"]
