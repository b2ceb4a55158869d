"""Facts that other people's programs confirm: schemathesis on our contract, LiteLLM's proxy as a provider. Slow."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.server.api.cluster.test_worker_pool import Service, free_port
from tests.server.api.conftest import StartApi, until

pytestmark = pytest.mark.slow
_MASTER_KEY = "sk-" + "7f3a9c2e" * 6


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


@pytest.fixture
def litellm(environment: Callable[[str], Path], tmp_path: Path) -> Iterator[str]:
    """LiteLLM's proxy with a mock model; its base URL."""
    binaries, port = environment("litellm[proxy]"), free_port()
    answer = {
        "intent": "translate",
        "subject": "guten Morgen",
        "entities": {},
        "output_format": "text",
        "original_language": "de",
        "confidence": 0.9,
    }
    parameters = {"model": "openai/mock", "api_key": "x", "mock_response": json.dumps(answer)}
    config = tmp_path / "litellm.json"
    config.write_text(json.dumps({"model_list": [{"model_name": "mock", "litellm_params": parameters}]}))
    command = [str(binaries / "litellm"), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    with (tmp_path / "litellm.log").open("wb") as log:
        env = {**os.environ, "LITELLM_MASTER_KEY": _MASTER_KEY}
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=tmp_path, env=env)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.wait(20)


@pytest.mark.timeout(600)
async def test_litellms_proxy_is_a_provider(
    litellm: str, start_api: StartApi, database_url: str, redis_url: str
) -> None:
    from server.api.providers.provider_config import ProviderConfig

    await until(lambda: _answers(f"{litellm}/health/liveliness"), seconds=120)
    remote = ProviderConfig(
        name="litellm", kind="openai", base_url=f"{litellm}/v1", model="mock", api_key=_MASTER_KEY
    )
    local = ProviderConfig(name="local", kind="local")
    api = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(remote, local))
    api.key = await api.new_key()
    reply = await api.analyze("Translate guten Morgen to English")
    assert (reply.status, reply.body["llm_provider"], reply.body["data"]["intent"]) == (
        200,
        "litellm",
        "translate",
    )
    assert reply.body["tokens_used"] > 0
    wrong = ProviderConfig(
        name="litellm", kind="openai", base_url=f"{litellm}/v1", model="no-such-model", api_key=_MASTER_KEY
    )
    other = await start_api(database_url=database_url, redis_url=redis_url, llm_providers=(wrong, local))
    reply = await other.analyze("Translate guten Morgen to English", key=api.key)
    assert (reply.status, reply.body["llm_provider"]) == (200, "local")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
