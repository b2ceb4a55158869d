"""Providers made from the configuration."""

from server.api.config import ApiConfig
from server.api.providers.anthropic import AnthropicProvider
from server.api.providers.embedded import EmbeddedProvider
from server.api.providers.guard import FaultInjection, GuardedProvider, no_fault
from server.api.providers.openai import OpenAIProvider
from server.api.providers.provider import Provider
from server.api.providers.provider_config import ProviderConfig
from server.api.providers.upstream import Report, no_report, redacted
from server.api.telemetry.metrics import ApiMetrics


def guarded_providers(
    config: ApiConfig, metrics: ApiMetrics, fault: FaultInjection = no_fault, report: Report = no_report
) -> list[GuardedProvider]:
    """Every configured provider behind its guard, in the order of the configuration."""
    return [
        GuardedProvider(
            _provider(entry, report),
            metrics,
            timeout_s=entry.timeout_s,
            concurrency=entry.concurrency,
            embedded=entry.kind == "local",
            fills_as_fallback=entry.fallback_for_schemas,
            fault=fault,
        )
        for entry in config.llm_providers
    ]


def without_keys(config: ApiConfig, report: Report) -> Report:
    """``report`` with every provider's key blacked out: some providers quote the key that they refuse."""

    def say(level: str, word: str, text: str) -> None:
        for entry in config.llm_providers:
            text = redacted(text, entry.api_key)
        report(level, word, text)

    return say


def _provider(entry: ProviderConfig, report: Report) -> Provider:
    if entry.kind == "openai":
        return OpenAIProvider(entry, report)
    if entry.kind == "anthropic":
        return AnthropicProvider(entry, report)
    return EmbeddedProvider(entry.name)
