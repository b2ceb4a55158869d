"""The `ops` program: its options, and every command, each imported only when it is asked for."""

import importlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import click

from alerts.wire import Problem
from console.cli.options import daemon_meant, say_json
from console.ops_api.errors import LostAnswerError, OpsError
from console.ops_api.execution import INTERRUPTED
from console.terminal.harmless_output import HarmlessOutput

COMMANDS = {
    "up": "stack.up",
    "down": "stack.down",
    "ps": "services.ps",
    "logs": "services.logs",
    "psql": "services.psql",
    "redis-cli": "services.redis_cli",
    "backups": "services.backups",
    "backup-state": "services.state_backup",
    "restore-state": "services.state_backup",
    "start": "services.start_stop",
    "stop": "services.start_stop",
    "restart": "services.start_stop",
    "alerts": "triage.alerts",
    "alert": "triage.alert",
    "incidents": "triage.incidents",
    "incident": "triage.incident",
    "ack": "triage.ack",
    "unack": "triage.unack",
    "undo": "triage.undo",
    "note": "triage.note",
    "silences": "triage.silences",
    "act": "runs.act",
    "run": "runs.run",
    "attach": "runs.attach",
    "executions": "runs.executions",
    "cancel": "runs.cancel",
    "runbooks": "runbooks.runbooks",
    "verify": "checks.verify",
    "health": "checks.health",
    "query": "checks.query",
    "graph": "checks.graph",
    "doctor": "checks.doctor",
    "config": "checks.config",
    "diag": "checks.diag",
    "users": "access.users",
    "whoami": "access.users",
    "token": "access.token",
    "profile": "access.profile",
    "keys": "access.keys",
    "audit": "access.audit",
    "approve": "access.approve",
    "approvals": "access.approve",
    "oncall": "paging.oncall",
    "contacts": "paging.contacts",
    "handover": "paging.handover",
    "report": "paging.report",
    "postmortem": "triage.postmortem",
    "page": "paging.page",
    "pages": "paging.page",
    "maintenance": "public.maintenance",
    "public": "public.public",
    "announce": "public.announce",
    "changes": "runs.changes",
    "locks": "runs.locks",
    "read-only": "runs.read_only",
    "console": "screen.console",
    "open": "screen.open",
    "drill": "drills.drill",
    "drills": "drills.drills",
    "rehearse": "runbooks.rehearse",
    "wait": "scripts.wait",
    "events": "scripts.events",
    "api": "scripts.api",
    "completion": "completion",
    "help": "help",
}
"""Each command and the module that has it, below this folder."""
SECTIONS = {
    "Triage": (
        "console",
        "open",
        "alerts",
        "alert",
        "incidents",
        "incident",
        "ack",
        "unack",
        "undo",
        "note",
        "silences",
        "postmortem",
    ),
    "Public": ("maintenance", "public", "announce"),
    "People": ("oncall", "contacts", "page", "pages", "handover", "report"),
    "Remedy": (
        "run",
        "act",
        "runbooks",
        "executions",
        "attach",
        "cancel",
        "changes",
        "locks",
        "read-only",
        "approvals",
        "approve",
        "start",
        "stop",
        "restart",
    ),
    "Look": (
        "verify",
        "diag",
        "health",
        "ps",
        "logs",
        "query",
        "graph",
        "psql",
        "redis-cli",
        "backups",
        "audit",
        "config",
        "doctor",
    ),
    "Scripts": ("wait", "events", "api"),
    "Stack": (
        "up",
        "down",
        "drill",
        "drills",
        "rehearse",
        "users",
        "token",
        "whoami",
        "profile",
        "keys",
        "backup-state",
        "restore-state",
        "completion",
        "help",
    ),
}


BRIEFLY = {
    "console": "The full screen",
    "open": "The full screen, on one incident",
    "alerts": "What fires, most severe first",
    "alert": "All that is known about one alert",
    "incidents": "Open incidents, or one with its timeline",
    "incident": "One incident, and every verb that changes it",
    "ack": "Take incidents: they are yours, and everybody sees it",
    "unack": "Give incidents back",
    "undo": "Take back what you did here in the last 10 seconds",
    "note": "Write on an incident's timeline",
    "silences": "What calls nobody for a while; add, extend, end",
    "postmortem": "What the evidence says about an incident, for review",
    "maintenance": "Planned work: schedule, announce, work in it, complete",
    "public": "What the public reads about incidents",
    "announce": "Tell the public what is neither outage nor maintenance",
    "oncall": "Who is called at each level now; set, unset",
    "contacts": "Who can be called, and how; check, test",
    "page": "Call a person, a level or everybody",
    "pages": "Who was called lately, and whether it arrived",
    "handover": "What whoever takes over has to know",
    "report": "How the on-call has gone: times, breaches, noise",
    "run": "Run a step of a runbook",
    "act": "Do one action; --list says which there are",
    "runbooks": "The shelf of runbooks: list, show, lint, new",
    "executions": "What was run; show one, clear an unknown one",
    "attach": "Watch what runs, whoever began it",
    "cancel": "Stop what runs",
    "changes": "Temporary changes in force; end",
    "locks": "Who holds what, for which execution",
    "read-only": "Whether anything may be changed; on, off",
    "approvals": "What waits for a second person",
    "approve": "Agree to what another person asked for",
    "start": "Start a service, journalled and locked",
    "stop": "Stop a service, journalled and locked",
    "restart": "Restart a service, journalled and locked",
    "verify": "After an incident: is the service really well?",
    "diag": "What ails PostgreSQL, Redis, the API, or one request",
    "health": "What the API or the daemon says of itself",
    "ps": "Each service with its state",
    "logs": "What services have logged, several by time",
    "query": "A PromQL expression, now",
    "graph": "A PromQL expression over time, as a chart",
    "psql": "psql on the service's database, read-only",
    "redis-cli": "redis-cli on the service's Redis, read-only",
    "backups": "The backups of the local stack",
    "audit": "The journal: who did what and when; verify, export",
    "config": "The checked files of the state folder; check, show",
    "doctor": "Check a deployment end to end",
    "wait": "Wait until something is as a script needs it",
    "events": "Every change as it comes, for scripts",
    "api": "Any call of the ops API",
    "up": "Bring up the local stack, then the console",
    "down": "Stop the local stack; its data stay",
    "drill": "Cause an alert for real, and cure it by its runbook",
    "drills": "The drills there are, and how the last of each went",
    "rehearse": "Try every read step on the live target",
    "users": "Who may use the daemon; add, list, rotate, revoke",
    "token": "The local stack's own tokens",
    "whoami": "Who you are to the daemon, and in which role",
    "profile": "Daemons by name; add, show, remove",
    "keys": "Keys of the analyze API; create, list, revoke",
    "backup-state": "Back up the ops daemon's own state",
    "restore-state": "Put the ops daemon's state back from an archive",
    "completion": "Have bash, zsh or fish complete commands",
    "help": "What a command does, or what is to be known of a topic",
}
"""What each command is for, in a few words: so the list needs none of their modules, and nothing in it is cut."""
ALIASES = {"runs": "executions", "windows": "maintenance", "reports": "report"}
"""Other names of nouns: those that the console's screens have."""
_WITHOUT_DAEMON = frozenset({"help", "completion", "profile"})
"""Commands that work although the profile in the environment does not."""
MEANT = {
    "status": "ops ps", "top": "ops ps", "services": "ops ps", "list": "ops ps",
    "escalate": "ops incident ID escalate", "call": "ops page WHO TEXT", "notify": "ops page WHO TEXT", "schedule": "ops oncall", "pager": "ops pages", "window": "ops maintenance", "downtime": "ops maintenance schedule", "publish": "ops public publish", "statuspage": "ops public",
    "acknowledge": "ops ack", "take": "ops ack", "unacknowledge": "ops unack", "release": "ops unack",
    "comment": "ops note", "annotate": "ops note", "resolve": "ops incident ID resolve", "close": "ops incident ID close", "reopen": "ops incident ID reopen",
    "history": "ops executions", "jobs": "ops executions", "kill": "ops cancel", "abort": "ops cancel",
    "watch": "ops attach, or ops alerts --watch", "output": "ops attach", "do": "ops act", "exec": "ops act", "action": "ops act --list", "actions": "ops act --list",
    "runbook": "ops runbooks show", "tail": "ops logs SERVICE -f", "log": "ops logs SERVICE", "sql": "ops psql", "redis": "ops redis-cli",
    "check": "ops doctor, or ops health", "ping": "ops health", "metrics": "ops query", "promql": "ops query",
    "configuration": "ops config check", "lint": "ops config check, or ops runbooks lint", "inhibition": "ops config show inhibition.yml",
    "silence": "ops silences add LABEL=VALUE --for 1h --comment WHY", "mute": "ops silences add LABEL=VALUE --for 1h --comment WHY", "unmute": "ops silences end ID", "unsilence": "ops silences end ID",
    "until": "ops wait CONDITION", "stream": "ops events", "curl": "ops api GET PATH", "request": "ops api GET PATH",
    "ui": "ops console", "tui": "ops console", "dashboard": "ops console", "journal": "ops audit", "user": "ops users", "key": "ops keys",
    "backup": "ops act backup, or ops backup-state for the journal", "restore": "ops backups, or ops restore-state for the journal",
    "version": "ops --version", "show": "ops incident ID, or ops alert NAME", "ticket": "ops incidents", "outage": "ops incidents", "assign": "ops incident ID assign PERSON", "join": "ops incident ID join PERSON", "leave": "ops incident ID leave PERSON", "followup": "ops incident ID followup add TEXT", "follow-up": "ops incident ID followup add TEXT", "merge": "ops incident ID merge INCIDENT", "declare": "ops incident declare TITLE --service S", "severity": "ops incident ID severity SEVERITY",
    "component": "ops public components", "components": "ops public components", "oncall-report": "ops report", "statistics": "ops report", "stats": "ops report", "shift": "ops handover", "revert": "ops undo", "oops": "ops undo", "chart": "ops graph", "plot": "ops graph", "tunnel": "ops profile add NAME --ssh HOST", "login": "ops profile add", "context": "ops profile", "config-file": "ops config show", "man": "ops help",
    "freeze": "ops read-only on", "lock": "ops locks, or ops read-only on", "unlock": "ops executions clear ID, or ops read-only off", "me": "ops whoami", "id": "ops whoami", "approval": "ops approvals", "agree": "ops approve", "grant": "ops approve", "scenario": "ops drills", "practice": "ops drill", "exercise": "ops drill",
}  # fmt: skip
"""Words that people try, and the command that they mean."""


def _hint(word: str) -> str:
    if word in MEANT:
        return f"You may mean {MEANT[word]}."
    if word.isdecimal() or word in ("last", "."):
        return f"You may mean ops incident {word}."
    if word[:1].isupper() and word.isalnum() and not word.isupper():
        return f"You may mean ops alert {word}, or ops runbooks show {word}."
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, 3, 0.5)
    return f"Perhaps {' or '.join(near)}?" if near else "See ops --help."


class _Program(click.Group):
    """The command group: loads a command's module when it is used, and turns errors into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"console.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises ``click.UsageError`` that puts an option of a command where it belongs."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            command = next((word for word in args if word in COMMANDS), None)
            if command is None:
                raise
            right = f"ops {command} {error.option_name}"
            raise click.UsageError(f"options of a command stand behind it: {right}", ctx) from error

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"no command {args[0]!r}. {_hint(args[0])}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, BRIEFLY[name]) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Commands with what they are for, and options; no command is imported for that."""
        from click.shell_completion import CompletionItem

        options = click.Command.shell_complete(self, ctx, incomplete)
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        return [*(CompletionItem(name, help=BRIEFLY[name]) for name in names), *options]


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--state",
    type=click.Path(path_type=Path, readable=False),
    envvar="OPS_STATE",
    help="State folder of a local stack.",
)
@click.option("--url", envvar="OPS_URL", help="A remote ops daemon.")
@click.option(
    "--token", envvar="OPS_TOKEN", help="Token for it (better: the environment variable OPS_TOKEN)."
)
@click.option("--profile", envvar="OPS_PROFILE", help="A daemon by name: see ops profile.")
@click.option("--ssh", metavar="HOST", help="Reach the daemon through HOST, with OpenSSH.")
@click.version_option(package_name="structured-prompt-service")
@click.pass_context
def cli(ctx: click.Context, /, **_: object) -> None:
    """Keep the Structured Prompt Service alive.

    \b
    Examples:
      ops alerts
      ops ack last
      ops help paging

    \b
    Exit codes: 0 done; 1 failed; 2 wrong usage, or a name or id that is not
    there; 3 not reachable; 4 refused; 130 interrupted.
    """
    if ctx.invoked_subcommand not in _WITHOUT_DAEMON:
        ctx.obj = daemon_meant(ctx, {})


def main() -> None:
    """Run the program; every error is one line on standard error and an exit code, with ``--json`` a document too."""
    if "_OPS_COMPLETE" in os.environ:
        from console.cli.shell import know_shells

        know_shells()
    _open_what_is_closed()
    sys.stdout, sys.stderr = HarmlessOutput(sys.stdout), HarmlessOutput(sys.stderr)
    try:
        sys.argv[1:] = map(_as_typed, sys.argv[1:])
        sys.exit(cli(prog_name="ops", standalone_mode=False) or 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        _document("invalid", error.format_message())
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _document("interrupted", "stopped")
        click.echo("ops: stopped", err=True)
        sys.exit(INTERRUPTED)
    except OpsError as error:
        words = f"in doubt: {error}" if isinstance(error, LostAnswerError) else str(error)
        _document(error.problem.type if error.problem else error.word, words, error.problem)
        click.echo(f"ops: {words}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f": {error.filename}" if error.filename is not None else ""
        words = f"{error.strerror or error}{where}"
        _document(OpsError.word, words)
        # What could not be written is in a buffer still, and would be tried again at the end of the program.
        sys.stdout = io.StringIO()
        click.echo(f"ops: {words}", err=True)
        sys.exit(1)


def _open_what_is_closed() -> None:
    """Standard streams that were handed over closed (``>&-``) lead nowhere; a socket would take their place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def _as_typed(word: str) -> str:
    """A word of the line; what the locale could not read is read as UTF-8. Raises ``click.UsageError`` where it is none."""
    try:
        word.encode()
        return word
    except UnicodeError:
        pass
    try:
        return os.fsencode(word).decode()
    except UnicodeError as error:
        shown = os.fsencode(word).decode(errors="backslashreplace")
        raise click.UsageError(f"'{shown}' is no UTF-8: a terminal that writes UTF-8 is needed") from error


def _document(word: str, message: str, problem: Problem | None = None) -> None:
    """The error as the ops API has it, where a script asked for JSON."""
    options = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    if "--json" in options:
        field, details = (problem.field, problem.details) if problem else (None, None)
        try:
            say_json({"error": Problem(type=word, message=message, field=field, details=details)})
        except OSError:
            # Nobody can read it: the sentence and the exit code are told all the same.
            sys.stdout = io.StringIO()
