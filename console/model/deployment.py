"""What is wrong with a deployment, judged from what its parts say of themselves, and what to do about each."""

from collections.abc import Iterable, Mapping

import msgspec

from alerts.wire import ContactsView, ServiceView, UserView
from console.ops_api.prometheus_answer import PrometheusRule
from runbooks.wire import ActionView, RunbookView

JOBS: Mapping[str, str] = {
    "api": "the API answers /v1/metrics with METRICS_TOKEN (API_METRICS_TOKEN of the evaluator)",
    "ops": "the token in OPS_METRICS_TOKEN is the one in tokens/metrics",
    "postgres": "DATABASE_URL of the evaluator, or postgres_exporter, reaches PostgreSQL",
    "redis": "REDIS_URL of the evaluator, or redis_exporter, reaches Redis",
    "status": "STATUS_URL is where the status page answers /healthz",
    "evaluator": "Prometheus scrapes itself under the job name evaluator",
}
"""Each job that the rules read, and what has to be so for its target to answer."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    check: str
    ok: bool
    text: str
    fix: str = ""
    """What to do where it is not well, and what to think of where it is."""


def judge_health(parts: Mapping[str, str]) -> Finding:
    """The daemon's own parts; what comes from the evaluator has a finding of its own."""
    wrong = {name: said for name, said in parts.items() if said != "ok" and name != "evaluator"}
    text = "; ".join(f"{name}: {said}" for name, said in sorted(wrong.items()))
    fix = "ops health ops says more; a full disk and a journal set aside come first" if wrong else ""
    return Finding(check="daemon", ok=not wrong, text=text or "every part of it is well", fix=fix)


def judge_hosts(hosts: str) -> Finding:
    """Whether the daemon knows its names: a daemon that others reach and that takes any can be reached by any web page's."""
    if hosts != "any":
        return Finding(check="hosts", ok=True, text="it answers to its own names alone")
    return Finding(
        check="hosts",
        ok=True,
        text="it answers to any name: it listens beyond this machine, and nobody said which names are its own",
        fix="set ALLOWED_HOSTS to the names by which it is reached",
    )


_ABILITIES: Mapping[str, str] = {
    "kill": "end a step at one blow",
    "processes": "bound its processes",
    "memory": "bound its memory",
    "freeze": "stop all of it at once",
}


def judge_steps(abilities: Mapping[str, bool]) -> Finding:
    """What control groups can do on the daemon's machine; without any, steps run within the limits of their processes."""
    can = [what for name, what in _ABILITIES.items() if abilities.get(name)]
    cannot = [what for name, what in _ABILITIES.items() if not abilities.get(name)]
    if not can:
        text = "no control group can be made: steps are stopped, then killed with all that descend from them"
    else:
        text = f"control groups can {', '.join(can)}"
    hint = f"to {', '.join(cannot)} as well, delegate a control group to the daemon (systemd: Delegate=yes)"
    return Finding(check="steps", ok=True, text=text, fix=hint if cannot else "")


def judge_targets(up: Mapping[str, bool]) -> list[Finding]:
    """Whether everything that the rules read is measured: a target that nobody scrapes can raise no alert."""
    missing = [job for job in JOBS if job not in up]
    down = [job for job in JOBS if up.get(job) is False]
    findings = [
        Finding(
            check="targets", ok=False, text=f"nobody scrapes {job}", fix=f"add the job {job}: {JOBS[job]}"
        )
        for job in missing
    ]
    findings += [
        Finding(
            check="targets", ok=False, text=f"{job} does not answer", fix=f"start it, or see that {JOBS[job]}"
        )
        for job in down
    ]
    return findings or [Finding(check="targets", ok=True, text=f"{', '.join(JOBS)} answer")]


def judge_rules(
    rules: Iterable[PrometheusRule], runbooks: Iterable[RunbookView], own: Iterable[str]
) -> list[Finding]:
    """Whether every alert that has a runbook is evaluated, and every rule can be."""
    loaded = {rule.name: rule for rule in rules if rule.type == "alerting"}
    sick = [rule for rule in loaded.values() if rule.health == "err"]
    wanted = {runbook.alert for runbook in runbooks if runbook.alert} - set(own)
    findings = [
        Finding(
            check="rules",
            ok=False,
            text=f"{rule.name} cannot be evaluated: {rule.lastError}",
            fix="mend the expression in alerts/rules; ops runbooks lint and promtool check it",
        )
        for rule in sick
    ]
    if missing := sorted(wanted - set(loaded)):
        fix = "load alerts/rules/*.yml there (RULES_DIR, or rule_files of Prometheus)"
        text = f"nobody evaluates {', '.join(missing)}"
        findings.append(Finding(check="rules", ok=False, text=text, fix=fix))
    return findings or [Finding(check="rules", ok=True, text=f"{len(loaded)} alerts are evaluated")]


def judge_services(services: Iterable[ServiceView]) -> list[Finding]:
    """The services of the target, as the target lists them."""
    services = tuple(services)
    wrong = [view for view in services if view.state not in ("running", "unknown")]
    return [
        Finding(
            check="services",
            ok=False,
            text=f"{view.name} is {view.state}{f': {view.detail}' if view.detail else ''}",
            fix=f"ops logs {view.name}, then ops start {view.name}",
        )
        for view in wrong
    ] or [Finding(check="services", ok=True, text=f"{', '.join(view.name for view in services)} run")]


def judge_actions(actions: Iterable[ActionView]) -> Finding:
    """How much this daemon can do; one that only observes is well, but somebody should know it."""
    actions = tuple(actions)
    able = [action for action in actions if action.available]
    if able:
        text = f"{len(able)} of {len(actions)} are available on this target"
        return Finding(check="actions", ok=bool(able), text=text)
    fix = "for actions run the daemon on the host: --profile host-ops with deploy/systemd/ops.service"
    return Finding(check="actions", ok=True, text="none: this daemon only observes", fix=fix)


def judge_contacts(view: ContactsView) -> Finding:
    """Whether everybody who is to be called can be reached, as far as that is seen without calling."""
    fix = "set the variable for the daemon, or make the file or program; then ops contacts test NAME"
    troubles = [f"{person.id}: {why}" for person in view.people for why in person.troubles]
    lost = [one.id for one in view.people if one.troubles and len(one.troubles) == len(one.channels)]
    if troubles:
        nobody = f" ({', '.join(lost)} cannot be called at all)" if lost else ""
        return Finding(check="contacts", ok=False, text=f"{'; '.join(troubles)}{nobody}", fix=fix)
    called = sum(bool(person.levels) for person in view.people)
    return Finding(
        check="contacts", ok=True, text=f"{called} on call, each channel can take a message as far as is seen"
    )


def judge_people(users: Iterable[UserView]) -> Finding:
    """Whether anybody has a name: what admin does in the journal was nobody's."""
    people = [user for user in users if user.name not in ("admin", "ingest", "metrics")]
    responders = [user.name for user in people if user.role != "viewer"]
    if responders:
        return Finding(check="people", ok=True, text=f"{', '.join(sorted(responders))} can respond")
    fix = "ops users add NAME --role responder; two approvers are needed to restore the database"
    return Finding(check="people", ok=True, text="nobody with a name can respond but admin", fix=fix)
