"""What our own rules say of an alert in its annotations: summary, runbook, target."""

from collections.abc import Mapping
from functools import lru_cache

from alerts.duration import DurationError, parse_duration_ms

_MAINTENANCE = "maintenance"


def summary_of(annotations: Mapping[str, str]) -> str:
    """What is wrong, in a sentence; empty where the rule does not say."""
    return annotations.get("summary", "")


def runbook_of(annotations: Mapping[str, str]) -> str | None:
    """The id of the runbook that ``runbook_url`` names; None where there is none."""
    return _runbook_name(annotations.get("runbook_url", ""))


def mttr_target_of(annotations: Mapping[str, str]) -> int | None:
    """Seconds of ``mttr_target``, such as ``5m``; None where it is missing or no duration."""
    return _target_s(annotations.get("mttr_target", ""))


@lru_cache(maxsize=1_000)
def _target_s(text: str) -> int | None:
    try:
        return parse_duration_ms(text) // 1000 if text else None
    except DurationError:
        return None


@lru_cache(maxsize=1_000)
def _runbook_name(url: str) -> str | None:
    """The file's name, with ``maintenance/`` where it is in that folder."""
    path = url.partition("#")[0]
    *folders, file = path.rsplit("/", 2)
    name = file.removesuffix(".md")
    if (
        name == file
        or not name
        or not name.replace("-", "_").replace("_", "a").isalnum()
        or not name.isascii()
    ):
        return None
    return f"{_MAINTENANCE}/{name}" if folders and folders[-1] == _MAINTENANCE else name
