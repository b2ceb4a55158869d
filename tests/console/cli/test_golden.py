"""Every list as it stands at a terminal of 80 and of 200 columns, with wide characters and long words, to the letter.

`python -m tests.console.cli.test_golden` writes the files anew; read them before you keep them.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.text.plain import cell_width
from tests.console.cli.frozen_daemon import frozen_daemon
from tests.console.cli.terminal_run import at_terminal

_GOLDEN = Path(__file__).parent / "golden"
_LISTS = (
    "alerts", "alerts --quarantined", "incidents", "silences", "executions", "approvals", "approve", "changes", "locks", "ps", "act --list", "runbooks list",
    "maintenance", "maintenance list", "public", "public list", "public components", "oncall", "contacts show", "pages", "users list", "audit", "query up",
)  # fmt: skip
_SHOWN = (*_LISTS, "report")
"""What is compared to the letter: lists, and what has several tables."""
_TABULAR_ELSEWHERE = {"ops audit show", "ops backups", "ops drills", "ops keys list", "ops logs", "ops oncall set", "ops oncall unset", "ops profile"}  # fmt: skip
"""Tables whose rows come from this machine or from another server; and answers with a table that is here already."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with frozen_daemon(_GOLDEN / "answers.json") as url:
        yield url


def _shown(url: str, words: str, columns: int, **env: str) -> str:
    given = {"PATH": os.environ["PATH"], "OPS_URL": url, "OPS_TOKEN": "x", "PAGER": "", "NO_COLOR": "1", **env}  # fmt: skip
    code, text = at_terminal([sys.executable, "-m", "console", *words.split()], given, columns=columns, rows=100)  # fmt: skip
    assert code == 0, text
    return text


def _file(words: str, columns: int) -> Path:
    return _GOLDEN / f"{words.replace(' ', '-').replace('--', '-')}-{columns}.txt"


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("words", _SHOWN)
def test_a_list_at_a_terminal_is_as_it_was(address: str, words: str, columns: int) -> None:
    text = _shown(address, words, columns)
    assert "\x1b" not in text
    assert all(cell_width(line) <= columns for line in text.splitlines())
    assert text == _file(words, columns).read_text()


@pytest.mark.parametrize("words", _LISTS)
def test_wide_cuts_nothing_and_columns_are_those_that_were_asked_for(address: str, words: str) -> None:
    assert "…" not in _shown(address, f"{words} --wide", 80)
    first = _file(words, 200).read_text().split()[0]
    shown = _shown(address, f"{words} --columns {first.lower()}", 80)
    assert shown.splitlines()[0] == first


def test_every_command_with_a_table_is_here() -> None:
    from tests.console.cli.test_every_command import RUNNABLE

    tabular = {
        path for path, context in RUNNABLE.items() if any("--wide" in one.opts for one in context.command.params)
    }  # fmt: skip
    here = {f"ops {words.partition(' --')[0]}" for words in _SHOWN} | {"ops act", "ops query"}
    assert tabular - here == _TABULAR_ELSEWHERE - here


def _write() -> None:
    with frozen_daemon(_GOLDEN / "answers.json") as url:
        for words in _SHOWN:
            for columns in (80, 200):
                _file(words, columns).write_text(_shown(url, words, columns))


if __name__ == "__main__":
    _write()
