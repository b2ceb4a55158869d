"""When each level is called about an incident of a severity: what we come with, and what the contacts file says instead."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from alerts.duration import DurationError, parse_duration_ms
from alerts.wire import Severity

Level = Literal["L1", "L2", "L3", "all"]
LEVELS: tuple[Level, ...] = ("L1", "L2", "L3")
LEVEL_RANK: Mapping[str, int] = {"": -1, "L1": 0, "L2": 1, "L3": 2, "all": 3}
PAGED_SEVERITIES: tuple[Severity, ...] = ("critical", "warning")
"""Of the others nobody is ever called."""
DEFAULT_TARGET_S: Mapping[Severity, int] = {"critical": 900, "warning": 3_600}
"""Seconds to mitigate where an alert names no target of its own."""
REPEAT_EVERY_S = 900
"""How often everybody is called once a ladder that repeats is at its end, where nothing else is said."""
_LONGEST_S = 86_400
_SHARE = re.compile(r"([0-9]{1,4})%")
_MOST_SHARE = 1_000
STEP_EXAMPLE = "10m L2, or 50% L1 for half of the alert's target"


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a ladder: whom to page, how long after the detection, and in which states of the incident."""

    after_s: int
    level: Level
    untaken: bool = True
    """Whether it counts while nobody holds the incident."""
    held: bool = False
    """Whether it counts while somebody holds it and it is not mitigated."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The ladder of one incident."""

    rungs: tuple[Rung, ...]
    repeat_s: int | None = None
    """How often everybody is paged again after the last rung; None where nobody is."""


class PolicyStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step as it is configured: its time is a span, or a share of the incident's target."""

    level: Level
    after_s: int = 0
    target_share: float | None = None
    """Of the target to mitigate, in the place of ``after_s``."""

    def after(self, target_s: int) -> int:
        """Seconds after the detection."""
        return self.after_s if self.target_share is None else int(target_s * self.target_share)

    @property
    def words(self) -> str:
        """The step as the contacts file writes it."""
        time = f"{self.after_s}s" if self.target_share is None else f"{self.target_share:.0%}"
        return f"{time} {self.level}"


class SeverityPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How incidents of a severity escalate."""

    untaken: tuple[PolicyStep, ...]
    """While nobody holds it."""
    held: tuple[PolicyStep, ...] = ()
    """While somebody holds it and it is not mitigated."""
    repeat_s: int | None = None

    def ladder(self, target_s: int) -> Policy:
        """The ladder of an incident with that target; a step of both kinds at one time is one rung."""
        untaken = [(step.after(target_s), step.level) for step in self.untaken]
        held = [(step.after(target_s), step.level) for step in self.held]
        places = dict.fromkeys((*untaken, *held))
        rungs = tuple(
            Rung(after_s=place[0], level=place[1], untaken=place in untaken, held=place in held)
            for place in places
        )
        return Policy(rungs=rungs, repeat_s=self.repeat_s)


Policies = Mapping[Severity, SeverityPolicy]


def _steps(*steps: tuple[int, Level]) -> tuple[PolicyStep, ...]:
    return tuple(PolicyStep(after_s=after_s, level=level) for after_s, level in steps)


DEFAULT_POLICIES: Policies = {
    "critical": SeverityPolicy(
        untaken=_steps((0, "L1"), (120, "L1"), (300, "L1"), (600, "L2"), (1_200, "L3")),
        held=_steps((1_800, "L2"), (3_600, "L3")),
        repeat_s=REPEAT_EVERY_S,
    ),
    "warning": SeverityPolicy(
        untaken=(
            PolicyStep(target_share=0.5, level="L1"),
            PolicyStep(target_share=1.0, level="L2"),
        ),
        held=(PolicyStep(target_share=1.0, level="L2"),),
    ),
}
"""Critical: L1 at once, after 2 and 5 minutes, L2 after 10, L3 after 20, then everybody every 15; while somebody holds
it L2 after 30 and L3 after 60. Warning: L1 when half the target is gone, L2 when it is breached."""


def policy_for(
    severity: Severity, target_s: int | None, policies: Policies = DEFAULT_POLICIES
) -> Policy | None:
    """The ladder of an incident; None where nobody is paged. ``policies`` are those that are configured."""
    found = policies.get(severity) or DEFAULT_POLICIES.get(severity)
    return None if found is None else found.ladder(target_s or DEFAULT_TARGET_S[severity])


def read_step(text: str) -> PolicyStep:
    """A step such as ``10m L2``. Raises ``ValueError`` with what would be right."""
    time, _, word = text.strip().partition(" ")
    level = next((one for one in (*LEVELS, "all") if one == word.strip()), None)
    if level is None:
        raise ValueError(f"{text[:40]!r} is no step; write {STEP_EXAMPLE}")
    share = _SHARE.fullmatch(time)
    if share is not None:
        if int(share[1]) > _MOST_SHARE:
            raise ValueError(f"{time} of a target is too much; at most {_MOST_SHARE}%")
        return PolicyStep(target_share=int(share[1]) / 100, level=level)
    try:
        after_s = parse_duration_ms(time) // 1000
    except DurationError as error:
        raise ValueError(f"{text[:40]!r} is no step; write {STEP_EXAMPLE}") from error
    if after_s > _LONGEST_S:
        raise ValueError(f"{time} is too late; a step comes within a day")
    return PolicyStep(after_s=after_s, level=level)


def policy_words(policy: SeverityPolicy) -> tuple[str, ...]:
    """A policy in lines."""
    lines = [f"while nobody has it: {_listed(policy.untaken)}"]
    lines += [f"held and not mitigated: {_listed(policy.held)}"] if policy.held else []
    lines += [f"then everybody every {policy.repeat_s // 60} min"] if policy.repeat_s else []
    return tuple(lines)


def _listed(steps: Sequence[PolicyStep]) -> str:
    return ", ".join(step.words for step in steps)
