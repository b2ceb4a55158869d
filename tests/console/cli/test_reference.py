"""The written reference is the program's own word, and every command says enough of itself."""

import re
import shlex
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from console.cli.main import COMMANDS, SECTIONS, cli
from console.cli.reference import man_pages, walk
from console.cli.topics import TOPICS
from tests.paths import CHECKOUT

CONTEXTS = [(context.command_path, context) for context in walk(cli, ("ops",), None)]
_EXAMPLE = re.compile(r"^ {2,}(ops (?:'[^']*'|\"[^\"]*\"|(?! {2}).)*)(?: {2,}.*)?$", re.MULTILINE)


def test_the_reference_is_what_the_program_says() -> None:
    # In a process of its own: what help is called is kept by a command from whoever asked first.
    program = "from console.cli.reference import markdown; print(markdown(), end='')"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    assert (CHECKOUT / "docs" / "commands.md").read_text() == said.stdout, "make reference"


def test_every_command_stands_in_one_section() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS)


@pytest.mark.parametrize(("path", "context"), CONTEXTS, ids=[path for path, _ in CONTEXTS])
def test_a_command_says_what_it_is_for_and_what_each_option_does(path: str, context: click.Context) -> None:
    assert context.command.help, path
    for param in context.command.params:
        if isinstance(param, click.Option):
            assert param.help, f"{path} {param.opts[0]}"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_help_fits_eighty_columns_and_cuts_no_command(name: str) -> None:
    done = CliRunner().invoke(cli, [name, "--help"], terminal_width=80)
    assert done.exit_code == 0
    for line in done.output.splitlines():
        assert len(line) <= 100, line


def examples_of_help() -> list[tuple[str, str]]:
    texts = [(path, context.command.help or "") for path, context in CONTEXTS]
    texts += [(f"ops help {name}", text) for name, text in TOPICS.items()]
    return [(path, example) for path, text in texts for example in _EXAMPLE.findall(text.replace("\b", ""))]


@pytest.mark.parametrize(("path", "example"), examples_of_help(), ids=lambda text: str(text)[:60])
def test_an_example_is_a_line_that_the_program_understands(path: str, example: str) -> None:
    """Its words are parsed, and nothing is done."""
    text = example.removesuffix("\\").rstrip()
    words = shlex.split(text if text.count("'") or text.count('"') else text.partition(", ")[0])[1:]
    context = click.Context(cli, info_name="ops")
    command: click.Command = cli
    while isinstance(command, click.Group):
        parser_words = list(words)
        while parser_words and parser_words[0].startswith("--"):
            parser_words = parser_words[2:]
        if not parser_words:
            break
        below = command.get_command(context, parser_words[0])
        assert below is not None, (path, example)
        words, command = parser_words[1:], below
        context = click.Context(command, info_name=parser_words[0], parent=context)
    known = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in known | {"--help"}, (path, example)


@pytest.mark.parametrize("topic", list(TOPICS))
def test_a_topic_is_told(topic: str) -> None:
    done = CliRunner().invoke(cli, ["help", topic])
    assert (done.exit_code, TOPICS[topic].strip("\n").splitlines()[-1] in done.output) == (0, True)
    assert all(len(line) <= 80 for line in TOPICS[topic].splitlines())


def test_man_pages_are_sound() -> None:
    pages = man_pages()
    assert {"ops.1", "ops-alerts.1", "ops-incident.1"} <= pages.keys()
    for text in pages.values():
        assert text.startswith(".TH ")
        assert not re.search(r"(?m)^'", text)


_NO_DOCUMENT = {
    "ops up", "ops down", "ops psql", "ops redis-cli",
    "ops runbooks new", "ops config show", "ops token show", "ops audit anchor", "ops audit export",
    "ops console", "ops open", "ops completion", "ops help",
}  # fmt: skip
"""Commands that hand over to another program, print a text or a stream that is one already, or open the full screen."""


@pytest.mark.parametrize(("path", "context"), CONTEXTS, ids=[path for path, _ in CONTEXTS])
def test_every_command_that_prints_a_result_prints_it_for_scripts_too(
    path: str, context: click.Context
) -> None:
    command = context.command
    if isinstance(command, click.Group) and not command.invoke_without_command:
        return
    options = {opt for param in command.params for opt in param.opts}
    assert ("--json" in options) != (path in _NO_DOCUMENT)
