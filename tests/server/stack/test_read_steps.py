"""Facts about the runbooks' read steps: every one of them runs, and on a healthy stack none says unhealthy."""

import pytest

from console.ops_api.client import DaemonAccess, OpsClient
from console.ops_api.execution import follow_output, new_execution_id
from runbooks.engine.catalogue import NOT_RUNBOOKS
from runbooks.engine.parser import parse_runbook
from runbooks.wire import ExecutionRequest, ExecutionView
from tests.paths import CHECKOUT
from tests.stackwork import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

_SHELF = CHECKOUT / "runbooks"
_STEPS = [
    (runbook.id, step.name)
    for path in sorted(_SHELF.rglob("*.md"))
    if path.name not in NOT_RUNBOOKS
    for runbook in [parse_runbook(path.read_text(), str(path.relative_to(_SHELF).with_suffix("")))]
    for step in runbook.steps
    if step.kind == "read" and not any(param.required for param in step.inputs)
]


@pytest.fixture(scope="module")
def healthy(local_stack: Stack) -> Stack:
    for service in ("postgres", "redis", "api"):
        local_stack.run("start", service, "--confirm", f"start-{service}")
    until(lambda: local_stack.run("verify").returncode == 0, what="a good verification")
    return local_stack


_ALWAYS = ("APIDown", "DatabaseDown")
"""Runbooks whose steps `make test` runs too; those of the others take two minutes and are of the slow part."""


@pytest.mark.parametrize(
    ("runbook", "step"),
    [
        pytest.param(runbook, step, marks=[] if runbook in _ALWAYS else pytest.mark.slow)
        for runbook, step in _STEPS
    ],
)
def test_a_read_step_runs_and_finds_a_healthy_stack_healthy(healthy: Stack, runbook: str, step: str) -> None:
    client = OpsClient(DaemonAccess(healthy.url("ops"), healthy.token("admin")))
    printed: list[str] = []
    run = _run(client, runbook, step, printed)
    if (runbook, step) not in _ABOUT_THE_PAST:
        assert run.verdict != "unhealthy", "".join(printed)
    assert run.state == "succeeded", (run.reason, "".join(printed))


_ABOUT_THE_PAST = {
    ("APIDown", "read-log"), ("DatabaseDown", "read-log"), ("RedisDown", "read-log"), ("LowCacheHitRate", "what-changed"),
    ("LowCacheHitRate", "hit-rate"), ("LowCacheHitRate", "hit-rate-now"), ("HighLatency", "hit-rate"),
    ("LowCacheHitRate", "hit-rate-now"), ("HighAuthFailures", "refusals"),
    ("SuspiciousClients", "clients"), ("NoRecentRequests", "refused"), ("CacheEmpty", "what-changed"), ("DatabasePoolExhausted", "what-changed"),
    ("HostCPUHigh", "verify"), ("HostMemoryHigh", "available"), ("HostMemoryHigh", "verify"), ("HostDiskAlmostFull", "pace"),
}  # fmt: skip
"""Steps that read what happened before, or what else the machine does: they may rightly say unhealthy here."""


def _run(client: OpsClient, runbook: str, step: str, printed: list[str]) -> ExecutionView:
    request = ExecutionRequest(execution_id=new_execution_id(), runbook=runbook, step=step)
    execution = client.execute(request)
    if execution.state != "running":
        return execution
    return follow_output(
        client, execution.execution_id, lambda o: printed.append(o.stdout.data + o.stderr.data)
    )
