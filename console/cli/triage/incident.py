"""`ops incident`: one incident, and every step that a person takes with it."""

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.which_daemon import DaemonChoice
from console.text.incident_page import incident_page

STEPS = {
    "investigate": "investigating",
    "resolve": "resolved",
    "review": "reviewing",
    "close": "closed",
    "reopen": "open",
    "dismiss": "false_positive",
}
"""Each step, and the state to which it leads."""


@click.command()
@click.argument("incident", type=int)
@click.argument("step", type=click.Choice([*STEPS, "escalate"]), required=False)
@click.option("--reason", default="", help="Why; asked for where the facts speak against the step.")
@as_json
@reaches_ops
@click.pass_obj
def incident(which: DaemonChoice, incident: int, step: str | None, reason: str, as_json: bool) -> None:
    """One INCIDENT with its timeline; with a STEP, take that.

    \b
    investigate  resolve  review  close  reopen  dismiss (it was a false positive)
    escalate     call the next level now
    """
    client = client_of(which)
    if step is None:
        one = client.incident(incident)
        say_json(one) if as_json else click.echo("\n".join(incident_page(one)))
        return
    if step == "escalate":
        moved = client.escalate(incident, reason)
        said = f"incident {incident}: {', '.join(moved.paged) or 'nobody'} called"
    else:
        moved = client.transition(incident, STEPS[step], client.incident(incident).version, reason)
        said = f"incident {incident} is {moved.state}"
    say_json(moved) if as_json else click.echo(said)


COMMANDS = {"incident": incident}
