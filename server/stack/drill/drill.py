"""Conducting one drill, from the quiet before to the quiet after."""

import asyncio
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import msgspec

from server.stack.drill.drill_pages import DrillPages
from server.stack.drill.faults import FaultInjector
from server.stack.drill.free_ports import free_ports
from server.stack.drill.human_drill import HumanDrill
from server.stack.drill.responder import DrillFailedError, Responder
from server.stack.drill.scenario import DrillResult, Scenario
from server.stack.drill.signals import uninterrupted
from server.stack.drill.stages import DrillRun, Say
from server.stack.drill.traffic import traffic
from server.stack.layout import Layout
from server.stack.local.lifecycle import CannotStartError, bring_up, take_down
from server.stack.tokens import read_token


class ForAPerson(msgspec.Struct, frozen=True):
    """What a drill that a person cures needs beside."""

    is_up: Callable[[Layout], None]
    """Told once everything is quiet: the person may look."""
    gone: threading.Event
    """Set when the person leaves."""
    surprise_s: tuple[float, float]
    """Least and longest time before the fault, in seconds."""


@contextmanager
def drill_stack(scenario: Scenario, drill_token: str, say: Say) -> Iterator[Layout]:
    """A stack of its own: own state folder, own ports, and a token that only it has. Gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="sps-drill-"))
    layout = Layout.at(state, free_ports(), drill=True)
    pages = DrillPages(state)
    pages.write_contacts()
    settings = {
        **scenario.settings,
        "DRILL_TOKEN": drill_token,
        "RULES_SPEEDUP": str(scenario.speedup),
        "SCRAPE_INTERVAL": "1s",
        "EVALUATION_INTERVAL": "1s",
        "MONITOR_PERIOD": "5s",
        "STATUS_HOLD_DOWN": "0s",
        # Whoever is really on call is not called for a drill, whatever the environment names.
        "OPS_CONTACTS": str(pages.contacts),
        "OPS_HEARTBEAT_URL": "",
    }
    try:
        bring_up(layout, say, settings)
        yield layout
    except CannotStartError as error:
        raise DrillFailedError(f"the drill stack did not come up: {error}") from error
    finally:
        with uninterrupted():
            take_down(layout)
            shutil.rmtree(state, ignore_errors=True)


def run_drill(
    scenario: Scenario, say: Say, *, control: bool = False, person: ForAPerson | None = None
) -> DrillResult:
    """The whole drill in a stack of its own; never raises for a drill that merely fails.

    A ``control`` run leaves the cure out, and passes when the alert goes on firing. With a ``person``, nothing is
    cured but by them.
    """
    drill_token = secrets.token_hex(16)
    try:
        with drill_stack(scenario, drill_token, say) as layout:
            return asyncio.run(_drill(scenario, layout, drill_token, say, control=control, person=person))
    except DrillFailedError as failure:
        return DrillResult(
            alert=scenario.name, runbook=scenario.runbook, passed=False, control=control,
            human=person is not None, failure=str(failure),
        )  # fmt: skip


async def _drill(
    scenario: Scenario,
    layout: Layout,
    drill_token: str,
    say: Say,
    *,
    control: bool,
    person: ForAPerson | None,
) -> DrillResult:
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session, traffic(layout.url("api") or "") as clients:
        responder = Responder(session, layout.url("ops") or "", read_token(layout.tokens / "admin"))
        culprit = FaultInjector(layout, session, drill_token, clients)
        run = DrillRun(scenario, responder, culprit, say, DrillPages(layout.state))
        try:
            if person is not None:
                await HumanDrill(run, person.gone).run(lambda: person.is_up(layout), person.surprise_s)
            else:
                await (run.as_control() if control else run.as_drill())
        except DrillFailedError as failure:
            got = ", ".join(f"{name}: {dict(client.answers)}" for name, client in clients.clients.items())
            say(f"the clients got {got or 'nothing, there were none'}")
            run.failure = str(failure)
        return msgspec.structs.replace(run.result(), control=control, human=person is not None)
