"""`python -m server.stack.diagnosis [SECTION] [REQUEST_ID]`: look, print, and end with what it comes to."""

import asyncio
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from alerts.duration import parse_seconds
from server.stack.diagnosis.report import EVERYTHING, LOOKS, Asked, diagnose
from server.stack.diagnosis.section import Section, section_lines
from server.stack.diagnosis.sources import NothingHereError, Places, Sources, places_of
from server.stack.local.lifecycle import working_state

WELL, WRONG, UNREACHABLE = 0, 1, 3


def _seconds(_: click.Context, param: click.Parameter, value: str) -> float:
    seconds = parse_seconds(value)
    if not seconds:
        raise click.BadParameter(f"{value!r} is no duration; write for instance 30s or 5m", param=param)
    return float(seconds)


@click.command()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.option("--json", "as_json", is_flag=True)
@click.option("--form", type=click.Choice(["text", "json"]), default="text", help="The same, for an action.")
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever was found.")
@click.option("--longer-than", callback=_seconds, default="5s")
@click.option("--within", callback=_seconds, default="5m")
@click.argument("about", type=click.Choice(["all", *LOOKS]), default="all", metavar="[PART]")
@click.argument("request_id", default="", metavar="[ID]")
def main(
    state: Path,
    as_json: bool,
    form: str,
    exit_zero: bool,
    longer_than: float,
    within: float,
    about: str,
    request_id: str,
) -> None:
    """Look at one thing or at everything; exit code 0 well, 1 something is wrong, 3 nobody answers."""
    if (about == "request") != bool(request_id):
        raise click.UsageError("a request is followed by its id: request ID; nothing else takes one")
    try:
        places = places_of(state)
    except NothingHereError as error:
        click.echo(f"ops: {error}", err=True)
        sys.exit(UNREACHABLE)
    asked = Asked(longer_than_s=longer_than, within_s=within, request_id=request_id)
    names = EVERYTHING if about == "all" else (about,)
    sections = asyncio.run(_diagnose(places, names, asked))
    if as_json or form == "json":
        click.echo(_document(sections, whole=about == "all"))
    else:
        width = max(60, shutil.get_terminal_size((80, 24)).columns)
        click.echo("\n".join(_report(sections, width) if about == "all" else section_lines(sections[0], width)))  # fmt: skip
    sys.exit(WELL if exit_zero else _exit_code(sections))


async def _diagnose(places: Places, names: Sequence[str], asked: Asked) -> list[Section]:
    async with Sources(places) as sources:
        return await diagnose(sources, names, asked)


def _exit_code(sections: Sequence[Section]) -> int:
    states = {section.state for section in sections}
    if states == {"away"}:
        return UNREACHABLE
    return WELL if states == {"ok"} else WRONG


def _report(sections: Sequence[Section], width: int) -> Iterator[str]:
    """What is wrong first, then every section's figures; one line at the end says what it comes to."""
    bad = [section for section in sections if section.state != "ok"]
    if bad:
        yield "WRONG"
        yield from (f"  {section.name}: {section.verdict}" for section in bad)
        yield ""
    for section in sections:
        yield f"── {section.name} ".ljust(min(width, 72), "─")
        yield from section_lines(section, width)
        yield ""
    yield f"diag: wrong {len(bad)} ({', '.join(section.name for section in bad)})" if bad else "diag: ok"


def _document(sections: Sequence[Section], *, whole: bool) -> str:
    shown = [
        {"name": s.name, "state": s.state, "verdict": s.verdict, "notes": s.notes, **s.figures} for s in sections
    ]  # fmt: skip
    value: Any = shown[0]
    if whole:
        wrong = [s.name for s in sections if s.state != "ok"]
        value = {"state": "wrong" if wrong else "ok", "wrong": wrong, "sections": shown}
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()


if __name__ == "__main__":
    main(prog_name="ops diag")
