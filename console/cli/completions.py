"""What the shell offers after TAB: runbooks, their steps and actions, from the daemon or from this checkout."""

import re
from collections.abc import Callable, Mapping

import click
from click.shell_completion import CompletionItem

from console.cli.options import daemon_meant
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.paths import RUNBOOKS
from runbooks.wire import RunbookView

_PATIENCE_S = 1.0
Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


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


def incident_numbers(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Incidents, the open ones; nothing where the daemon is silent."""
    try:
        return _offered({str(one.id): one.title for one in _client(ctx).incidents()}, incomplete)
    except OpsError:
        return []


def execution_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The latest executions; nothing where the daemon is silent."""
    try:
        return _offered({one.execution_id: one.title for one in _client(ctx).executions(20)}, incomplete)
    except OpsError:
        return []


def silence_ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Silences that are not over; nothing where the daemon is silent."""
    try:
        there = [one for one in _client(ctx).silences() if one.status.state != "expired"]
        return _offered({one.id: " ".join(map(str, one.matchers)) for one in there}, incomplete)
    except OpsError:
        return []


def service_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Services of the target; nothing where the daemon is silent."""
    try:
        return _offered({one.name: one.state for one in _client(ctx).services()}, incomplete)
    except OpsError:
        return []


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
