"""`ops doctor`: would I know if something were wrong, and could I do something about it?"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import click

from console.cli.answer import folded
from console.cli.options import as_json, client_of, is_quiet, reaches_ops, say_json
from console.model.deployment import (
    JOBS,
    Finding,
    judge_actions,
    judge_contacts,
    judge_health,
    judge_hosts,
    judge_people,
    judge_rules,
    judge_services,
    judge_steps,
    judge_targets,
)
from console.ops_api.client import OpsClient
from console.ops_api.errors import NotServingError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice

_YOUNG_S, _PATIENCE_S, _LOOK_S = 30.0, 20.0, 0.5
"""Until when a service has just started, how long its first sample is waited for at most, and how often we look."""
_MEASURED = 'min by (job) ({__name__=~"up|pg_up|redis_up|probe_success"})'


@click.command()
@as_json
@reaches_ops
@click.pass_obj
def doctor(which: DaemonChoice, as_json: bool) -> None:
    """Check a deployment end to end, from here to every service, and say what to fix.

    The way to the daemon, its parts, the path from the evaluator, every target and rule, the services, what the daemon
    can do, who may use it, and this terminal. What has just started is given 20 seconds to be measured. --quiet says
    it by the exit code alone.

    \b
    Examples:
      ops doctor
    """
    findings = [*_of_deployment(which), *_of_terminal()]
    if as_json:
        say_json([_as_object(finding) for finding in findings])
    else:
        for line in finding_lines(findings) if not is_quiet() else ():
            click.echo(folded(line))
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Each finding, and under it what to do or what to think of."""
    for finding in findings:
        yield f"{'ok ' if finding.ok else '!! '} {finding.check:<10} {finding.text}"
        if finding.fix:
            yield f"{'':<15} {'→' if finding.ok else 'fix:'} {finding.fix}"


def _as_object(finding: Finding) -> dict[str, object]:
    return {"check": finding.check, "ok": finding.ok, "text": finding.text, "fix": finding.fix}


def _of_terminal() -> Iterator[Finding]:
    from console.terminal.capabilities import describe_terminal

    return (Finding(check=name, ok=ok, text=text) for name, ok, text in describe_terminal())


def _of_deployment(which: DaemonChoice) -> list[Finding]:
    try:
        client = client_of(which)
        findings = _of_link(client)
    except NotServingError as error:
        return [Finding(check="server", ok=False, text=str(error), fix="ops logs ops says what holds it up")]
    except UnreachableError as error:
        fix = "ops up on this machine; elsewhere start it, and set OPS_URL to where it answers"
        return [Finding(check="server", ok=False, text=str(error), fix=fix)]
    except OpsError as error:
        fix = "ops token show admin on its host, or a token of your own (ops users add); set OPS_TOKEN"
        return [Finding(check="token", ok=False, text=str(error), fix=fix)]
    parts: tuple[tuple[str, Callable[[OpsClient], list[Finding]]], ...] = (
        ("daemon", _of_daemon),
        ("targets", _of_targets),
        ("rules", _of_rules),
        ("services", lambda client: judge_services(client.services())),
        ("actions", lambda client: [judge_actions(client.actions())]),
        ("contacts", lambda client: [judge_contacts(client.contacts())]),
    )
    for name, look in parts:
        findings += _looked(name, look, client)
    if client.me().role == "admin":
        findings.append(judge_people(client.users()))
    return findings


def _looked(name: str, look: Callable[[OpsClient], list[Finding]], client: OpsClient) -> list[Finding]:
    """What one part comes to; one that cannot be asked hides none of the others."""
    try:
        return look(client)
    except OpsError as error:
        fix = "PROMETHEUS_URL of the daemon is where Prometheus or the evaluator answers"
        return [
            Finding(check=name, ok=False, text=str(error), fix=fix if name in ("targets", "rules") else "")
        ]


def _of_link(client: OpsClient) -> list[Finding]:
    started = time.monotonic()
    me = client.me()
    took_ms = (time.monotonic() - started) * 1000
    meta = client.meta()
    skew_s = abs((meta.server_time - datetime.now(UTC)).total_seconds())
    evaluator_ok = meta.evaluator == "ok"
    return [
        Finding(check="server", ok=True, text=f"{client.access.url} answers in {took_ms:.0f} ms"),
        Finding(check="token", ok=True, text=f"you are {me.name} ({me.role})"),
        Finding(
            check="clock",
            ok=skew_s < 5,
            text=f"{skew_s:.1f} s from the server's",
            fix="" if skew_s < 5 else "let both clocks follow NTP",
        ),
        Finding(
            check="evaluator",
            ok=evaluator_ok,
            text=meta.evaluator or "nothing known of it",
            fix=""
            if evaluator_ok
            else "the runbook EvaluatorSilent; by way of Alertmanager WATCHDOG_TIMEOUT must be longer than its repeat_interval",
        ),
    ]


def _of_daemon(client: OpsClient) -> list[Finding]:
    health = client.health()
    findings = [judge_health(health["parts"]), judge_hosts(str(health.get("hosts", "named")))]
    if "steps" in health:
        findings.append(judge_steps(health["steps"]))
    return findings


def _of_targets(client: OpsClient) -> list[Finding]:
    """What is measured; the first sample of a service that has just started is waited for a moment."""
    ends = time.monotonic() + _PATIENCE_S
    while True:
        up = _measured(client)
        findings = judge_targets(up)
        if all(finding.ok for finding in findings) or time.monotonic() >= ends or not _comes_yet(client, up):
            return findings
        time.sleep(_LOOK_S)


def _comes_yet(client: OpsClient, up: Mapping[str, bool]) -> bool:
    """Whether something that is not measured, or was away when it was, has just started; or whoever measures has."""
    try:
        ages = {one.name: one.uptime_s for one in client.services() if one.uptime_s is not None}
    except OpsError:
        return False
    young = {name for name, age_s in ages.items() if age_s < _YOUNG_S}
    return "evaluator" in young - up.keys() or any(not up.get(name) for name in young & JOBS.keys())


def _measured(client: OpsClient) -> dict[str, bool]:
    series = client.prometheus("query", {"query": _MEASURED}).series
    return {one.metric.get("job", ""): one.value is not None and one.value[1] == "1" for one in series}


def _of_rules(client: OpsClient) -> list[Finding]:
    from alerts.self_alerts import OWN_ALERTS

    runbooks, _ = client.shelf()
    return judge_rules(client.rules(), runbooks, [alert.name for alert in OWN_ALERTS])


COMMANDS = {"doctor": doctor}
