"""What the tests of deployments share: the wheel, installed into an environment of its own without the checkout."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.compose_file import ROOT
from tests.server.conftest import Postgres, Redis

_SOURCES = ("server", "alerts", "runbooks", "web", "console", "setup.cfg", "pyproject.toml", "README.md")


class Installed:
    """An environment that has our wheel and nothing of the checkout."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        self.wheel = wheel
        self.python = folder / "bin" / "python"
        self.ops = folder / "bin" / "ops"

    @property
    def env(self) -> dict[str, str]:
        """The environment of its programs: nothing that leads back to the checkout."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in ("PYTHONPATH", "VIRTUAL_ENV") and not name.startswith("OPS_")
        }
        return {**kept, "PATH": f"{self.folder / 'bin'}{os.pathsep}{kept['PATH']}", "NO_COLOR": "1"}

    def run(self, *argv: str | Path, cwd: Path, expect: int = 0, timeout_s: float = 180) -> str:
        """What a program of it prints."""
        done = subprocess.run(
            argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout_s, check=False,
        )  # fmt: skip
        assert done.returncode == expect, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `python -m build` makes it, by way of the source distribution."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(made), str(source)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(made.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The wheel with the libraries of the local stack, installed."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, timeout=120)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, f"{wheel}[local]"], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    yield Installed(folder, wheel)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stores() -> Iterator[Path]:
    """A folder with a short path that PostgreSQL's user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="sps-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(stores: Path) -> Iterator[Postgres]:
    """A PostgreSQL of its own: roles are the whole server's."""
    server = Postgres(stores)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def redis(stores: Path) -> Iterator[Redis]:
    """A Redis of its own."""
    server = Redis(stores)
    try:
        server.start()
        yield server
    finally:
        server.stop()
