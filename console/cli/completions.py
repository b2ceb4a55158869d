"""What the shell offers after TAB, from the daemon, and where it is silent from this checkout or nothing."""

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import get_args

import click
from click.shell_completion import CompletionItem

from console.cli.options import daemon_meant
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.paths import RUNBOOKS
from runbooks.wire import RunbookView

_PATIENCE_S = 1.0
_OF_METRICS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:"
"""What names of metrics are made of."""
_ROWS_READ = 500
"""Of the journal, the latest: who is in them is offered."""
Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
ALERT_WORDS = (
    "firing", "pending", "stale", "resolved", "acked", "silenced", "inhibited", "maintenance", "flapping"
)  # fmt: skip
"""What may follow ``is:`` in a filter of alerts."""
_PLACES = {"last": "the latest", ".": "the one in hand at this terminal"}


def runbook_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Runbooks, with their titles where the shell shows them."""
    return _offered({name: book.title for name, book in _shelf(ctx).items()}, incomplete)


def step_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The steps of the runbook that was named before."""
    runbook = _shelf(ctx).get(str(ctx.params.get("runbook")))
    return _offered({step.name: step.title for step in runbook.steps} if runbook else {}, incomplete)


def action_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Actions, from this checkout where the daemon is silent."""
    try:
        found = {action.name: action.title for action in _client(ctx).actions()}
    except OpsError:
        from console.runbook_folder import read_catalogue

        found = {name: action.title for name, action in read_catalogue(RUNBOOKS).actions.items()}
    return _offered(found, incomplete)


def _from_daemon(ask: Callable[[OpsClient], Mapping[str, str]]) -> Offer:
    """What offers that which ``ask`` finds, with what it is; nothing where the daemon is silent."""

    def offer(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            return _offered(ask(_client(ctx)), incomplete)
        except OpsError:
            return []

    return offer


incident_numbers = _from_daemon(
    lambda client: {str(one.id): one.title for one in client.incidents()} | _PLACES
)
"""Incidents, the open ones."""
execution_ids = _from_daemon(
    lambda client: {one.execution_id: one.title for one in client.executions(20)} | {"last": "the latest"}
)
"""The latest executions."""
silence_ids = _from_daemon(
    lambda client: {
        one.id: " ".join(map(str, one.matchers)) for one in client.silences() if one.status.state != "expired"
    }
)
"""Silences that are not over."""
service_names = _from_daemon(lambda client: {one.name: one.state for one in client.services()})
"""Services of the target."""
alert_names = _from_daemon(lambda client: {one.alertname: one.service for one in client.alerts()})
"""Alerts that are there."""
approval_ids = _from_daemon(lambda client: {one.id: one.title for one in client.approvals()})
"""What waits for a second person."""
change_ids = _from_daemon(lambda client: {one.execution_id: one.action for one in client.changes()})
"""Executions whose change is in force."""
window_numbers = _from_daemon(
    lambda client: {str(one.id): one.title for one in client.maintenances(everything=False)}
)
"""Maintenance windows that are planned or on."""
entry_numbers = _from_daemon(
    lambda client: {str(one.id): one.title for one in client.public_entries(everything=False).public}
)
"""Entries of the public page that are open."""
component_names = _from_daemon(
    lambda client: {one.name: one.status for one in client.public_entries(everything=False).components}
)
"""Components of the public page."""
template_names = _from_daemon(
    lambda client: {one.name: one.title for one in client.public_entries(everything=False).templates}
)
"""Words for the public that fit often."""
person_names = _from_daemon(lambda client: {one.id: one.name for one in client.contacts().people})
"""People of the contacts file."""
called_names = _from_daemon(
    lambda client: {
        **{one.id: one.name for one in client.contacts().people},
        **dict.fromkeys(("L1", "L2", "L3"), "a level"),
        "all": "everybody",
    }
)
"""Whom a page can go to."""
user_names = _from_daemon(lambda client: {one.name: one.role for one in client.users()})
"""Users of the daemon."""


def audience_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Whom public words can go to besides the page: the audiences of the contacts, and the two that need not be there."""
    known = dict.fromkeys(("announcements", "customers"), "")
    with contextlib.suppress(OpsError):
        known |= dict.fromkeys(_client(ctx).contacts().audiences, "of the contacts")
    return _offered(known, incomplete)


def update_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Updates of the entry, or of the window, whose number was named before."""
    # An option that has no value yet ends click's reading of the line: what stood before it is in ``args``.
    numbers = [str(word) for word in (ctx.params.get("number"), *ctx.args) if str(word).isdecimal()]
    if not numbers:
        return []
    try:
        client, number = _client(ctx), int(numbers[0])
        is_window = ctx.parent is not None and ctx.parent.info_name == "maintenance"
        updates = client.maintenance(number).updates if is_window else client.public_entry(number).updates
    except OpsError:
        return []
    return _offered({one.id: f"{one.at:%Y-%m-%d %H:%M} {one.body[:60]}" for one in updates}, incomplete)


def metric_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Metrics that there are, for the word of an expression that is being typed."""
    before = incomplete.rstrip(_OF_METRICS)
    word = incomplete[len(before) :]
    try:
        found = _client(ctx).prometheus("query", {"query": 'group by (__name__) ({__name__!=""})'}).series
    except OpsError:
        return []
    names = sorted(one.metric.get("__name__", "") for one in found)
    return [CompletionItem(before + name) for name in names if name.startswith(word)]


def profile_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Profiles, with where their daemons are."""
    from console.ops_api.profile import read_profiles

    try:
        return _offered(
            {name: one.url or one.state or one.ssh or "" for name, one in read_profiles().items()}, incomplete
        )
    except OpsError:
        return []


def drill_names(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Drills there are."""
    from console.cli.drills.drills import drill_scenarios

    try:
        return _offered(dict.fromkeys(drill_scenarios(), ""), incomplete)
    except OpsError:
        return []


def condition_words(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Kinds of conditions of ``ops wait``, then what there is of a kind."""
    words = ctx.params.get("condition") or ()
    if words:
        return _condition_after(words, incomplete)
    kind, colon, _name = incomplete.partition(":")
    ways: dict[str, Callable[[OpsClient], Iterable[str]]] = {
        "alert": lambda client: (
            *(one.alertname for one in client.alerts()),
            *(book.id for book in client.shelf()[0] if "/" not in book.id),
        ),
        "incident": lambda client: (*_PLACES, *(str(one.id) for one in client.incidents())),
        "execution": lambda client: ("last", *(one.execution_id for one in client.executions(20))),
        "service": lambda client: (one.name for one in client.services()),
    }
    if not colon or kind not in ways:
        return _offered({f"{name}:": "" for name in ways}, incomplete)
    try:
        return _offered({f"{kind}:{name}": "" for name in ways[kind](_client(ctx))}, incomplete)
    except OpsError:
        return []


def _condition_after(words: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """What may follow the thing of a condition that is typed without quotes: `is`, then its states."""
    from console.cli.scripts.wait import STATES

    kind = words[0].partition(":")[0]
    after = {1: ["is"], 2: ["not", *STATES.get(kind, ())]}.get(len(words), STATES.get(kind, ()))
    return _offered(dict.fromkeys(after if len(words) < 3 or words[2:] == ("not",) else (), ""), incomplete)


def help_words(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Commands, their verbs, and topics."""
    from console.cli.topics import TOPICS

    shown: click.Command = ctx.find_root().command
    words = tuple(ctx.params.get("words") or ())
    for word in words:
        below = shown.get_command(ctx, word) if isinstance(shown, click.Group) else None
        if below is None:
            return []
        shown = below
    names = shown.list_commands(ctx) if isinstance(shown, click.Group) else []
    return _offered(dict.fromkeys([*names, *(TOPICS if not words else ())], ""), incomplete)


def log_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Services that have a log, and all of them."""
    from alerts.wire import SERVICES

    words = {**dict.fromkeys(SERVICES, "service"), "supervisord": "who starts them", "all": "all of them"}
    return _offered(
        {name: text for name, text in words.items() if name not in _given(ctx, param)}, incomplete
    )


def incident_verbs(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What can be done to an incident."""
    from console.cli.triage.incident import VERBS

    return _offered({name: verb.words for name, verb in VERBS.items()}, incomplete)


def incident_words(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What may follow the verb of an incident."""
    from alerts.checklist import SIX_STEPS

    verb = str(ctx.params.get("verb"))
    if verb in ("tick", "untick"):
        return _offered(dict.fromkeys(SIX_STEPS, ""), incomplete)
    if verb == "severity":
        return _offered(dict.fromkeys(("critical", "warning", "info"), ""), incomplete)
    if verb in ("assign", "join", "leave"):
        return person_names(ctx, param, incomplete)
    if verb == "merge":
        return incident_numbers(ctx, param, incomplete)
    return _offered({"add": "", "done": ""} if verb == "followup" else {}, incomplete)


def param_words(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``NAME=`` of the parameters that the action or step takes."""
    # An option that has no value yet ends click's reading of the line: what stood before it is in ``args``.
    words = [str(ctx.params[name]) for name in ("name", "runbook", "step") if ctx.params.get(name)]
    words += [word for word in ctx.args if not word.startswith("-")]
    try:
        if ctx.info_name == "run":
            runbook = _shelf(ctx).get(words[0]) if words else None
            steps = {step.name: step for step in runbook.steps} if runbook else {}
            step = steps.get(words[1]) if len(words) > 1 else None
            names = [each.name for each in step.inputs] if step else []
        else:
            actions = {action.name: action for action in _client(ctx).actions()}
            action = actions.get(words[0]) if words else None
            names = [each.name for each in action.params] if action else []
    except OpsError:
        return []
    return _offered({f"{name}=": "" for name in names}, incomplete)


def label_matchers(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``LABEL=`` of the alerts that are there, then ``LABEL=VALUE``."""
    try:
        return _offered(_labels(_client(ctx), incomplete, "="), incomplete)
    except OpsError:
        return []


def _labels(client: OpsClient, incomplete: str, sign: str) -> dict[str, str]:
    """Names of labels with the sign behind them; where one is written already, its values too."""
    alerts = client.alerts()
    name, found, _ = incomplete.partition(sign)
    if found:
        return {
            f"{name}{sign}{alert.labels[name]}": alert.alertname for alert in alerts if name in alert.labels
        }
    return {f"{label}{sign}": "" for alert in alerts for label in alert.labels}


def filter_words(kind: str) -> Offer:
    """The words of a filter of ``kind``: its last word is completed, and what stands before it stays."""

    def offer(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, blank, word = incomplete.rpartition(" ")
        turned = "!" if word.startswith("!") else ""
        known = dict.fromkeys(_filter_terms(kind), "")
        # The words that are the same everywhere are enough where the daemon is silent.
        with contextlib.suppress(OpsError):
            known |= _terms_of_daemon(ctx, kind, word.removeprefix("!"))
        offered = _offered(known, word.removeprefix("!"))
        return [CompletionItem(f"{before}{blank}{turned}{item.value}", help=item.help) for item in offered]

    return offer


def _filter_terms(kind: str) -> Iterable[str]:
    from alerts.wire import IncidentState
    from console.model.filter import SEVERITIES
    from runbooks.wire import ExecutionState

    severities = [f"sev:{mark}{name}" for mark in ("", ">=") for name in SEVERITIES]
    terms = {
        "alerts": [*severities, *(f"is:{state}" for state in ALERT_WORDS)],
        "incidents": [*severities, *(f"is:{state}" for state in get_args(IncidentState))],
        "executions": [*(f"is:{s}" for s in get_args(ExecutionState)), *(f"kind:{k}" for k in ("read", "change", "destructive"))],
        "audit": [f"kind:{k}" for k in ("alert", "incident", "execution", "approval", "user", "page", "maintenance")],
    }  # fmt: skip
    return terms[kind]


def _terms_of_daemon(ctx: click.Context, kind: str, word: str) -> dict[str, str]:
    client = _client(ctx)
    found: dict[str, str] = {}
    if kind in ("alerts", "incidents"):
        found |= {f"svc:{one.service}": "" for one in client.alerts() if one.service}
    if kind == "alerts":
        found |= _labels(client, word, ":")
    if kind == "incidents":
        found |= {f"by:{one.acknowledged_by}": "" for one in client.incidents() if one.acknowledged_by}
    if kind == "executions":
        found |= {f"by:{one.actor}": "" for one in client.executions(50)}
    if kind == "audit":
        rows = client.audit(_ROWS_READ)
        found |= {f"by:{one.actor}": "" for one in rows} | {f"kind:{one.kind}": "" for one in rows}
    return found


def _given(ctx: click.Context, param: click.Parameter) -> tuple[str, ...]:
    given = ctx.params.get(param.name or "")
    return tuple(given) if isinstance(given, tuple | list) else ()


def _offered(found: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=title)
        for name, title in sorted(found.items())
        if re.match(re.escape(incomplete), name, re.IGNORECASE)
    ]


def _shelf(ctx: click.Context) -> Mapping[str, RunbookView]:
    try:
        return {runbook.id: runbook for runbook in _client(ctx).shelf()[0]}
    except OpsError:
        from console.runbook_folder import read_catalogue

        return read_catalogue(RUNBOOKS).runbooks


def _client(ctx: click.Context) -> OpsClient:
    """The daemon that the line so far means; nothing has run yet, so that its options are read here."""
    which = daemon_meant(ctx, {name: value for name, value in ctx.params.items() if value is not None})
    return OpsClient(which.access(), timeout_s=_PATIENCE_S)
