"""A new runbook: its name, its front matter, and sections whose guiding text waits to be replaced."""

import re

from alerts.duration import format_duration

MARKER = "> Write here:"
"""Begins every guiding line; lint calls a runbook that still has one unfinished."""

_NAME = re.compile(r"[A-Z][A-Za-z0-9]{2,47}")


class RunbookNameError(ValueError):
    """No name for a runbook; the message says what would be right."""


def checked_name(name: str) -> str:
    """The name, where it is words run together such as ``QueueFull``. Raises ``RunbookNameError``."""
    if _NAME.fullmatch(name):
        return name
    words = re.findall(r"[A-Za-z0-9]+", name.rpartition("/")[2].removesuffix(".md"))
    better = "".join(word[:1].upper() + word[1:] for word in words)
    hint = f"for instance {better}" if _NAME.fullmatch(better) else "for instance QueueFull"
    raise RunbookNameError(
        f"{name!r} is no name for a runbook: words run together, each with a capital, {hint}"
    )


def alert_runbook(name: str, alert: str, severity: str, mttr_target_s: int) -> str:
    """The text of a new runbook for an alert."""
    front = f"alert: {alert}\nseverity: {severity}\nmttr_target: {format_duration(mttr_target_s)}\nowner: platform"
    return _whole(
        name,
        front,
        overview="what the alert means: what has been measured, for how long, and what that does not say yet. The rule's expression in words.",
        impact="what callers and users notice, what goes on as before, and what becomes worse with time.",
        diagnosis="how to tell the causes apart: a read step for each, with what to look for in its output. healthy and unhealthy are patterns for that output, then is the step that an unhealthy one points to.",
        resolution="the fix for each cause, in bold what the cause is, then its step: exactly one `ops act …` line (ops act --list names them). Last the step that proves it.",
        prevention="what would have kept this from happening: limits, alarms that fire earlier, habits.",
        escalation=f"when to stop and call level 2: after which time (the target is {format_duration(mttr_target_s)}), at which sign. What must never be tried without level 3.",
    )


def maintenance_runbook(name: str) -> str:
    """The text of a new runbook for planned work."""
    return _whole(
        name,
        "owner: platform",
        overview="what is done and why, how long it takes, and what must be ready before.",
        impact="what callers notice while it goes on, and what would go wrong if it were cut short. Whether it must be announced 24 hours ahead.",
        diagnosis="what to look at before it begins, and what forbids beginning: a read step for each.",
        resolution="the work in its order, a step for each part: exactly one `ops act …` line (ops act --list names them). Last the step that proves it, and the way back.",
        prevention="what makes the next time easier or safer.",
        escalation="at which sign to go back instead of on, and whom to call then.",
    )


def _whole(name: str, front: str, **guide: str) -> str:
    return f"""---
{front}
---
# {_title(name)}

## Overview

{MARKER} {guide["overview"]}

## Impact

{MARKER} {guide["impact"]}

## Diagnosis

{MARKER} {guide["diagnosis"]}

**Is the process there?**

```bash {{"name":"check-process","kind":"read","timeout":"20s","title":"Is the process there?","healthy":"^api +running","unhealthy":"^api +(stopped|exited|fatal|backoff)","then":"restart-api"}}
ops ps
```

## Resolution

{MARKER} {guide["resolution"]}

**The process is in a bad state:** restart it.

```bash {{"name":"restart-api","kind":"change","timeout":"120s","title":"Restart the API"}}
ops act restart-api
```

**Verify:**

```bash {{"name":"verify","kind":"read","timeout":"60s","title":"Is it well again?","healthy":"verdict: (ok|degraded)","unhealthy":"verdict: failed"}}
ops verify
```

## Prevention

{MARKER} {guide["prevention"]}

## Escalation

{MARKER} {guide["escalation"]}
"""


def _title(name: str) -> str:
    """``QueueFull`` as ``Queue full``; runs of capitals stay."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[0-9]+", name)
    return " ".join(
        [words[0], *(word if word.isupper() and len(word) > 1 else word.lower() for word in words[1:])]
    )
