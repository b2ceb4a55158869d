"""Providers made from the configuration."""

from server.api.config import ApiConfig, ProviderConfig
from server.api.providers.anthropic import AnthropicProvider
from server.api.providers.embedded import EmbeddedProvider
from server.api.providers.guard import FaultInjection, GuardedProvider, no_fault
from server.api.providers.openai import OpenAIProvider
from server.api.providers.provider import Provider
from server.api.telemetry.metrics import ApiMetrics


def guarded_providers(
    config: ApiConfig, metrics: ApiMetrics, fault: FaultInjection = no_fault
) -> list[GuardedProvider]:
    """Every configured provider behind its guard, in the order of the configuration."""
    return [
        GuardedProvider(
            _provider(entry), metrics, timeout_s=entry.timeout_s, concurrency=entry.concurrency, fault=fault
        )
        for entry in config.llm_providers
    ]


def _provider(entry: ProviderConfig) -> Provider:
    if entry.kind == "openai":
        return OpenAIProvider(entry)
    if entry.kind == "anthropic":
        return AnthropicProvider(entry)
    return EmbeddedProvider(entry.name)
