"""What is offered after TAB, from a daemon that answers always the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from console.cli.main import cli
from console.cli.shell import WholeLineBash
from tests.console.cli.frozen_daemon import frozen_daemon


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with frozen_daemon(Path(__file__).parent / "golden" / "answers.json") as url:
        yield url


@pytest.mark.parametrize(
    ("line", "typed", "offered"),
    [
        ("public resolve 3 x --tell", "", {"announcements", "customers", "partners"}),
        ("announce t x --tell", "p", {"partners"}),
        ("public correct 3 --update", "", {"a1b2c3d4e5f6"}),
        ("maintenance correct 1 --update", "w", {"w1x2y3z4a5b6"}),
        ("public correct --update", "", set()),
        ("query", "u", {"up"}),
        ("query", "sum(rate(u", {"sum(rate(up"}),
        ("graph", "up + u", {"up + up"}),
        ("query", "zz", set()),
        ("wait incident:2", "", {"is"}),
        ("wait incident:2 is", "o", {"open"}),
        ("wait service:api is not", "ru", {"running"}),
        ("wait service:api is running", "", set()),
        ("audit --filter", "by:", {"by:ana", "by:ボブ"}),
        ("audit --filter", "kind:execution !by:a", {"kind:execution !by:ana"}),
    ],
)
def test_names_are_offered(address: str, line: str, typed: str, offered: set[str]) -> None:
    asked = ShellComplete(cli, {}, "ops", "_OPS_COMPLETE")
    words = ["--url", address, "--token", "x", *line.split()]
    assert {item.value for item in asked.get_completions(words, typed)} == offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ops wait alert:APID", "APIDown"),
        ("ops wait 'alert:APID", "alert:APIDown"),
        ("ops wait 'alert:APID'", "alert:APIDown"),
        ("ops 'wait' alert:APID", "APIDown"),
    ],
)
def test_bash_gets_the_whole_of_a_word_with_quotes(
    address: str, monkeypatch: pytest.MonkeyPatch, line: str, offered: str
) -> None:
    """Closed or not, bash replaces such a word as one."""
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_WORDBREAKS", " \t\n\"'><=;|&(:")
    asked = WholeLineBash(cli, {}, "ops", "_OPS_COMPLETE")
    args, incomplete = asked.get_completion_args()
    found = asked.get_completions(["--url", address, "--token", "x", *args], incomplete)
    assert offered in {item.value for item in found}
