"""Facts about how the suite is dealt out: tests of one group are one worker's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import CHECKOUT

_TESTS = """
import os, pathlib, pytest

@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("n", range(8))
def test_of_a_group(n):
    with pathlib.Path(__file__).with_name("workers").open("a") as kept:
        kept.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


@pytest.mark.lengthy
def test_tests_of_one_group_are_run_by_one_worker(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((CHECKOUT / "conftest.py").read_text())
    (tmp_path / "test_grouped.py").write_text(_TESTS)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "--rootdir", "."]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(set((tmp_path / "workers").read_text().split())) == 1
