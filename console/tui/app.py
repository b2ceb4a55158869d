"""The full-screen console: the app, composed in one place."""

from console.access import WhichOps


def run_console(
    which: WhichOps,
    *,
    incident: int | None = None,
    read_only: bool = False,
    ascii_only: bool = False,
    no_mouse: bool = False,
    no_bell: bool = False,
) -> None:
    """Open the console and return when the person leaves it."""
    raise SystemExit(f"the console for {which.state} comes with the next commit")
