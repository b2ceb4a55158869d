"""Drills as a program: `python -m server.stack.drill NAME|--all`."""

import sys
from pathlib import Path

import click
import msgspec

from server.stack.drill.conduct import conduct
from server.stack.drill.report import report_lines, report_markdown
from server.stack.drill.scenario import SCENARIOS


def _say(text: str) -> None:
    click.echo(f"  · {text}", err=True)


@click.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True)
@click.option("--list", "listing", is_flag=True)
@click.option("--control", is_flag=True, help="Leave the cure out: the alert must go on firing.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False))
def main(
    name: str | None, everything: bool, listing: bool, control: bool, as_json: bool, report: Path | None
) -> None:
    """Exit code 0 when every drill passed, 1 when one did not, 2 for an unknown name."""
    if listing:
        click.echo(msgspec.json.encode(list(SCENARIOS)).decode() if as_json else "\n".join(SCENARIOS))
        return
    if name is not None and name not in SCENARIOS:
        click.echo(f"ops: no drill {name}; there are {', '.join(SCENARIOS)}", err=True)
        sys.exit(2)
    chosen = list(SCENARIOS.values()) if everything or name is None else [SCENARIOS[name]]
    results = []
    for scenario in chosen:
        click.echo(f"DRILL {scenario.alert}", err=True)
        results.append(conduct(scenario, _say, control=control))
        click.echo("\n".join(report_lines(results[-1])), err=True)
    if report is not None:
        report.write_text(report_markdown(results))
    if as_json:
        document: object = results if everything or name is None else results[0]
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
    sys.exit(0 if all(result.passed for result in results) else 1)


if __name__ == "__main__":
    main(prog_name="ops drill")
