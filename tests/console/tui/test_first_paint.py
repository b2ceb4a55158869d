"""Facts about how soon the console shows and answers that are the same on every machine."""

import os
import subprocess
import sys

import pytest

_LATER = (
    "rich.markdown", "markdown_it", "pygments", "console.tui.screens.windows_screen", "console.tui.screens.runs_screen",
    "console.tui.screens.incident_screen", "console.tui.window_verbs", "console.tui.public_verbs", "textual_plotext",
)  # fmt: skip


def _said(program: str, **environment: str) -> str:
    env = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"} | environment
    return subprocess.run(
        [sys.executable, "-c", program], env=env, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


@pytest.mark.parametrize("module", _LATER)
def test_the_first_paint_does_without(module: str) -> None:
    assert _said(f"import sys, console.tui.app; print({module!r} in sys.modules)") == "False"


def test_a_key_waits_for_a_slot_of_four_milliseconds_unless_the_environment_says_otherwise() -> None:
    program = "import console.tui.app; from textual.screen import UPDATE_PERIOD; print(UPDATE_PERIOD)"
    assert _said(program) == "0.004"
    assert _said(program, TEXTUAL_FPS="50") == "0.02"
