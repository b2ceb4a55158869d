"""Facts about completion, in the shells themselves: real bash, zsh and fish, on a real daemon."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Peer
from tests.console.cli.test_command_line import ops, words_of
from tests.console.conftest import LoneDaemon
from tests.paths import CHECKOUT

pytestmark = [pytest.mark.stack, pytest.mark.peer]
Completed = Callable[[str, str], list[str]]
"""What a shell offers for a line; the word that is hoped for says how long a shell that shows as it goes is read."""
_BASH = """
source {script}
COMP_LINE="$1" COMP_POINT=${{#1}} COMP_TYPE=9 COMP_WORDS=($1) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_ops_completion ops
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def here(lone_daemon: LoneDaemon, tmp_path: Path) -> dict[str, str]:
    """The environment of a person who has installed completion and typed ops up, with two alerts."""
    lone_daemon.post_alert("APIDown", instance="db-1")
    lone_daemon.post_alert("RedisDown", service="redis")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "ops"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m console "$@"\n')
    program.chmod(0o755)
    env = words_of(lone_daemon, HOME=str(tmp_path), TERM="dumb", PYTHONPATH=str(CHECKOUT))
    return {**env, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}


def _run(argv: list[str], env: dict[str, str]) -> list[str]:
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()


def _in_bash(env: dict[str, str]) -> Completed:
    home = Path(env["HOME"])
    script = home / ".local/share/bash-completion/completions/ops"
    _run([sys.executable, "-m", "console", "completion", "install", "bash"], env)
    # compopt speaks to the line editor, which a script has not.
    text = "compopt() { :; }\n" + _BASH.format(script=script)
    return lambda line, _: _run(["bash", "--norc", "-c", text, "bash", line], env)


def _in_fish(env: dict[str, str]) -> Completed:
    _run([sys.executable, "-m", "console", "completion", "install", "fish"], env)
    place = Path(env["HOME"]) / ".config/fish/completions/ops.fish"
    text = 'source $argv[1]; complete -C "$argv[2]"'
    return lambda line, _: [
        row.split("\t")[0] for row in _run(["fish", "--no-config", "-c", text, str(place), line], env)
    ]


def _in_zsh(env: dict[str, str]) -> Completed:
    home = Path(env["HOME"])
    _run([sys.executable, "-m", "console", "completion", "install", "zsh"], env)
    from tests.console.cli.terminal_run import TerminalRun

    def completed(line: str, word: str) -> list[str]:
        run = TerminalRun(["zsh", "-f", "-i"], {**env, "TERM": "vt100"}, columns=200, rows=200)
        run.write(f"PS1='ZSH''> '; LISTMAX=9999; unsetopt LIST_AMBIGUOUS; fpath+=({home}/.zfunc); autoload -U compinit; compinit -u -d {home}/dump\n")  # fmt: skip
        run.read_until(lambda text: "ZSH> " in text)
        run.said = ""
        run.write(f"{line}\t")
        run.read_until(lambda text: word in text)
        words = run.said.replace("\x1b", " ").replace("\0", " ").split()
        run.process.kill()
        run.process.wait()
        return words

    return completed


_SHELLS = {"bash": _in_bash, "fish": _in_fish, "zsh": _in_zsh}
_TYPED = {
    "ops inciden": "incidents", "ops silences ": "extend", "ops alerts --w": "--watch", "ops ack ": "1", "ops run APID": "APIDown", "ops run APIDown check": "check-process",
    "ops act restart-a": "restart-api", "ops incident 1 esc": "escalate", "ops incident 1 tick inv": "investigate", "ops alerts --filter is:fir": "is:firing",
    "ops logs post": "postgres", "ops read-only o": "off", "ops help exit": "exit-codes", "ops alert Redis": "RedisDown", "ops act block-client --param cl": "client=",
}  # fmt: skip


_ONE_AND_OTHERS = [
    shell if shell == "bash" else pytest.param(shell, marks=pytest.mark.slow) for shell in _SHELLS
]


@pytest.mark.parametrize("shell", _ONE_AND_OTHERS)
def test_a_shell_completes_commands_options_ids_and_names(
    peer: Peer, shell: str, here: dict[str, str]
) -> None:
    peer.find(shell)
    completed = _SHELLS[shell](here)
    for line, word in _TYPED.items():
        offered = completed(line, word)
        # Bash replaces what stands behind the last place where it cuts.
        wanted = {word, word.rpartition(":")[2]} if shell == "bash" else {word, line.split()[-1] + word}
        assert any(one in wanted or one.startswith(word) for one in offered), (line, offered)


@pytest.mark.parametrize("shell", _ONE_AND_OTHERS)
def test_labels_and_their_values_are_completed(peer: Peer, shell: str, here: dict[str, str]) -> None:
    peer.find(shell)
    completed = _SHELLS[shell](here)
    names = completed("ops silences add alertn", "alertname=")
    assert any(one.startswith("alertname=") for one in names), names
    values = completed("ops silences add alertname=Redi", "RedisDown")
    assert {"RedisDown", "alertname=RedisDown"} & {one.rstrip() for one in values}, values


def test_a_daemon_that_is_away_leaves_the_line_as_it_is(here: dict[str, str]) -> None:
    completed = _in_bash({**here, "OPS_URL": "http://127.0.0.1:9"})
    assert completed("ops ack ", "") in ([], [""])
    assert "APIDown" in completed("ops run APID", "APIDown")


def test_what_completes_imports_no_command_for_the_first_word(lone_daemon: LoneDaemon) -> None:
    env = words_of(lone_daemon, _OPS_COMPLETE="bash_complete", COMP_LINE="ops inc", COMP_WORDBREAKS=" =:")
    program = "import sys, atexit; from console.cli.main import main; atexit.register(lambda: print('LOADED', *sys.modules, file=sys.stderr)); main()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "plain,incidents\nplain,incident\n"
    assert "console.cli.triage.incidents" not in done.stderr.split()
    assert ops(lone_daemon, "whoami").returncode == 0
