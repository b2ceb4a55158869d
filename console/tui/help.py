"""The help for here and now: every key that does something, made from the bindings, and what the signs mean."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from console.tui.widgets.key_line import key_name

_COLUMN = 36
"""Cells of one of two columns, in a frame of 80 cells with its scrollbar."""
_KEYS = 11
LEGEND = """\
 FILTER  words are ANDed; !word; sev:>=warning; svc:api; label:value;
         /regex/; is:acked|firing|pending|stale|silenced; an empty line
         shows everything

 STATES  ! critical and firing  p pending  r resolved  ? its source is
         silent  A acknowledged  S silenced  I inhibited  M maintenance
         ~n flapping; CLOCK counts down to the target, -04:10 is past it

 A read step runs at once. A change shows the exact command and asks: y runs
 it, anything else cancels. A destructive one wants its object's name typed.
 The dot: live, or how long the server has been silent; what is dimmed may
 no longer be true. Leaving the console stops no step: the daemon owns them.
"""


def help_text(groups: Iterable[tuple[str, Iterable[BindingType]]]) -> str:
    """A heading and its keys, one group after another, in at most 79 columns; then the signs."""
    lines: list[str] = []
    for title, bindings in groups:
        entries = [_entry(b) for b in bindings if isinstance(b, Binding) and b.description]
        if entries:
            lines += [f" {title.upper()}", *_two_columns(entries), ""]
    return "\n".join([*lines, LEGEND])


def _entry(binding: Binding) -> str:
    keys = " ".join(dict.fromkeys(key_name(key) for key in binding.key.split(",")))
    return f"{keys:<{_KEYS}}  {binding.description}"


def _two_columns(entries: list[str]) -> list[str]:
    """Side by side what fits there; what is longer has a line of its own below, so that nothing is cut."""
    short = [entry for entry in entries if len(entry) <= _COLUMN]
    half = (len(short) + 1) // 2
    left, right = short[:half], [*short[half:], ""]
    rows = [f"  {a:<{_COLUMN}}  {b}".rstrip() for a, b in zip(left, right, strict=False)]
    return [*rows, *(f"  {entry}" for entry in entries if len(entry) > _COLUMN)]
