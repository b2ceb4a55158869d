"""Sentences break between words at a narrow terminal, and code, tables and what goes into a pipe do not."""

import os
import sys
from pathlib import Path

import pytest

from console.cli.answer import folded_markdown
from console.text.plain import cell_width
from tests.console.cli.frozen_daemon import frozen_daemon
from tests.console.cli.terminal_run import at_terminal

_MARKDOWN = """# Away

Nothing answers on its port, and whoever calls gets a refused connection.

- 一つ目の長い項目 is an item that is longer than a narrow terminal

| a table stays as it is | however long its rows may be |

```bash {"name": "a step stays as it is", "title": "however long it may be"}
ops ps && ops logs api --tail 20 | grep -i "address already in use"
```
"""


def test_markdown_into_a_pipe_is_as_it_was_written() -> None:
    assert folded_markdown(_MARKDOWN) == _MARKDOWN


def test_markdown_at_a_terminal_keeps_its_words_its_code_and_its_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    lines = folded_markdown(_MARKDOWN).splitlines()
    assert " ".join(folded_markdown(_MARKDOWN).split()) == " ".join(_MARKDOWN.split())
    assert [line for line in lines if cell_width(line) > 40] == [
        line for line in _MARKDOWN.splitlines() if line.startswith(("|", "```bash", "ops "))
    ]
    assert "  longer than a narrow terminal" in lines


@pytest.mark.parametrize("words", ["handover", "report", "help", "help output", "help filters"])
def test_a_text_ends_no_line_beyond_the_edge(words: str) -> None:
    with frozen_daemon(Path(__file__).parent / "golden" / "answers.json") as url:
        given = {"PATH": os.environ["PATH"], "OPS_URL": url, "OPS_TOKEN": "x", "PAGER": "", "NO_COLOR": "1"}
        code, text = at_terminal(
            [sys.executable, "-m", "console", *words.split()], given, columns=80, rows=100
        )
    # One word that is longer than the line has nowhere to break.
    beyond = [line for line in text.splitlines() if cell_width(line) > 80 and len(line.split()) > 1]
    assert (code, beyond) == (0, []), text
