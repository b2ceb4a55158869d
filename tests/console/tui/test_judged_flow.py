"""The flow by which the console is judged, by keys in a real terminal: from the page to the cure, and to the closed incident."""

import os
import sys
from collections.abc import Iterator

import pytest

from conftest import Peer
from tests.console.tui.tmux import Tmux, tmux_with
from tests.stackwork import QUICK, Stack, stack_up, until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.peer, pytest.mark.timeout(400)]
_OPS = (sys.executable, "-c", "from console.cli.main import main; main()")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with stack_up(*QUICK) as up:
        yield up


def _env(stack: Stack, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    return {**kept, "OPS_STATE": str(stack.state), "LANG": "C.UTF-8", "COLORTERM": "truecolor", **more}


def _outage(stack: Stack) -> int:
    """Stop the API; the number of the incident."""
    stack.json("stop", "api", "--confirm", "stop-api")
    until(lambda: stack.alerts().get("APIDown", {}).get("state") == "firing", what="APIDown firing")
    return int(until(lambda: stack.alerts()["APIDown"]["incident_id"], what="the incident"))


def test_from_ops_open_to_the_cure_in_five_keys_and_to_the_closed_incident_in_fifteen(
    stack: Stack, peer: Peer
) -> None:
    number = _outage(stack)
    with tmux_with(peer.find("tmux"), [*_OPS, "open", str(number)], _env(stack)) as terminal:
        terminal.see("check-process")
        terminal.press("r")
        told = terminal.see(lambda text: "» " in text and "unhealthy" in text)
        assert "stopped" in told
        terminal.see(lambda text: "▶ start-api" in text)
        terminal.press("r")
        terminal.see("y  run it")
        _agree(terminal)
        terminal.see("resolved: APIDown is over", timeout_s=90)
        assert len(terminal.keys) <= 5, terminal.keys
        _close(terminal, number)
        assert len(terminal.keys) <= 15, terminal.keys
        terminal.press("C-q")
        terminal.see("ended 0")
    incident = stack.json("incidents", str(number))
    assert incident["state"] == "closed"
    assert incident["postmortem_shared_at"] is not None


def _agree(terminal: Tmux) -> None:
    """Answer the question at hand once: it listens after a sixth of a second, as long as a person looks at least."""
    before = terminal.screen()
    until(lambda: _took(terminal, before), timeout_s=10, what="the answer being taken")
    while terminal.keys[-2:] == ["y", "y"]:
        terminal.keys.pop()


def _took(terminal: Tmux, before: str) -> bool:
    terminal.press("y")
    return "anything else  cancel" not in terminal.screen()


def _close(terminal: Tmux, number: int) -> None:
    terminal.press("Enter")
    terminal.see(f"incident {number} · ")
    terminal.press("e")
    terminal.see("why")
    terminal.type("the API was started again")
    terminal.press("Enter")
    # Its page may say so before the form has its answer and closes.
    terminal.see(f"incident {number} is resolved")
    terminal.press("C")
    terminal.see("follow-up: what is to be done")
    terminal.type("somebody stopped it")
    terminal.press("Enter")
    terminal.type("ask before stopping it")
    terminal.press("Enter", "Enter", "Enter")
    terminal.see(f"incident {number} · closed")
