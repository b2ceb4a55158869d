"""The places of the console by their words, for the command line behind ``:``, and the action that goes to each."""

import re

from alerts.wire import SERVICES
from console.tui.screens.cockpit_screen import VIEWS

_ALIASES = {
    "status": "services",
    "ps": "services",
    "top": "services",
    "oncall": "windows",
    "silences": "windows",
}
_ID = r"[A-Za-z0-9/_-]+"


def place_choices() -> list[tuple[str, str]]:
    """(word, what it is) of every place that has one."""
    return [
        *((name, f"{i}  {name}") for i, name in enumerate(VIEWS, 1)),
        ("runbook", "runbook NAME    any runbook on the shelf"),
        *((f"logs {name}", f"logs {name}") for name in ("all", *SERVICES)),
        ("incident", "incident NUMBER"),
        ("help", "help"),
        ("quit", "quit"),
    ]


def place_named(words: str) -> str | None:
    """The action that goes to what the words name; None where that is nowhere."""
    name, _, rest = words.strip().lstrip(":").partition(" ")
    rest = rest.strip()
    if name.isdecimal():
        name, rest = "incident", name
    if name == "logs" and rest in ("all", *SERVICES):
        return f"app.go_logs('{rest}')"
    if name in ("runbook", "runbooks"):
        return f"app.show_runbook('{rest}')" if re.fullmatch(_ID, rest) else "app.choose_runbook"
    if name in ("incident", "open"):
        return f"app.show_incident({int(rest)})" if rest.isdecimal() else "app.go('incidents')"
    if name in ("quit", "q", "exit"):
        return "app.quit"
    if name == "help":
        return "screen.help"
    view = _ALIASES.get(name, name)
    view = view if view in VIEWS else next((v for v in VIEWS if len(name) > 1 and v.startswith(view)), "")
    return f"app.go('{view}')" if view else None
