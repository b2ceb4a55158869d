"""Facts about providers behind LiteLLM's proxy, the real one, and about Ollama's form of an answer."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bench.processes import free_port
from server.api.providers.openai import OpenAIProvider
from server.api.providers.provider import (
    ProviderDeclinedError,
    ProviderError,
    ProviderKeyRefusedError,
    ProviderPromptTooLongError,
    ProviderRateLimitedError,
    Question,
)
from server.api.providers.provider_config import ProviderConfig, read_providers
from tests.server.api.conftest import StartApi, until
from tests.server.api.providers.fake_model import GOOD, FakeModel, Raw, fake_model

_REQUIREMENTS = Path(__file__).parent / "litellm_requirements.txt"
_KEY = "sk-proxy-test"
_CONFIG = """
model_list:
  - {{model_name: fast, litellm_params: {{model: openai/some-model, api_base: "{url}", api_key: upstream-key}}}}
  - {{model_name: claude, litellm_params: {{model: anthropic/some-model, api_base: "{anthropic}", api_key: upstream-key}}}}
general_settings: {{master_key: {key}}}
litellm_settings: {{num_retries: 0}}
router_settings: {{num_retries: 0, disable_cooldowns: true}}
"""
pytestmark = pytest.mark.xdist_group("litellm")
QUESTION = Question(prompt="Translate guten Morgen", schema=None, temperature=0.5, max_tokens=100)


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LiteLLM in a venv of its own: it pins what we do not."""
    venv = tmp_path_factory.mktemp("litellm") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    install = [str(venv / "bin/pip"), "install", "-q", "--require-hashes", "-r", str(_REQUIREMENTS)]
    subprocess.run(install, check=True, timeout=500)
    return venv / "bin/litellm"


@asynccontextmanager
async def _proxy(program: Path, model: FakeModel, folder: Path) -> AsyncIterator[str]:
    port = free_port()
    config = folder / "litellm.yaml"
    config.write_text(_CONFIG.format(url=model.url, anthropic=model.url.removesuffix("/v1"), key=_KEY))
    process = await asyncio.create_subprocess_exec(
        str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=folder,
        # The map of prices that it ships with: nothing is fetched.
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:

            async def up() -> bool:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/health/liveliness") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await until(up, seconds=90)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        await process.wait()


def _entry(url: str, model: str, key: str = _KEY) -> ProviderConfig:
    entry = {"name": "litellm", "preset": "litellm", "base_url": url, "model": model, "api_key_env": "KEY"}
    (found,) = read_providers(json.dumps([entry]), {"KEY": key})
    return found


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.timeout(900)
async def test_the_proxy_and_what_stands_behind_it_are_understood(litellm: Path, tmp_path: Path) -> None:
    async with fake_model() as model, _proxy(litellm, model, tmp_path) as url:
        for name in ("fast", "claude"):
            provider = OpenAIProvider(_entry(url, name))
            model.says, model.finish = [GOOD], "stop"
            answer = await provider.ask(QUESTION, 30.0)
            assert (answer.data["intent"], answer.usage.input, answer.usage.output) == ("translate", 20, 1), (
                name
            )
            assert model.asked[-1]["body"]["max_tokens"] == 100
            model.says = ["<think>hm {</think>\nSure: ```json\n" + GOOD + "\n```"]
            assert (await provider.ask(QUESTION, 30.0)).data["intent"] == "translate"
            await provider.close()
        provider = OpenAIProvider(_entry(url, "fast"))
        faults: list[tuple[Raw, type[ProviderError]]] = [
            (Raw(status=429, body='{"error":{"message":"slow down","type":"rate_limit"}}'), ProviderRateLimitedError),
            (Raw(status=400, body='{"error":{"message":"This model\'s maximum context length is 8192 tokens.","code":"context_length_exceeded"}}'), ProviderPromptTooLongError),
            (Raw(status=400, body='{"error":{"message":"The response was filtered due to content management policy","code":"content_filter"}}'), ProviderDeclinedError),
            (Raw(status=401, body='{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}'), ProviderKeyRefusedError),
        ]  # fmt: skip
        for raw, fault in faults:
            model.says = [raw]
            with pytest.raises(ProviderError) as raised:
                await provider.ask(QUESTION, 30.0)
            assert type(raised.value) is fault, raised.value
        await provider.close()
        stranger = OpenAIProvider(_entry(url, "fast", key="sk-wrong"))
        with pytest.raises(ProviderKeyRefusedError):
            await stranger.ask(QUESTION, 30.0)
        await stranger.close()


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.timeout(900)
async def test_a_caller_is_answered_through_the_proxy_and_by_the_next_provider_where_it_knows_no_such_model(
    litellm: Path, tmp_path: Path, start_api: StartApi, database_url: str, redis_url: str
) -> None:
    local = ProviderConfig(name="local", kind="local")
    async with fake_model() as model, _proxy(litellm, model, tmp_path) as url:
        stores = {"database_url": database_url, "redis_url": redis_url}
        api = await start_api(**stores, llm_providers=(_entry(url, "fast"), local))
        api.key = await api.new_key()
        reply = await api.analyze("Translate guten Morgen to English")
        assert (reply.status, reply.body["llm_provider"], "fallback" in reply.body) == (200, "litellm", False)
        assert (reply.body["data"]["intent"], reply.body["tokens_used"]) == ("translate", 21)
        other = await start_api(**stores, llm_providers=(_entry(url, "no-such-model"), local))
        reply = await other.analyze("Translate good evening to German", key=api.key)
        assert (reply.status, reply.body["llm_provider"], reply.body.get("fallback")) == (200, "local", True)


@pytest.mark.slow
async def test_ollamas_form_of_an_answer_is_understood() -> None:
    async with fake_model() as model:
        (config,) = read_providers(
            json.dumps([{"name": "ollama", "preset": "ollama", "base_url": model.url, "model": "qwen3:8b"}]),
            {},
        )
        provider = OpenAIProvider(config)
        message = {"role": "assistant", "content": GOOD, "reasoning": "The user wants JSON."}
        model.says = [
            {
                "id": "chatcmpl-612",
                "object": "chat.completion",
                "created": 1760000000,
                "model": "qwen3:8b",
                "system_fingerprint": "fp_ollama",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 211, "completion_tokens": 60, "total_tokens": 271},
            }
        ]
        answer = await provider.ask(QUESTION, 5.0)
        assert (answer.data["intent"], answer.usage.total) == ("translate", 271)
        asked = model.asked[0]
        assert asked["body"]["response_format"]["type"] == "json_schema"
        assert (asked["body"]["temperature"], "authorization" in asked["headers"]) == (0.5, False)
        model.says = [
            Raw(
                status=404,
                body='{"error":{"message":"model \\"qwen3:8b\\" not found, try pulling it first","type":"api_error"}}',
            )
        ]
        with pytest.raises(ProviderError) as raised:
            await provider.ask(QUESTION, 5.0)
        assert raised.value.outcome == "refused"
        await provider.close()
