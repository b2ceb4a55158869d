"""Facts about the command line, as its user types it: the words, the exit codes, what goes to which stream."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli.main import COMMANDS, MEANT, cli
from console.ops_api.address import split_address
from console.ops_api.client import foreign_error
from console.ops_api.errors import InvalidRequestError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice
from console.tui.app import ConsoleApp
from server.stack.unjournalled import note_unjournalled
from tests.console.conftest import LoneDaemon
from tests.forked_program import run_ops
from tests.stackwork import until

pytestmark = pytest.mark.stack


def words_of(daemon: LoneDaemon, **more: str) -> dict[str, str]:
    """The environment that means this daemon by its address."""
    token = (daemon.state / "tokens" / "admin").read_text().strip()
    return {"PATH": os.environ["PATH"], "OPS_URL": daemon.client().access.url, "OPS_TOKEN": token, **more}


def ops(daemon: LoneDaemon, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """``ops`` with these words, towards this daemon as an address."""
    return run_ops(*args, env=words_of(daemon, **env))


@pytest.mark.parametrize(
    "words",
    ["open 99", "incidents 99", "ack 99", "unack 99", "note 99 text", "attach nothing-00", "cancel nothing-00", "executions clear nothing-00 --reason x", "act no-such-action", "run NoSuchRunbook a-step", "run APIDown no-such-step", "incident 99 merge 98", "users add No! --role viewer", "runbooks show NoSuchRunbook", "users rotate nobody"],
)  # fmt: skip
def test_a_name_or_number_that_is_not_there_is_told_and_exits_with_2(
    lone_daemon: LoneDaemon, words: str
) -> None:
    done = ops(lone_daemon, *words.split())
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("ops: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_severity_that_there_is_not_is_answered_by_those_there_are(lone_daemon: LoneDaemon) -> None:
    done = ops(lone_daemon, "incident", "1", "severity", "odd")
    assert done.returncode == 2
    assert "'odd' is no severity; there are critical, warning, info" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("incident", "1", "resolve", "started", "again"),
            "the reason goes after --reason: ops incident 1 resolve --reason 'started again'",
        ),
        (("run", "APIDown"), "APIDown has the steps "),
        (("executions", "last"), "You may mean ops executions show last."),
        (("executions", "20261126-1643"), "You may mean ops executions show 20261126-1643."),
    ],
)
def test_words_in_the_wrong_place_are_answered_by_the_right_ones(
    lone_daemon: LoneDaemon, words: tuple[str, ...], told: str
) -> None:
    lone_daemon.post_alert()
    run = ops(lone_daemon, *words)
    assert run.returncode == 2
    assert told in " ".join(run.stderr.split())


def test_a_list_is_narrowed_by_a_filter_and_a_wrong_one_is_wrong_usage(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    lone_daemon.post_alert("RedisDown")
    narrowed = json.loads(ops(lone_daemon, "alerts", "--json", "--filter", "sev:critical !redis").stdout)
    assert [alert["alertname"] for alert in narrowed] == ["APIDown"]
    incidents = json.loads(ops(lone_daemon, "incidents", "--json", "--filter", "is:open redis").stdout)
    assert [incident["alertname"] for incident in incidents] == ["RedisDown"]
    for words in (("alerts",), ("incidents",), ("executions",)):
        wrong = ops(lone_daemon, *words, "--filter", "is:nonsense")
        assert (wrong.returncode, "is:nonsense is unknown; one of" in wrong.stderr) == (2, True)
    assert ops(lone_daemon, "alerts", "--filter", "nowhere").stdout == "no alert passes the filter\n"


def test_last_is_the_latest_execution_and_none_is_told(lone_daemon: LoneDaemon) -> None:
    none = ops(lone_daemon, "attach", "last")
    assert (none.returncode, "nothing has been run yet" in none.stderr) == (2, True)


def test_a_watched_list_is_shown_until_it_is_interrupted(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    with subprocess.Popen(
        [sys.executable, "-m", "console", "alerts", "--watch"], env=words_of(lone_daemon), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Whoever runs the suite in the background has told us to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    ) as watching:  # fmt: skip
        assert watching.stdout is not None
        assert re.fullmatch(r"-- \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", watching.stdout.readline())
        assert watching.stdout.readline().startswith("SEV")
        assert "APIDown" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=30) == 130


_LOUD = '{"name":"loud","kind":"read","timeout":"30s"}'
_LOUD_TEXT = (
    "echo the first line; head -c 3000000 /dev/zero | tr '\\0' x | fold -w 99; echo; echo the last line"
)


@pytest.fixture
def loud(daemon_with_shelf: LoneDaemon) -> LoneDaemon:
    """With a step that prints three megabytes between its first and its last line."""
    (daemon_with_shelf.shelf / "Loud.md").write_text(
        "---\nalert: Loud\nseverity: info\nmttr_target: 5m\nowner: platform\n---\n# Loud\n\n"
        f"## Diagnosis\n\n```bash {_LOUD}\n{_LOUD_TEXT}\n```\n"
    )
    return daemon_with_shelf


def _cut(text: str) -> tuple[int, str]:
    """How many bytes the text says were cut, in one place or more, and the text without these marks."""
    mark = re.compile(r"\n… ([\d,]+) bytes cut here …\n")
    found = mark.findall(text)
    assert found, text[-300:]
    return sum(int(count.replace(",", "")) for count in found), mark.sub("", text)


def test_output_that_was_cut_says_where_and_how_much_and_its_end_is_there(loud: LoneDaemon) -> None:
    for done in (ops(loud, "run", "Loud", "loud"), _attached(loud)):
        assert done.returncode == 0, done.stderr
        cut, text = _cut(done.stdout)
        assert text.startswith("the first line\n")
        assert "\nthe last line\n" in text
        whole = len("the first line\n") + 3_000_000 + 3_000_000 // 99 + len("\nthe last line\n")
        kept = text.partition("the last line\n")[0] + "the last line\n"
        assert cut + len(kept) == whole
    found = json.loads(_attached(loud, "--json").stdout)
    assert found["stdout_cut_bytes"] == cut
    assert found["stdout"].endswith("the last line\n")


def _attached(daemon: LoneDaemon, *options: str) -> subprocess.CompletedProcess[str]:
    return ops(daemon, "attach", daemon.client().executions()[0].execution_id, *options)


def test_the_pager_has_all_that_is_kept_and_the_mark(
    loud: LoneDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops(loud, "run", "Loud", "loud")
    seen: list[str] = []
    monkeypatch.setattr(ConsoleApp, "_page", lambda _, text: seen.append(text))
    ConsoleApp(loud.client()).show_in_pager(loud.client().executions()[0].execution_id)
    cut, text = _cut(seen[0])
    assert cut > 1_000_000
    assert text.startswith("the first line\n")
    assert text.endswith("the last line\n")


@pytest.mark.parametrize(
    ("words", "code", "word"),
    [
        ("incidents 99", 2, "not_found"),
        ("act no-such-action", 2, "not_found"),
        ("act restart-api", 4, "refused"),
        ("attach nothing-00", 2, "not_found"),
        ("incidents x", 2, "invalid"),
        ("alerts --no-such-option", 2, "invalid"),
    ],
)
def test_an_error_under_json_is_a_document_of_its_kind(
    lone_daemon: LoneDaemon, words: str, code: int, word: str
) -> None:
    done = ops(lone_daemon, *words.split(), "--json")
    assert done.returncode == code, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["type"] == word
    assert error["message"]
    assert done.stderr


def test_a_daemon_that_is_away_is_told_in_json_too(lone_daemon: LoneDaemon) -> None:
    done = ops(lone_daemon, "alerts", "--json", OPS_URL="http://127.0.0.1:9")
    assert (done.returncode, json.loads(done.stdout)["error"]["type"]) == (3, "unreachable")


def test_a_dry_run_is_planned_and_not_running(lone_daemon: LoneDaemon) -> None:
    words = ("act", "hold-redis", "--param", "pid=1", "--param", "started=1", "--dry-run")
    done = ops(lone_daemon, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("planned; nothing was run\n")
    assert json.loads(ops(lone_daemon, *words, "--json").stdout)["state"] == "planned"
    assert lone_daemon.client().executions() == ()


def test_what_was_stopped_while_the_daemon_was_away_is_in_executions_with_its_verb(
    lone_daemon: LoneDaemon,
) -> None:
    lone_daemon.kill()
    note_unjournalled(lone_daemon.state, actor="ana", action="stop-api", obj="api", exit_code=0)
    lone_daemon.start()
    (run,) = until(lambda: lone_daemon.client().executions(), timeout_s=30, what="the import")
    assert (run.action, run.actor, run.object, run.state) == ("stop-api", "ana", "api", "succeeded")
    assert run.argv == ("python", "-m", "server.stack", "service", "stop", "api")
    assert "stop-api" in ops(lone_daemon, "executions").stdout
    lone_daemon.kill()
    lone_daemon.start()
    assert lone_daemon.client().executions() == (run,)
    done = ops(lone_daemon, "attach", run.execution_id)
    assert done.returncode == 0, done.stderr


def test_help_is_a_command_and_lists_every_command_there_is() -> None:
    listed = CliRunner().invoke(cli, ["help"])
    assert listed.exit_code == 0
    names = {line.split()[0] for line in listed.output.splitlines() if line.startswith("  ")}
    assert set(COMMANDS) <= names
    assert "INCIDENT" in CliRunner().invoke(cli, ["help", "ack"]).output
    assert "EXECUTION" in CliRunner().invoke(cli, ["help", "executions", "clear"]).output


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("status", "ops ps"),
        ("top", "ops ps"),
        ("escalate", "ops incident ID escalate"),
        ("silence", "ops silences add"),
        ("incidnts", "incidents"),
    ],
)
def test_a_word_that_is_no_command_is_answered_by_what_is_meant(word: str, meant: str) -> None:
    done = CliRunner().invoke(cli, [word])
    assert done.exit_code == 2
    assert meant in done.output


def test_every_suggestion_is_a_command_that_there_is() -> None:
    for meant in MEANT.values():
        for command in re.findall(r"ops ([a-z][a-z-]*)", meant):
            assert command in COMMANDS


def test_a_stack_elsewhere_is_named_in_what_is_to_be_typed(tmp_path: Path) -> None:
    choice = DaemonChoice(tmp_path / "a b", None, None)
    assert choice.naming == f" --state '{tmp_path / 'a b'}'"
    with pytest.raises(UnreachableError, match="ops up --state "):
        choice.address("ops")
    assert DaemonChoice(None, None, None).naming == ""


def test_what_is_typed_counts_before_the_environment(lone_daemon: LoneDaemon, tmp_path: Path) -> None:
    for words in (("--state", str(tmp_path), "alerts"), ("alerts", "--state", str(tmp_path))):
        done = ops(lone_daemon, *words)
        assert (done.returncode, done.stdout) == (3, "")
        assert f"no stack is up in {tmp_path}" in done.stderr
    url = lone_daemon.client().access.url
    assert ops(lone_daemon, "--state", str(tmp_path), "--url", url, "alerts").returncode == 0


@pytest.mark.parametrize("words", ["alerts", "alerts --json", "--help", "audit export"])
def test_a_full_disk_under_the_output_is_told(lone_daemon: LoneDaemon, words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "console", *words.split()],
            env=words_of(lone_daemon), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "ops: No space left on device\n")


def test_a_token_may_have_a_line_end_and_one_that_is_none_is_not_shown(lone_daemon: LoneDaemon) -> None:
    token = words_of(lone_daemon)["OPS_TOKEN"]
    assert ops(lone_daemon, "alerts", OPS_TOKEN=f" {token}\r\n").returncode == 0
    for odd in (f"{token}\nX: y", f"{token} {token}", f"{token}→"):
        done = ops(lone_daemon, "alerts", OPS_TOKEN=odd)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("ops: the token")
        assert token not in done.stderr


def test_a_wrong_expression_is_told_in_the_words_of_whoever_evaluates(lone_daemon: LoneDaemon) -> None:
    body = b'{"status":"error","errorType":"bad_data","error":"1:4: parse error"}'
    for status, kind in ((400, InvalidRequestError), (422, InvalidRequestError), (500, OpsError)):
        error = foreign_error(status, body)
        assert (type(error), str(error)) == (kind, "1:4: parse error")


def test_what_a_daemon_elsewhere_has_is_not_said_to_lie_here(lone_daemon: LoneDaemon) -> None:
    done = ops(lone_daemon, "config", "check")
    assert done.returncode == 0
    assert "what we come with" in done.stdout
    assert ">" not in done.stdout


@pytest.mark.parametrize("words", ["config check", "contacts check", "config show contacts.yml"])
def test_a_pipe_in_the_place_of_a_checked_file_is_told(tmp_path: Path, words: str) -> None:
    os.mkfifo(tmp_path / "contacts.yml")
    done = CliRunner().invoke(cli, ["--state", str(tmp_path), *words.split()])
    assert done.exit_code in (1, 2)
    assert "is no file" in done.output + str(done.exception)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("alerts sevv:x", "no alert passes the filter: sevv: is taken for a label; do you mean sev:?"),
        ("alerts team:x", "no alert passes the filter"),
        ("incidents state:open", "no incident passes the filter: state: is taken for text; do you mean is:?"),
        ("executions bye:ana", "no execution passes the filter: bye: is taken for text; do you mean by:?"),
        ("audit host:x", "no row of the journal passes: host: is taken for text; do you mean by: or kind:?"),
    ],
)
def test_where_nothing_passes_a_word_that_is_none_is_named(
    lone_daemon: LoneDaemon, line: str, hint: str
) -> None:
    noun, wanted = line.split()
    assert ops(lone_daemon, noun, "--filter", wanted).stdout == f"{hint}\n"


@pytest.mark.stack
def test_a_slip_in_a_filter_takes_no_incident_of_all(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    done = ops(lone_daemon, "ack", "--filter", "!sevv:critical")
    assert (done.returncode, "do you mean sev:?" in done.stderr) == (2, True)
    assert json.loads(ops(lone_daemon, "incident", "1", "--json").stdout)["state"] == "open"


@pytest.mark.stack
@pytest.mark.parametrize(("noun", "verb"), [("users", "list"), ("runbooks", "list"), ("contacts", "show")])
def test_a_noun_alone_lists_what_there_is(lone_daemon: LoneDaemon, noun: str, verb: str) -> None:
    for options in ((), ("--json",), ("-q",)):
        alone, full = ops(lone_daemon, noun, *options), ops(lone_daemon, noun, verb, *options)
        assert (alone.returncode, alone.stdout) == (0, full.stdout)
    assert f"ops {noun} alone is ops {noun} {verb}." in ops(lone_daemon, noun, "--help").stdout


@pytest.mark.stack
def test_a_condition_needs_no_quotes(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    assert ops(lone_daemon, "wait", "incident:1", "is", "not", "closed", "-q").returncode == 0


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_lead_nowhere(closed: str, tmp_path: Path) -> None:
    line = f"{sys.executable} -m console help exit-codes {closed}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "begin"),
    [("FILTERS", "Words that narrow"), ("filter", "Words that narrow"), ("times", "Words that narrow"),
     ("exit codes", "  0    done"), ("env", "  OPS_URL"), ("json", "What commands print")],
)  # fmt: skip
def test_a_topic_is_known_by_other_words_too(words: str, begin: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "help", *words.split()], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout.startswith(begin)) == (0, True), done.stdout + done.stderr


@pytest.mark.stack
@pytest.mark.parametrize(
    "line", ["note 1", "users add --role viewer", "runbooks show", "query", "events --after", "api GET"]
)
def test_a_word_that_is_no_utf_8_is_wrong_usage(lone_daemon: LoneDaemon, line: str) -> None:
    done = ops(lone_daemon, *line.split(), os.fsdecode(b"Gr\xf6\xdfe"))
    assert (done.returncode, "'Gr\\xf6\\xdfe' is no UTF-8" in done.stderr) == (2, True), done.stderr


@pytest.mark.stack
def test_a_word_in_utf_8_is_one_in_every_locale(lone_daemon: LoneDaemon) -> None:
    lone_daemon.post_alert("APIDown")
    assert ops(lone_daemon, "note", "1", "Größe 世界", LC_ALL="POSIX", PYTHONUTF8="0").returncode == 0
    assert "Größe 世界" in ops(lone_daemon, "incident", "1").stdout


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://a b",
        "http://a..b",
        "http://ü..b",
        "http://a\nb",
        "http://:80",
    ],
)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(InvalidRequestError, match="is no address of an ops daemon"):
        split_address(url)


@pytest.mark.stack
@pytest.mark.parametrize("path", ["/v1/ünï", "/v1/incidents/1 x", "/v1/incidents/世"])
def test_a_path_of_any_letters_is_asked_for(lone_daemon: LoneDaemon, path: str) -> None:
    done = ops(lone_daemon, "api", "GET", path)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr


@pytest.mark.stack
@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("7", "You may mean ops incident 7."),
        ("last ack", "You may mean ops incident last."),
        ("APIDown", "You may mean ops alert APIDown, or ops runbooks show APIDown."),
        ("version", "You may mean ops --version."),
        ("--json alerts", "options of a command stand behind it: ops alerts --json"),
        ("incident resolve 1", "the number comes before the verb: ops incident 1 resolve"),
        ("incident ack last", "the number comes before the verb: ops ack last"),
        ("oncall L1 set ana", "You may mean ops oncall set L1."),
        ("audit last", "There are anchor, export, note, show, verify."),
        ("api /v1/me", "the method comes before the path: ops api GET /v1/me"),
    ],
)
def test_words_in_another_order_are_answered_by_the_right_one(
    lone_daemon: LoneDaemon, line: str, right: str
) -> None:
    done = ops(lone_daemon, *line.split())
    assert (done.returncode, done.stderr.splitlines()[-1].endswith(right)) == (2, True), done.stderr


@pytest.mark.stack
def test_a_step_and_its_runbook_the_wrong_way_round_are_answered_by_the_right_line(
    lone_daemon: LoneDaemon,
) -> None:
    swapped = ops(lone_daemon, "run", "check-process", "APIDown")
    assert swapped.returncode == 2
    assert "you may mean ops run APIDown check-process" in swapped.stderr
    other = ops(lone_daemon, "run", "nothing-like-it", "APIDown")
    assert (other.returncode, "you may mean" in other.stderr) == (2, False)
