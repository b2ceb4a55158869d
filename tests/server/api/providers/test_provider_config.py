"""Facts about the list of providers as operators write it."""

import json
from typing import Any

import pytest

from server.api.config import ApiConfig, ApiConfigError
from server.api.providers.preset import PRESETS
from server.api.providers.provider_config import ProviderListError, read_providers

_ENV = {"KEY": "k-1"}


def _read(*entries: Any) -> Any:
    return read_providers(json.dumps(list(entries)), _ENV)


def test_an_entry_is_read_with_its_key() -> None:
    (found,) = _read(
        {"name": "a", "kind": "openai", "base_url": "http://m/v1", "model": "m", "api_key_env": "KEY"}
    )
    assert (found.api_key, found.timeout_s, found.parameters) == ("k-1", 30.0, {"temperature", "max_tokens"})


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_needs_a_name_a_model_and_at_most_a_key_and_an_address(preset: str) -> None:
    entry = {"name": "a", "preset": preset, "model": "m", "api_key_env": "KEY"}
    if "base_url" not in PRESETS[preset]:
        entry["base_url"] = "https://models.example/v1"
    (found,) = _read(entry)
    assert (found.preset, found.kind, found.base_url[:4]) == (preset, PRESETS[preset]["kind"], "http")


def test_an_entrys_own_fields_go_before_its_presets() -> None:
    (found,) = _read(
        {"name": "a", "preset": "ollama", "model": "m", "base_url": "http://box:1/v1", "takes": []}
    )
    assert (found.base_url, found.parameters) == ("http://box:1/v1", frozenset())


def test_a_models_parameters_are_known() -> None:
    for model, takes in (
        ("gpt-4o", {"max_tokens", "temperature"}),
        ("o3-mini", {"max_completion_tokens"}),
        ("gpt-5", {"max_completion_tokens"}),
        ("openai/gpt-5.1", {"max_completion_tokens"}),
        ("gpt-50x", {"max_tokens", "temperature"}),
    ):
        (found,) = _read({"name": "a", "kind": "openai", "base_url": "http://m", "model": model})
        assert found.parameters == takes, model


def test_every_fault_of_every_entry_is_named_at_once() -> None:
    with pytest.raises(ProviderListError) as refused:
        _read(
            5,
            {
                "name": "a b",
                "kind": "openai",
                "base_url": "ftp://x",
                "timeout_s": -1,
                "colour": 1,
                "api_key": "k",
            },
            {"name": "a", "preset": "openia", "kind": "openai"},
            {"name": "a", "preset": "openai", "model": "m", "api_key_env": "NONE", "proxy": "socks5://x"},
            {"name": "auto", "kind": "local", "model": "m"},
            {
                "kind": "anthropic",
                "model": "m",
                "extra_body": {"model": "x"},
                "extra_headers": {"a b": "c", "d": "e\r\nf"},
            },
            {
                "name": "z",
                "preset": "anthropic",
                "model": "m",
                "ca_file": "/nowhere.pem",
                "takes": ["max_tokens", "max_completion_tokens"],
            },
        )
    message = str(refused.value)
    for said in (
        "entry 1: must be an object",
        "entry 2 (a b): name",
        "base_url: 'ftp://x'",
        "timeout_s",
        "colour",
        "api_key: a key never",
        "model: is missing",
        "no preset 'openia'",
        "entry 4 (a): api_key_env: the variable NONE is not set",
        "proxy: 'socks5://x'",
        "'a' stands twice",
        "'auto'",
        "model: means nothing to a local",
        "entry 6: name: is missing",
        "extra_body: model",
        "'a b' is no header",
        "the value of d",
        "ca_file: /nowhere.pem",
        "entry 7 (z): api_key_env: is missing",
        "not both",
    ):
        assert said in message, (said, message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        "null",
        "[" * 9000,
        '[{"name": "a", "kind": "nobody"}]',
        '[{"name": 5, "kind": []}]',
    ],
)
def test_what_is_no_list_of_providers_is_refused_in_words(text: str) -> None:
    with pytest.raises(ProviderListError):
        read_providers(text, {})


def test_the_process_names_it_beside_its_other_faults() -> None:
    with pytest.raises(ApiConfigError, match=r"API_PORT='x': .*LLM_PROVIDERS: entry 1.*WORKERS"):
        ApiConfig.from_env({"API_PORT": "x", "LLM_PROVIDERS": '[{"name": "a"}]', "WORKERS": "0"})
