"""Facts about the runbooks' change steps: each is run for real as it stands, its metric agrees, and the service is well after."""

from collections.abc import Iterator

import pytest

from console.ops_api.client import DaemonAccess, OpsClient
from console.ops_api.execution import follow_output, needed_confirmation, new_execution_id
from runbooks.engine.catalogue import NOT_RUNBOOKS
from runbooks.engine.parser import parse_runbook
from runbooks.wire import ExecutionRequest, StepView
from tests.paths import CHECKOUT
from tests.stackwork import QUICK, Stack, stack_up, until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("changes"),
]

_SHELF = CHECKOUT / "runbooks"
_STEPS: dict[tuple[str, str], StepView] = {
    (runbook.id, step.name): step
    for path in sorted(_SHELF.rglob("*.md"))
    if path.name not in NOT_RUNBOOKS
    for runbook in [parse_runbook(path.read_text(), str(path.relative_to(_SHELF).with_suffix("")))]
    for step in runbook.steps
    if step.kind != "read"
}
_VALUES = {
    "PROVIDER": "backup",
    "KEY": "a-customer",
    "CLIENT": "a-customer",
    "PER_HOUR": "5000",
    "VERSION": "2026.03.14",
    "WORKERS": "2",
}
"""What an engineer would fill in."""
_TWO_PEOPLE = {("maintenance/BackupRestore", "restore")}
"""Run by two named people in test_backups."""
_UNMEASURED = {"stop-evaluator", "deploy-marker"}
"""Actions that no metric shows."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    providers = 'LLM_PROVIDERS=[{"name":"primary","kind":"local"},{"name":"backup","kind":"local"}]'
    with stack_up(*QUICK, providers) as stack:
        stack.json("keys", "create", "a-customer")
        until(lambda: stack.run("verify").returncode == 0, what="a good verification")
        yield stack


@pytest.mark.parametrize(("runbook", "step"), sorted(_STEPS.keys() - _TWO_PEOPLE))
def test_a_change_step_does_what_it_says(stack: Stack, runbook: str, step: str) -> None:
    if step == "rollback-api":
        # There must be a release to go back to, whatever the steps before this one have left.
        for version in ("2026.03.12", "2026.03.13"):
            stack.ops("act", "deploy-marker", "--param", f"version={version}", "--confirm", "deploy-marker")
    client = OpsClient(DaemonAccess(stack.url("ops"), stack.token("admin")))
    values = {each.name: _VALUES[each.name] for each in _STEPS[runbook, step].inputs if each.required}
    request = ExecutionRequest(execution_id=new_execution_id(), runbook=runbook, step=step, params=values)
    plan = client.plan(request)
    confirmed = ExecutionRequest(
        execution_id=request.execution_id,
        runbook=runbook,
        step=step,
        params=values,
        digest=plan.digest,
        confirm=needed_confirmation(plan),
    )
    printed: list[str] = []
    run = client.execute(confirmed)
    if run.state == "running":
        run = follow_output(client, run.execution_id, lambda o: printed.append(o.stdout.data + o.stderr.data))
    assert run.state == "succeeded", (run.reason, "".join(printed))
    if run.action not in _UNMEASURED:
        assert run.verification is not None, "no metric shows what it did"
        assert run.verification.passed, run.verification.text
    until(lambda: stack.run("health", "api").returncode == 0, what="a healthy API")
