"""The `ops` program: its options, and every command, each imported only when it is asked for."""

import importlib
import io
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
    "incidents": "triage.incidents",
    "incident": "triage.incident",
    "ack": "triage.ack",
    "unack": "triage.unack",
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
    "doctor": "checks.doctor",
    "config": "checks.config",
    "diag": "checks.diag",
    "users": "access.users",
    "token": "access.token",
    "profile": "access.profile",
    "keys": "access.keys",
    "audit": "access.audit",
    "approve": "access.approve",
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
    "read-only": "runs.read_only",
    "console": "screen.console",
    "open": "screen.open",
    "drill": "drills.drill",
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
        "incidents",
        "incident",
        "ack",
        "unack",
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
        "read-only",
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
        "rehearse",
        "users",
        "token",
        "profile",
        "keys",
        "backup-state",
        "restore-state",
        "completion",
        "help",
    ),
}


_WITHOUT_DAEMON = frozenset({"help", "completion", "profile"})
"""Commands that work although the profile in the environment does not."""
MEANT = {
    "status": "ops ps", "top": "ops ps", "services": "ops ps", "list": "ops ps",
    "escalate": "ops incident ID escalate", "call": "ops page WHO TEXT", "notify": "ops page WHO TEXT", "schedule": "ops oncall", "pager": "ops pages", "window": "ops maintenance", "downtime": "ops maintenance schedule", "publish": "ops public publish", "statuspage": "ops public",
    "acknowledge": "ops ack", "take": "ops ack", "unacknowledge": "ops unack", "release": "ops unack",
    "comment": "ops note", "annotate": "ops note", "resolve": "ops incident ID resolve", "close": "ops incident ID close", "reopen": "ops incident ID reopen", "alert": "ops alerts",
    "history": "ops executions", "runs": "ops executions", "jobs": "ops executions", "kill": "ops cancel", "abort": "ops cancel",
    "watch": "ops attach, or ops alerts --watch", "output": "ops attach", "do": "ops act", "exec": "ops act", "action": "ops act --list", "actions": "ops act --list",
    "runbook": "ops runbooks show", "tail": "ops logs SERVICE -f", "log": "ops logs SERVICE", "sql": "ops psql", "redis": "ops redis-cli",
    "check": "ops doctor, or ops health", "ping": "ops health", "metrics": "ops query", "promql": "ops query",
    "configuration": "ops config check", "lint": "ops config check, or ops runbooks lint", "inhibition": "ops config show inhibition.yml",
    "silence": "ops silences add LABEL=VALUE --for 1h --comment WHY", "mute": "ops silences add LABEL=VALUE --for 1h --comment WHY", "unmute": "ops silences end ID", "unsilence": "ops silences end ID",
    "until": "ops wait CONDITION", "stream": "ops events", "curl": "ops api GET PATH", "request": "ops api GET PATH",
    "ui": "ops console", "tui": "ops console", "dashboard": "ops console", "journal": "ops audit", "user": "ops users", "key": "ops keys",
    "backup": "ops act backup, or ops backup-state for the journal", "restore": "ops backups, or ops restore-state for the journal",
    "freeze": "ops read-only on", "lock": "ops read-only on", "practice": "ops drill", "exercise": "ops drill",
}  # fmt: skip
"""Words that people try, and the command that they mean."""


def _hint(word: str) -> str:
    if word in MEANT:
        return f"You may mean {MEANT[word]}."
    import difflib

    near = difflib.get_close_matches(word, COMMANDS, 3, 0.5)
    return f"Perhaps {' or '.join(near)}?" if near else "See ops --help."


class _Program(click.Group):
    """The command group: loads a command's module when it is used, and turns errors into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"console.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"no command {args[0]!r}. {_hint(args[0])}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl(
                    [(name, command.get_short_help_str(60)) for name, command in commands if command]
                )


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
    Exit codes: 0 done; 1 failed; 2 wrong usage, or a name or id that is not there;
    3 not reachable; 4 refused; 130 interrupted.
    """
    if ctx.invoked_subcommand not in _WITHOUT_DAEMON:
        ctx.obj = daemon_meant(ctx, {})


def main() -> None:
    """Run the program; every error is one line on standard error and an exit code, with ``--json`` a document too."""
    sys.stdout, sys.stderr = HarmlessOutput(sys.stdout), HarmlessOutput(sys.stderr)
    try:
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
        # What could not be written is in a buffer still, and would be tried again at the end of the program.
        sys.stdout = io.StringIO()
        where = f": {error.filename}" if error.filename is not None else ""
        click.echo(f"ops: {error.strerror or error}{where}", err=True)
        sys.exit(1)


def _document(word: str, message: str, problem: Problem | None = None) -> None:
    """The error as the ops API has it, where a script asked for JSON."""
    options = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    if "--json" in options:
        field, details = (problem.field, problem.details) if problem else (None, None)
        say_json({"error": Problem(type=word, message=message, field=field, details=details)})
