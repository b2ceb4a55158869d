"""One table over all commands: help, --json, --quiet, errors, exit codes, completion, what they import."""

import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import msgspec
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from alerts.maintenance import MaintenanceView
from alerts.wire import (  # fmt: skip
    AlertView,
    AuditEntry,
    ConfigurationFileView,
    ContactsView,
    IncidentView,
    OnCallReport,
    PageView,
    PersonView,
    SilenceView,
    UserView,
)
from console.cli.completions import ALERT_WORDS
from console.cli.drills.drills import Drill
from console.cli.main import ALIASES, BRIEFLY, COMMANDS, SECTIONS, cli
from console.cli.noun import MEANT_VERBS, NounGroup
from console.cli.options import quiet
from console.cli.reference import walk
from console.cli.runs.see_through import Quietly, finish
from console.model.filter import parse_filter
from console.ops_api import errors
from console.ops_api.client import error_kind
from console.ops_api.execution import INTERRUPTED
from runbooks.wire import (  # fmt: skip
    ActionView,
    ApprovalView,
    ChangeView,
    ExecutionView,
    LockView,
    RehearsalView,
    RunbookView,
)
from server.ops import http, routes
from tests.console.cli.test_command_line import ops, words_of
from tests.console.conftest import LoneDaemon, running_daemon
from tests.forked_program import run_ops
from web.public_incident import PublicIncidentView

CONTEXTS = {context.command_path: context for context in walk(cli, ("ops",), None)}
RUNNABLE = {
    path: context
    for path, context in CONTEXTS.items()
    if path != "ops"
    and (not isinstance(context.command, click.Group) or context.command.invoke_without_command)
}
_HANDS_OVER = {
    "ops up", "ops down", "ops psql", "ops redis-cli",
    "ops runbooks new", "ops config show", "ops token show", "ops audit anchor", "ops audit export",
    "ops console", "ops open", "ops completion", "ops help",
}  # fmt: skip
"""Commands that hand over to another program, print a text or a stream that is one already, or open the full screen."""
_STREAMS = {"ops logs", "ops events", "ops api"}
"""Commands that print what comes as it comes."""
_LISTS = {
    "alerts": AlertView, "incidents": IncidentView, "silences": SilenceView, "executions": ExecutionView, "approvals": ApprovalView,
    "approve": ApprovalView, "changes": ChangeView, "locks": LockView, "act --list": ActionView, "runbooks list": RunbookView,
    "maintenance": MaintenanceView, "maintenance list --all": MaintenanceView, "public": PublicIncidentView, "pages": PageView,
    "users list": UserView, "audit": AuditEntry, "config check": ConfigurationFileView, "drills": Drill, "runs": ExecutionView, "windows": MaintenanceView,
}  # fmt: skip
_THINGS = {
    "alert APIDown": AlertView, "incident last": IncidentView, "incidents last": IncidentView, "ack last": IncidentView, "oncall": ContactsView,
    "contacts show": ContactsView, "report": OnCallReport, "rehearse --status": RehearsalView, "runbooks show APIDown": RunbookView,
    "whoami": PersonView, "act hold-redis --param pid=1 --param started=1 --dry-run": ExecutionView,
}  # fmt: skip
_EMPTY = {
    "alerts": "no unresolved alerts", "incidents": "no open incidents", "silences": "nothing is silenced", "silences --all": "there was never a silence",
    "executions": "nothing has been run yet", "approvals": "nothing is waiting", "changes": "no temporary change is in force", "locks": "no lock is held",
    "maintenance": "no maintenance is planned", "maintenance list --all": "there was never maintenance", "public": "nothing is open",
    "public list --all": "nothing was ever published", "pages": "nobody was called yet", "alerts --quarantined": "nothing is quarantined: whatever was posted as an alert was one",
    "alerts --filter nowhere": "no alert passes the filter", "alerts --since 1h": "no alert passes the filter", "incidents --filter nowhere": "no incident passes the filter",
    "executions --mine": "no execution passes the filter", "pages --since 1h": "nobody was called in that time", "audit --filter nowhere": "no row of the journal passes",
    "ack --filter nowhere": "no open incident passes the filter",
}  # fmt: skip
_WRONG = {
    "alert nothing": 2, "alerts --filter is:nonsense": 2, "alerts --since soon": 2, "alerts --since 1h --until 2h": 2, "incidents 99": 2, "incident 99": 2,
    "incident last resolve": 4, "incident 1 unmerge": 4, "incident 1 merge 1": 4,
    "users add admin --role admin": 4, "users revoke admin": 4, "ack 99": 2, "ack": 2, "ack 1 --filter x": 2, "unack 99": 2, "undo": 2, "note 99 text": 2, "silences show nothing": 2, "silences end nothing": 2,
    "silences extend nothing --for 1h": 2, "silences add x --for 1h --comment y": 2, "postmortem 99": 2, "maintenance show 99": 2, "maintenance check-in 99": 2,
    "maintenance schedule x --from never --for 1h --match a=b --reason c": 2, "public show 99": 2, "public publish": 2, "oncall set L1 nobody --for 1h": 2, "contacts test nobody": 2,
    "page nobody text": 2, "handover --shift odd": 2, "report --since odd": 2, "act no-such-action": 2, "act restart-api": 4, "run NoSuch step": 2, "run APIDown no-such-step": 2,
    "attach nothing-00": 2, "cancel nothing-00": 2, "executions show nothing-00": 2, "executions clear nothing-00 --reason x": 2, "executions --incident x": 2, "changes end nothing": 2,
    "approve nothing": 2, "approvals show nothing": 2, "read-only on": 2, "runbooks show NoSuch": 2, "runbooks lint --shelf /nowhere": 2, "rehearse NoSuch": 2, "users rotate nobody": 2,
    "users revoke nobody": 2, "users add No! --role viewer": 2, "audit verify --head odd": 2, "audit note ": 2, "profile show nothing": 2, "profile remove nothing": 2, "profile add x": 2,
    "query sum(": 3, "graph sum(": 3, "graph up --since soon": 2, "report --since 1h --until 2h": 2, "maintenance announce 99 --preview --html": 2, "maintenance announce 1 --html": 2, "wait odd": 2, "events --after x --count 0": 2, "logs nothing": 2, "api GET v1/me": 2, "api GET /v1/nothing": 2, "start nothing": 2, "stop nothing": 2, "restart nothing": 2,
    "drill": 2, "verify --incident 99": 2, "announce": 2, "health nothing": 2, "diag nothing": 2, "config nothing": 2, "contacts nothing": 2, "keys nothing": 2,
    "locks --nothing": 2, "whoami --nothing": 2, "pages --since soon": 2, "drills --nothing": 2, "doctor --nothing": 2, "backups --nothing": 2, "backups": 3,
    "drill NoSuch": 2, "approvals --nothing": 2, "audit --limit 0": 2, "audit show --limit 0": 2, "audit anchor": 2, "audit anchor --reason x": 1, "audit export --nothing": 2, "changes --nothing": 2,
    "config check --nothing": 2, "config show nothing": 2, "contacts check --nothing": 2, "contacts show --nothing": 2, "keys create": 2, "keys list --nothing": 2, "keys revoke": 2,
    "diag clients --within odd": 2, "diag connections --nothing": 2, "diag errors --within odd": 2, "diag keys --nothing": 2, "diag locks --nothing": 2, "diag memory --nothing": 2, "diag providers --within odd": 2,
    "diag queries --longer-than odd": 2, "diag request": 2, "diag slowlog --nothing": 2, "diag tables --nothing": 2,
    "maintenance --nothing": 2, "maintenance list --nothing": 2, "maintenance announce 99": 2, "maintenance cancel 99": 2, "maintenance check 99 backup --text x": 2, "maintenance complete 99": 2, "maintenance correct 99 x": 2,
    "maintenance extend 99 --for 1h": 2, "maintenance no-change 99": 2, "maintenance reschedule 99 --from 10:00": 2, "maintenance update 99 x": 2, "maintenance verify 99": 2, "oncall --nothing": 2, "oncall unset L9": 2,
    "profile --nothing": 2, "public --nothing": 2, "public list --nothing": 2, "public components --nothing": 2, "public templates --nothing": 2, "public correct 99 x": 2, "public draft --incident 99": 2,
    "public postmortem 99 https://x y": 2, "public resolve 99 x": 2, "public update 99 x": 2, "runbooks list --nothing": 2, "runbooks new NoSuch": 2, "runbooks new ../X": 2, "silences --nothing": 2, "silences list --nothing": 2, "users list --nothing": 2,
    "rehearse --nothing": 2, "audit verify --head 1:odd": 2, "token show x": 2, "psql": 3, "redis-cli": 3, "backup-state": 1, "restore-state x": 1, "open 99": 2, "up --nothing": 2, "down --nothing": 2, "help nothing": 2,
    "completion odd": 2, "console --nothing": 2, "ps": 3,
}  # fmt: skip
"""Lines that cannot be done, and the exit code of the table in `ops help exit-codes`."""


@pytest.fixture(scope="module")
def still() -> Iterator[LoneDaemon]:
    """A daemon in which nothing has happened and nothing will."""
    with running_daemon() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def busy() -> Iterator[LoneDaemon]:
    """A daemon with an incident."""
    with running_daemon() as daemon:
        daemon.post_alert("APIDown")
        yield daemon


def test_every_command_has_its_words_and_its_place() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS) == sorted(BRIEFLY)
    assert not ALIASES.keys() & COMMANDS.keys()
    assert set(ALIASES.values()) <= COMMANDS.keys()


def test_the_list_of_commands_fits_eighty_columns_and_cuts_nothing() -> None:
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=80).output
    assert "..." not in shown.partition("Options:")[2]
    assert all(len(line) <= 80 for line in shown.splitlines())
    for name, words in BRIEFLY.items():
        assert re.search(rf"(?m)^  {name} +{re.escape(words)}$", shown), name


@pytest.mark.parametrize("path", list(CONTEXTS))
def test_the_help_of_a_command_fits_and_cuts_no_verb(path: str) -> None:
    words = path.split()[1:]
    shown = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80)
    assert shown.exit_code == 0
    verbs = shown.output.partition("Verbs:")[2]
    assert "..." not in verbs
    assert all(len(line) <= 80 for line in verbs.splitlines())


@pytest.mark.parametrize("path", list(RUNNABLE))
def test_every_command_with_a_result_knows_json_and_quiet(path: str) -> None:
    options = {opt for param in RUNNABLE[path].command.params for opt in param.opts}
    assert ("--json" in options) != (path in _HANDS_OVER)
    assert ("--quiet" in options) == ("--json" in options and path not in _STREAMS)


@pytest.mark.parametrize("path", list(CONTEXTS))
def test_every_command_and_every_verb_has_an_example_of_its_own(path: str) -> None:
    help_ = (CONTEXTS[path].command.help or "").replace("\b", "")
    examples = help_.partition("Examples:\n")[2].splitlines()
    assert all(len(line.strip()) <= 76 for line in examples if line.strip().startswith("ops ")), (
        "an example is cut"
    )
    assert any(line.strip() == path or line.strip().startswith(f"{path} ") for line in examples), path


@pytest.mark.stack
@pytest.mark.parametrize("words", list(_LISTS))
def test_a_list_as_json_is_of_the_types_of_the_api(busy: LoneDaemon, words: str) -> None:
    done = ops(busy, *words.split(), "--json")
    assert done.returncode == 0, done.stderr
    for one in msgspec.json.decode(done.stdout, type=list[msgspec.Raw]):
        msgspec.json.decode(one, type=_LISTS[words])


@pytest.mark.stack
@pytest.mark.parametrize("words", list(_THINGS))
def test_one_thing_as_json_is_of_a_type_of_the_api(busy: LoneDaemon, words: str) -> None:
    done = ops(busy, *words.split(), "--json")
    assert done.returncode == 0, done.stderr
    msgspec.json.decode(done.stdout, type=_THINGS[words])


@pytest.mark.stack
@pytest.mark.parametrize("words", list(_EMPTY))
def test_an_empty_list_says_what_is_empty_and_is_silent_under_quiet(still: LoneDaemon, words: str) -> None:
    assert ops(still, *words.split()).stdout == _EMPTY[words] + "\n"
    quiet = ops(still, *words.split(), "--quiet")
    assert (quiet.returncode, quiet.stdout) == (0, "")
    assert ops(still, *words.split(), "--json").stdout == "[]\n"


@pytest.mark.stack
@pytest.mark.parametrize("words", list(_WRONG))
def test_what_cannot_be_done_ends_by_the_table_and_is_a_document_under_json(
    busy: LoneDaemon, words: str, tmp_path: Path
) -> None:
    line = words.split(" ")
    # A terminal of its own: what another test did here last could be undone.
    env = {"XDG_STATE_HOME": str(tmp_path)}
    done = ops(busy, *line, "--json", **env) if "--json" in _options(line) else ops(busy, *line, **env)
    assert done.returncode == _WRONG[words], (done.stdout, done.stderr)
    assert done.stderr
    assert "Traceback" not in done.stderr
    if "--json" in _options(line):
        error = json.loads(done.stdout)["error"]
        assert error["message"]
        assert error["type"] in (
            "invalid",
            "not_found",
            "refused",
            "unavailable",
            "conflict",
            "unreachable",
            *(["failed"] if _WRONG[words] == 1 else []),
        ), error


def _options(line: list[str]) -> set[str]:
    """Options of the command that a line means."""
    command: click.Command = cli
    for word in line:
        below = (
            command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        )
        if below is None:
            break
        command = below
    return {opt for param in command.params for opt in param.opts}


@pytest.mark.stack
@pytest.mark.parametrize("words", [*_LISTS, *_THINGS, "health ops", "contacts check", "config check", "doctor", "audit verify", "report", "handover", "postmortem 1", "read-only", "users list", "public components", "public templates", "note 1 text"])  # fmt: skip
def test_quiet_is_ids_and_names_alone(busy: LoneDaemon, words: str) -> None:
    done = ops(busy, *words.split(), "--quiet")
    assert done.returncode in (0, 1), done.stderr
    said = done.stdout.splitlines()
    assert [line for line in said if not re.fullmatch(r"[\w.:/-]+", line)] == [], done.stdout


def _has(path: str, *wanted: str) -> bool:
    return set(wanted) <= {opt for param in RUNNABLE[path].command.params for opt in param.opts}


@pytest.mark.parametrize("path", [path for path in RUNNABLE if _has(path, "--json", "--columns")])
@pytest.mark.parametrize("options", [("--json", "--columns", "x"), ("--columns", "x", "--json")])
def test_columns_of_a_document_are_refused_and_not_passed_over(path: str, options: tuple[str, ...]) -> None:
    needed = [word for param in RUNNABLE[path].command.params for word in _needed(param)]
    done = CliRunner().invoke(
        cli, [*path.split()[1:], *needed, *options], env={"OPS_URL": "http://127.0.0.1:9"}
    )
    assert (done.exit_code, "--json and --columns exclude each other" in done.output) == (2, True), (
        done.output
    )


@pytest.mark.stack
@pytest.mark.parametrize("words", ["report --csv --json", "report --csv --html", "report --html --json", "report --csv --columns who", "logs api --count-by type --columns time"])  # fmt: skip
def test_two_forms_at_once_are_refused(busy: LoneDaemon, words: str) -> None:
    done = ops(busy, *words.split())
    assert (done.returncode, "exclude each other" in done.stderr) == (2, True), done.stderr


@pytest.mark.stack
def test_a_report_has_the_columns_that_are_asked_for_and_refuses_those_of_no_table(busy: LoneDaemon) -> None:
    shown = ops(busy, "report", "--columns", "alert,incidents").stdout
    # A daemon that nobody evaluates for has an alert of its own after a while.
    assert [line.split() for line in re.findall(r"(?m)^(?:ALERT|APIDown) .*$", shown)] == [
        ["ALERT", "INCIDENTS"],
        ["APIDown", "1"],
    ]
    assert re.search(r"by severity\nSEVERITY  INCIDENTS\ncritical  \d+\n", shown)
    assert "pages" not in ops(busy, "report", "--columns", "alert").stdout
    wrong = ops(busy, "report", "--columns", "odd")
    assert (wrong.returncode, "there is no column 'odd'; there are ALERT, INCIDENTS" in wrong.stderr) == (
        2,
        True,
    )


@pytest.mark.stack
@pytest.mark.parametrize("words", ["act restart-api", "restart api", "start redis", "stop redis"])
def test_a_program_that_fails_is_quiet_but_for_its_id_and_the_error(busy: LoneDaemon, words: str) -> None:
    confirm = words.removeprefix("act ").replace(" ", "-")
    loud = ops(busy, *words.split(), "--confirm", confirm)
    done = ops(busy, *words.split(), "--confirm", confirm, "--quiet")
    assert done.returncode == loud.returncode == 1
    assert re.fullmatch(r"[0-9a-z-]+\n", done.stdout)
    assert "failed" in done.stderr
    assert busy.client().execution(done.stdout.strip()).state == "failed"


@pytest.mark.stack
@pytest.mark.parametrize(("quietly", "said"), [("id", "{}\n"), ("output", "It is well.\n"), ("nothing", "")])
def test_what_is_printed_of_a_run_that_went_well(daemon_with_shelf: LoneDaemon, quietly: Quietly, said: str) -> None:  # fmt: skip
    (daemon_with_shelf.shelf / "Well.md").write_text(
        "---\nalert: Well\nseverity: info\nmttr_target: 5m\nowner: platform\n---\n# Well\n\n## Diagnosis\n\n"
        '```bash {"name":"well","kind":"read","timeout":"30s"}\necho It is well.\n```\n'
    )
    assert ops(daemon_with_shelf, "run", "Well", "well", "-q").stdout == "It is well.\n"
    client = daemon_with_shelf.client()
    (run,) = client.executions()

    @click.command()
    @quiet
    def seen() -> None:
        finish(client, run, as_json=False, quietly=quietly)

    assert CliRunner().invoke(seen, ["-q"]).output == said.format(run.execution_id)


_OF_A_CANCELLED_WINDOW = (
    "announce 1", "cancel 1 Off --reason x", "check 1 backup --text x", "check-in 1 --reason x", "complete 1 --reason x", "extend 1 Longer --for 1h", "no-change 1",
    "reschedule 1 Later --from +26h", "update 1 Half", "verify 1",
)  # fmt: skip


@pytest.mark.stack
def test_every_verb_that_is_not_possible_from_a_state_is_refused() -> None:
    with running_daemon() as daemon:
        daemon.post_alert("APIDown")
        of_open = [f"incident 1 {verb}" for verb in ("review", "close", "reopen", "unmerge", "merge 1")]
        assert {line: ops(daemon, *line.split()).returncode for line in of_open} == dict.fromkeys(of_open, 4)
        assert ops(daemon, "incident", "1", "dismiss", "--reason", "x").returncode == 0
        schedule = "maintenance schedule Disk --from +25h --for 1h --match job=db --reason x"
        for line in (schedule, "maintenance announce 1", "maintenance cancel 1 Off --reason x"):
            assert ops(daemon, *line.split()).returncode == 0
        lines = [
            f"incident 1 {verb} --reason x"
            for verb in ("investigate", "resolve", "review", "close", "dismiss")
        ]
        lines += ["unack 1", *(f"maintenance {line}" for line in _OF_A_CANCELLED_WINDOW)]
        assert {line: ops(daemon, *line.split()).returncode for line in lines} == dict.fromkeys(lines, 4)


def test_every_command_and_every_verb_stands_in_the_table_of_errors() -> None:
    tried = {f"ops {' '.join(words.split(' ')[:length])}" for words in _WRONG for length in (1, 2)}
    assert RUNNABLE.keys() - tried == set()


@pytest.mark.parametrize("path", sorted(set(RUNNABLE) - _HANDS_OVER - {"ops profile", "ops profile show", "ops profile add", "ops profile remove", "ops runbooks lint", "ops drill", "ops contacts check", "ops config check", "ops doctor", "ops undo", "ops backup-state", "ops restore-state"}))  # fmt: skip
def test_a_daemon_that_is_away_ends_every_command_with_three(path: str) -> None:
    arguments = [word for param in RUNNABLE[path].command.params for word in _needed(param)]
    env = {"PATH": os.environ["PATH"], "OPS_URL": "http://127.0.0.1:9", "OPS_TOKEN": "x"}
    argv = [*path.split()[1:], *arguments]
    extra = ["--json"] if any("--json" in param.opts for param in RUNNABLE[path].command.params) else []
    done = run_ops(*argv, *extra, env=env)
    assert done.returncode == 3, (argv, done.stdout, done.stderr)
    assert json.loads(done.stdout)["error"]["type"] == "unreachable"


_VALUES = {"level": "L1", "service": "api", "switch": "on", "method": "GET", "path": "/v1/me", "condition": "alert:A is firing", "matchers": "a=b", "number": "1", "incident": "1", "incidents": "1", "what": "backup", "name": "x", "expression": "up"}  # fmt: skip
_OPTION_VALUES = {"--from": "10:00", "--role": "viewer", "--match": "a=b"}
_ALSO = {"oncall set": ["--for", "1h"]}


def _needed(param: click.Parameter) -> list[str]:
    """Words that make the parameter right."""
    name = param.name or ""
    if isinstance(param, click.Argument):
        return [_VALUES.get(name, "x")] if param.required or name in ("incidents", "switch", "name", "title", "text") else []  # fmt: skip
    if param.required:
        return [param.opts[0], _OPTION_VALUES.get(param.opts[0], "x")]
    return [param.opts[0], "1h"] if param.opts[0] == "--for" and name == "for_" else (["--reason", "x"] if "--reason" in param.opts else [])  # fmt: skip


def test_every_refusal_of_the_daemon_ends_with_four_whatever_its_word() -> None:
    """Every status that any table of the daemon's routes gives an expected error."""
    tables = [vars(module).get("PROBLEMS", {}) for module in _route_modules()]
    found = {entry for table in [http.PROBLEMS, *tables] for entry in table.values()}
    assert {word for _, word in found} == {
        "invalid", "unauthenticated", "forbidden", "not_found", "conflict", "refused", "locked", "unavailable"
    }  # fmt: skip
    codes = {word: error_kind(status).exit_code for status, word in found}
    assert codes == {
        "invalid": 2, "not_found": 2, "unauthenticated": 4, "forbidden": 4, "conflict": 4, "refused": 4, "locked": 4, "unavailable": 3
    }  # fmt: skip


def _route_modules() -> list[ModuleType]:
    return [
        importlib.import_module(f"server.ops.routes.{module.name}")
        for module in pkgutil.iter_modules(routes.__path__)
    ]


def test_the_exit_codes_of_errors_are_those_of_the_table() -> None:
    from console.cli.topics import TOPICS

    table = {int(code) for code in re.findall(r"(?m)^  (\d+) ", TOPICS["exit-codes"])}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.OpsError)]  # fmt: skip
    assert {kind.exit_code for kind in kinds} | {0, INTERRUPTED} == table


@pytest.mark.parametrize("path", [path for path, context in CONTEXTS.items() if isinstance(context.command, click.Group)])  # fmt: skip
def test_commands_verbs_and_options_are_completed(path: str) -> None:
    asked = ShellComplete(cli, {}, "ops", "_OPS_COMPLETE")
    group = CONTEXTS[path].command
    assert isinstance(group, click.Group)
    offered = {item.value for item in asked.get_completions(path.split()[1:], "")}
    assert set(group.list_commands(CONTEXTS[path])) <= offered
    for verb in group.list_commands(CONTEXTS[path]):
        context = CONTEXTS[f"{path} {verb}"]
        options = {item.value for item in asked.get_completions([*path.split()[1:], verb], "--")}
        wanted = {opt for param in context.command.params for opt in param.opts if opt.startswith("--")}
        assert wanted <= options, verb


def test_every_verb_that_may_be_meant_is_one_that_some_noun_has() -> None:
    ours = {
        verb
        for context in CONTEXTS.values()
        if isinstance(context.command, NounGroup)
        for verb in context.command.list_commands(context)
    }
    assert {verb for verbs in MEANT_VERBS.values() for verb in verbs} <= ours


@pytest.mark.parametrize(
    ("words", "meant"),
    [("silences create", "silences add"), ("silences delete x", "silences end"), ("users rm x", "users revoke"), ("maintenance begin 1", "maintenance check-in"),
     ("public edit 1", "public correct or ops public update"), ("runbooks ls", "runbooks list"), ("silences extnd x", "silences extend"), ("profile view x", "profile show")],
)  # fmt: skip
def test_a_verb_that_a_noun_has_not_is_answered_by_the_one_that_is_meant(words: str, meant: str) -> None:
    done = CliRunner().invoke(cli, words.split())
    assert (done.exit_code, f"cli {meant.replace('ops ', 'cli ')}" in done.output) == (2, True), done.output


@pytest.mark.parametrize("word", ALERT_WORDS)
def test_a_word_that_is_completed_in_a_filter_is_one(word: str) -> None:
    assert callable(parse_filter(f"is:{word}"))


_HEAVY = ("textual", "aiohttp", "jinja2", "aiopg", "psycopg2", "redis", "numpy", "markdown_it", "rich", "prometheus_client", "icalendar", "apprise", "urllib.request", "asyncio", "re2", "sqlite3", "server", "subprocess", "yaml", "hmac")  # fmt: skip
_OWN = {"ps": "subprocess", "logs": "subprocess"}
"""What a command cannot do without: a program of the stack."""
_READING = ["alerts", "alerts --json", "alert APIDown", "incidents", "incident last", "silences", "executions", "approvals", "changes", "locks", "maintenance", "public", "pages", "oncall", "contacts show", "runbooks list", "audit", "users list", "whoami", "read-only", "maintenance list", "public list", "public components", "query up", "graph up", "executions show last", "runbooks show APIDown", "alerts --filter is:firing", "act --list", "report", "handover", "health ops", "ps", "logs api", "wait alert:APIDown_is_firing", "--help", "help filters"]  # fmt: skip


@pytest.mark.stack
@pytest.mark.parametrize("words", _READING)
def test_a_command_that_only_reads_imports_nothing_heavy(busy: LoneDaemon, words: str) -> None:
    line = [word.replace("_", " ") for word in words.split()]
    program = f"import sys, atexit; from console.cli.main import main; sys.argv = ['ops', *{line!r}]; atexit.register(lambda: print('LOADED', *sys.modules, file=sys.stderr)); main()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=words_of(busy), capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    loaded = done.stderr.partition("LOADED")[2].split()
    assert "console.cli.main" in loaded
    allowed = _OWN.get(words.split()[0], "")
    assert [name for name in _HEAVY if name in loaded and name != allowed] == []


def test_a_program_that_prints_no_document_is_told_as_one(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "OPS_STATE": str(tmp_path)}
    argv = [sys.executable, "-m", "console", "diag", "locks", "--json"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["error"]["type"]) == (3, "unreachable")
    assert "no stack is up" in done.stderr


def test_a_fault_of_this_machine_is_a_document_too() -> None:
    program = (
        "import sys, console.cli.access.profile as place\n"
        "def read_profiles(): raise OSError(13, 'Permission denied', 'profiles.toml')\n"
        "place.read_profiles = read_profiles\n"
        "from console.cli.main import main; sys.argv = ['ops', 'profile', '--json']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "ops: Permission denied: profiles.toml\n")
    assert json.loads(done.stdout)["error"] == {
        "type": "failed", "message": "Permission denied: profiles.toml", "field": None, "details": None
    }  # fmt: skip


@pytest.mark.parametrize("words", ["alert --json", "alerts --json --state /nowhere"])
def test_an_error_that_cannot_be_printed_is_still_told(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "console", *words.split()], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )  # fmt: skip
    assert done.returncode in (2, 3)
    assert done.stderr
    assert "Traceback" not in done.stderr
