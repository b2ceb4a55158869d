"""The drills there are: for each alert, the fault that causes it and the steps that find and cure it."""

from typing import Literal

import msgspec


class StoppedService(msgspec.Struct, frozen=True, tag="stopped"):
    """The fault: somebody stopped a service."""

    service: Literal["api", "postgres", "redis"]


Fault = StoppedService


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One drill."""

    alert: str
    runbook: str
    fault: Fault
    diagnosis: str
    """The step whose verdict must turn unhealthy, and point to the cure."""
    cure: str
    """The step that must make the alert resolve."""
    proof: str = "verify"
    """The step that must be healthy afterwards."""


SCENARIOS = {
    scenario.alert: scenario
    for scenario in (
        Scenario(
            alert="APIDown",
            runbook="APIDown",
            fault=StoppedService("api"),
            diagnosis="check-process",
            cure="start-api",
        ),
        Scenario(
            alert="DatabaseDown",
            runbook="DatabaseDown",
            fault=StoppedService("postgres"),
            diagnosis="check-process",
            cure="start-postgres",
        ),
        Scenario(
            alert="RedisDown",
            runbook="RedisDown",
            fault=StoppedService("redis"),
            diagnosis="check-process",
            cure="start-redis",
        ),
    )
}


class DrillResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a drill went. Times are seconds; None where it did not get so far."""

    alert: str
    passed: bool
    detected_s: float | None = None
    """From the cause to the alert firing."""
    acknowledged_s: float | None = None
    """From detection to the acknowledgement."""
    resolved_s: float | None = None
    """From detection to the alert's resolution."""
    mttr_target_s: int | None = None
    diagnosis: str = ""
    """What the diagnosis step said."""
    cure: str = ""
    """How the resolution step ended."""
    failure: str = ""
    """What went wrong, where it did not pass."""
    notes: tuple[str, ...] = ()
