"""Inhibition: which alerts are only symptoms of another one that is firing."""

from collections.abc import Collection, Mapping

CAUSES: Mapping[str, frozenset[str]] = {
    "APIDown": frozenset({"APIHighErrorRate", "HighLatencyP95", "NoRecentRequests"}),
    "DatabaseDown": frozenset(
        {"APIHighErrorRate", "HighLatencyP95", "DatabasePoolExhausted", "RequestLogRowsDropped"}
    ),
    "RedisDown": frozenset({"LowCacheHitRate", "CacheEmpty", "HighLatencyP95"}),
    "LLMProviderSlowdown": frozenset({"HighLatencyP95"}),
}
"""Cause to symptoms, by alert name."""


def inhibited_by(
    alertname: str, firing: Collection[str], causes: Mapping[str, frozenset[str]] = CAUSES
) -> tuple[str, ...]:
    """The firing causes of which this alert is a symptom, sorted; a cause never inhibits itself."""
    return tuple(
        sorted(
            cause
            for cause, symptoms in causes.items()
            if cause != alertname and cause in firing and alertname in symptoms
        )
    )
