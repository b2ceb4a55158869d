"""The drills there are: for each alert, the fault that causes it and the steps that find and cure it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from runbooks.wire import ExecutionState, StepKind, Verdict

SPEEDUP = 3.0
CUSTOMER = "drill-customer"
"""The name of the client whose requests are always good."""


class StoppedService(msgspec.Struct, frozen=True, tag="stopped"):
    """The fault: somebody stopped a service."""

    service: Literal["api", "postgres", "redis", "status"]


class ErrorBurst(msgspec.Struct, frozen=True, tag="error-burst"):
    """The fault: the API's process is in a bad state and answers a share of its calls with 500."""

    share: float


class SlowProvider(msgspec.Struct, frozen=True, tag="slow-provider"):
    """The fault: every call of one provider takes longer."""

    provider: str
    delay_ms: int


class RefusedKey(msgspec.Struct, frozen=True, tag="refused-key"):
    """The fault: a provider's key was replaced there, and the API's processes hold the old one."""

    provider: str


class WrongKeys(msgspec.Struct, frozen=True, tag="wrong-keys"):
    """The fault: a client was set up with a key that nobody has."""

    client: str
    per_s: float


class ShortTTL(msgspec.Struct, frozen=True, tag="short-ttl"):
    """The fault: somebody made the cache's time to live too short for the traffic."""

    seconds: int


class LimitAbuse(msgspec.Struct, frozen=True, tag="limit-abuse"):
    """The fault: a client asks far more often than its limit allows."""

    client: str
    per_hour: int
    per_s: float


DrillFault = StoppedService | ErrorBurst | SlowProvider | RefusedKey | WrongKeys | ShortTTL | LimitAbuse


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What one client asks, and how often."""

    per_s: float
    prompts: int = 20
    """How many different prompts it asks in turn."""
    cache_ttl: int | None = None
    """Seconds; 0 goes past the cache, None takes the API's default."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One drill."""

    alert: str
    runbook: str
    fault: DrillFault
    diagnosis: str
    """The step whose verdict must turn unhealthy, and point to the cure."""
    cure: str
    """The step that must make the alert resolve."""
    cure_params: Mapping[str, str] = {}
    """What the engineer fills in for the cure."""
    told: str = ""
    """The client that the cure tells to stop; the drill plays it, for no step can act in its place."""
    proof: str = "verify"
    """The step that must be healthy afterwards."""
    load: Load | None = None
    """What the good customer asks from the start to the end; None: nobody asks anything."""
    speedup: float = SPEEDUP
    """By what the rules' windows and ``for`` are divided."""
    settings: Mapping[str, str] = {}
    """Environment that the programs of its stack are given beside the usual."""
    drill: str = ""
    """Name of the drill, where that is not the alert's."""
    unanswered: bool = False
    """Whether L1 sleeps: nobody acknowledges before L2 is called."""
    window_s: int | None = None
    """Seconds of a maintenance window in which the fault is caused; None: no window."""
    overruns: bool = False
    """Whether the work is still going on at the window's end."""

    @property
    def name(self) -> str:
        """What the drill is called."""
        return self.drill or self.alert


_TWO_PROVIDERS = {"LLM_PROVIDERS": '[{"name":"primary","kind":"local"},{"name":"backup","kind":"local"}]'}

SCENARIOS = {
    scenario.name: scenario
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
        Scenario(
            alert="StatusPageDown",
            runbook="StatusPageDown",
            fault=StoppedService("status"),
            diagnosis="check-process",
            cure="start-status",
        ),
        Scenario(
            alert="APIHighErrorRate",
            runbook="HighErrorRate",
            fault=ErrorBurst(0.5),
            diagnosis="errors-by-status",
            cure="restart-api",
            load=Load(per_s=10),
            speedup=12,
        ),
        Scenario(
            alert="HighLatencyP95",
            runbook="HighLatency",
            fault=SlowProvider("primary", 6500),
            diagnosis="provider-latency",
            cure="switch-provider",
            cure_params={"PROVIDER": "backup"},
            load=Load(per_s=5, cache_ttl=0),
            speedup=30,
            settings=_TWO_PROVIDERS,
        ),
        Scenario(
            alert="ProviderKeyRefused",
            runbook="ProviderKeyRefused",
            fault=RefusedKey("primary"),
            diagnosis="which-provider",
            cure="restart-api",
            proof="key-now",
            load=Load(per_s=5, cache_ttl=0),
            speedup=12,
            settings=_TWO_PROVIDERS,
        ),
        Scenario(
            alert="HighAuthFailures",
            runbook="HighAuthFailures",
            fault=WrongKeys("drill-misconfigured", 2),
            diagnosis="by-reason",
            cure="what-to-tell",
            told="drill-misconfigured",
            proof="refusals-now",
            load=Load(per_s=10),
            speedup=30,
        ),
        Scenario(
            alert="LowCacheHitRate",
            runbook="LowCacheHitRate",
            fault=ShortTTL(1),
            diagnosis="time-to-live",
            cure="longer-ttl",
            proof="hit-rate-now",
            load=Load(per_s=20, prompts=40),
            speedup=60,
            settings={"CACHE_LOCAL_ENTRIES": "0"},
        ),
        Scenario(
            alert="HighRateLimitViolations",
            runbook="HighRateLimitViolations",
            fault=LimitAbuse("drill-grown", 5, 2),
            diagnosis="who",
            cure="raise-limit",
            cure_params={"KEY": "drill-grown", "PER_HOUR": "100000"},
            proof="rate-now",
            load=Load(per_s=5),
            speedup=60,
        ),
        Scenario(
            alert="LLMProviderSlowdown",
            runbook="LLMProviderSlowdown",
            fault=SlowProvider("primary", 4000),
            diagnosis="by-provider",
            cure="switch-provider",
            cure_params={"PROVIDER": "backup"},
            proof="by-provider-now",
            load=Load(per_s=6, cache_ttl=0),
            speedup=40,
            settings=_TWO_PROVIDERS,
        ),
        Scenario(
            drill="NobodyAnswers",
            alert="APIDown",
            runbook="APIDown",
            fault=StoppedService("api"),
            diagnosis="check-process",
            cure="start-api",
            unanswered=True,
            settings={"PAGING_SPEEDUP": "30"},
        ),
        Scenario(
            drill="MaintenanceQuiet",
            alert="DatabaseDown",
            runbook="DatabaseDown",
            fault=StoppedService("postgres"),
            diagnosis="check-process",
            cure="start-postgres",
            window_s=600,
        ),
        Scenario(
            drill="MaintenanceOverrun",
            alert="DatabaseDown",
            runbook="DatabaseDown",
            fault=StoppedService("postgres"),
            diagnosis="check-process",
            cure="start-postgres",
            window_s=60,
            overruns=True,
        ),
    )
}


class DrillStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step that was run in a drill, by the program or by a person."""

    step: str
    """The name of the action where it was run past the runbook."""
    runbook: str | None = None
    section: str = ""
    kind: StepKind = "read"
    state: ExecutionState
    verdict: Verdict | None = None
    points_to: str | None = None
    """The step to which an unhealthy verdict sends."""
    at_s: float
    """Seconds after detection."""
    by: str = ""


class DrillResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a drill went. Times are seconds; None where it did not get so far."""

    alert: str
    runbook: str = ""
    digest: str = ""
    """Of the runbook, as the drill read it."""
    passed: bool
    human: bool = False
    """Whether a person had to cure it."""
    control: bool = False
    """Whether it was a control run: no cure, and the alert had to go on firing."""
    detected_s: float | None = None
    """From the cause to the alert firing."""
    paged_s: float | None = None
    """From detection to the first page that reached somebody, where the drill waits for one."""
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
    """What the drill did that no step did, and what else is worth knowing."""
    steps: tuple[DrillStep, ...] = ()
    """Every step that was run, in order."""
    skipped: tuple[str, ...] = ()
    """Diagnosis steps of the runbook that a person did not run."""
