"""Facts that schemathesis confirms of our contract. Slow."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.server.api.cluster.test_worker_pool import Service
from tests.server.api.conftest import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes an environment of its own for a peer, so that its dependencies are not ours; its ``bin`` folder."""

    def make(requirement: str) -> Path:
        folder = tmp_path_factory.mktemp("peer")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", requirement], check=True, timeout=500)
        return folder / "bin"

    return make


@pytest.mark.timeout(600)
async def test_schemathesis_finds_no_server_error_and_no_undocumented_answer(
    environment: Callable[[str], Path], database_url: str, redis_url: str, tmp_path: Path
) -> None:
    binaries = environment("schemathesis>=4")
    env = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "API_STATE": str(tmp_path / "s")}
    service = Service(env, tmp_path / "api.log")
    try:
        await until(lambda: _answers(f"{service.url}/v1/ready"), seconds=20)
        checks = (
            "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"
        )
        command = [str(binaries / "schemathesis"), "run", f"{service.url}/openapi.json", "--checks", checks]
        command += ["-H", "X-Admin-Token: admin-secret", "-n", "40", "--max-time", "90"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    finally:
        service.end()
    assert done.returncode == 0, done.stdout[-6000:]


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
