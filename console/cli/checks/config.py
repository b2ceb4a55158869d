"""`ops config`: whether the checked files of the state folder are sound, and what they say."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from alerts.checked_document import DocumentError
from alerts.wire import ConfigurationFileView, FaultView
from console.cli.answer import folded, say
from console.cli.noun import NounGroup
from console.cli.options import as_json, client_of, is_quiet, reaches_ops, say_json
from console.ops_api.errors import InvalidRequestError
from console.ops_api.which_daemon import DaemonChoice
from console.plain_file import read_plain
from web.configuration_files import FILES, ConfigurationFile, decode_file


@click.group(cls=NounGroup)
def config() -> None:
    """The checked files of the state folder: which alerts are symptoms, the public components, foreign severities.

    \b
    Examples:
      ops config check
      ops config show contacts.yml --default
    """


@config.command()
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found; the last line says it.")
@as_json
@reaches_ops
@click.pass_obj
def check(which: DaemonChoice, as_json: bool, exit_zero: bool) -> None:
    """Read every checked file and name its faults, with line and what would be right.

    On this machine the files are read as they lie in the state folder, whether or not a daemon runs; with --url the
    daemon says what it makes of its own. Exit code 1 where anything is wrong.

    \b
    Examples:
      ops config check
    """
    views = (
        [_looked_at(file, which.state) for file in FILES.values()]
        if which.is_local
        else client_of(which).configuration()
    )
    if as_json:
        say_json(views)
    else:
        for line in file_lines(views) if not is_quiet() else ():
            click.echo(folded(line))
        if which.is_local and any(view.in_force == "default" for view in views):
            say(f"to change one: ops config show FILE --default > {which.state}/FILE")
        say(config_verdict(views), *(view.name for view in views if view.faults))
    sys.exit(1 if any(view.faults for view in views) and not exit_zero else 0)


def file_lines(views: Sequence[ConfigurationFileView]) -> Iterator[str]:
    """Every checked file with what holds, or with each of its faults."""
    held = {
        "default": "what we come with",
        "file": "the file",
        "last good": "the last version of the file that was sound",
    }
    for view in views:
        if not view.faults:
            yield f"ok  {view.name:<15} {view.about}: {held[view.in_force]}"
        for fault in view.faults:
            place = f"line {fault.line}: " if fault.line is not None else ""
            yield f"!!  {view.name:<15} {place}{fault.message}"


def config_verdict(views: Sequence[ConfigurationFileView]) -> str:
    """The last line of the check: ok, or how many faults there are."""
    faults = sum(len(view.faults) for view in views)
    return f"config: {'ok' if not faults else '1 fault' if faults == 1 else f'{faults} faults'}"


@config.command()
@click.argument("name", metavar="FILE")
@click.option(
    "--default", "default", is_flag=True, help="What holds without the file, although there is one."
)
@reaches_ops
@click.pass_obj
def show(which: DaemonChoice, name: str, default: bool) -> None:
    """Print a checked file of the state folder, or what holds without it; with --default the text to begin one with.

    \b
    Examples:
      ops config show contacts.yml --default
    """
    file = FILES.get(name) or FILES.get(f"{name}.yml")
    if file is None:
        raise click.UsageError(f"there is no checked file {name!r}; there are {', '.join(FILES)}")
    if not which.is_local and not default:
        raise InvalidRequestError("the file lies on the daemon's machine; here only --default can be shown")
    held = None if default else _text_of(which.state / file.name)
    click.echo(file.default_text if held is None else held, nl=False)


def _text_of(path: Path) -> str | None:
    """The text of a file, None where there is none. Raises ``InvalidRequestError``."""
    try:
        return decode_file(read_plain(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InvalidRequestError(f"{path}: {error}") from error


def _looked_at(file: ConfigurationFile, folder: Path) -> ConfigurationFileView:
    faults: tuple[FaultView, ...] = ()
    text: str | None = ""
    try:
        text = _text_of(folder / file.name)
        file.parse(file.default_text if text is None else text)
    except DocumentError as error:
        faults = tuple(FaultView(line=fault.line, message=fault.message) for fault in error.faults)
    except InvalidRequestError as error:
        faults = (FaultView(line=None, message=str(error)),)
    return ConfigurationFileView(
        name=file.name, about=file.about, in_force="default" if text is None else "file", faults=faults
    )


COMMANDS = {"config": config}
