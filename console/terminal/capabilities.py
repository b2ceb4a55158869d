"""What this terminal can do: size, colour, and by which way a copy reaches the clipboard."""

import os
import shutil
import sys


def describe_terminal() -> list[tuple[str, bool, str]]:
    """Findings for ``ops doctor`` as (check, ok, text)."""
    size = shutil.get_terminal_size()
    tty = sys.stdout.isatty()
    return [
        ("terminal", not tty or (size.columns >= 80 and size.lines >= 24), f"{size.columns}×{size.lines}, TERM={os.environ.get('TERM', '')}"),
        ("colour", True, "off by NO_COLOR" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM", "16 colours or 256")),
        ("clipboard", True, clipboard_route()),
    ]  # fmt: skip


def clipboard_route() -> str:
    """Which way a copy goes from here."""
    if os.environ.get("TMUX"):
        return "tmux load-buffer -w"
    return "OSC 52, and a file"
