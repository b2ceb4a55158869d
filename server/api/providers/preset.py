"""Presets: what is known of the providers that people use, by name; an entry's own fields go before them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "openai": {
            "kind": "openai",
            "base_url": "https://api.openai.com/v1",
            "needs_key": True,
        },
        "azure": {
            "kind": "openai",
            "key_header": "api-key",
            "takes": ["max_completion_tokens"],
            "needs_key": True,
        },
        "anthropic": {
            "kind": "anthropic",
            "base_url": "https://api.anthropic.com",
            "needs_key": True,
        },
        "gemini": {
            "kind": "openai",
            "base_url": "https://generativelanguage.googleapis.com/v1beta/openai",
            "takes": ["max_tokens", "temperature"],
            "needs_key": True,
        },
        "ollama": {
            "kind": "openai",
            "base_url": "http://127.0.0.1:11434/v1",
            "takes": ["max_tokens", "temperature"],
        },
        "vllm": {"kind": "openai", "takes": ["max_tokens", "temperature"]},
        "litellm": {
            "kind": "openai",
            "base_url": "http://127.0.0.1:4000/v1",
            "takes": ["max_tokens", "temperature"],
        },
        "bedrock-proxy": {
            "kind": "openai",
            "structured": "tool",
            "takes": ["max_tokens", "temperature"],
        },
    }
)
"""Each with the fields of ``ProviderConfig`` that it sets; DEPLOYMENT.md has the lines to paste."""
