"""The bottom line: the keys that do something here, made from the bindings, or what there is to tell for a while."""

import time
from collections.abc import Iterable, Sequence
from textwrap import wrap

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from console.text.plain import one_row
from console.tui.widgets.strips import ACCENT, BOLD, CRITICAL, DIM, Part, strip_of

_SAID_S = 8.0
_MOST_ROWS = 3
_NAMES = {
    "slash": "/", "question_mark": "?", "colon": ":", "full_stop": ".", "enter": "⏎", "minus": "-", "space": "space",
    "escape": "Esc", "pagedown": "PgDn", "pageup": "PgUp", "asterisk": "*", "left_square_bracket": "[", "right_square_bracket": "]", "equals_sign": "=",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as it stands on the keyboard: the first of several that do the same."""
    first = key.split(",")[0]
    return _NAMES.get(first, first)


def hints(bindings: Iterable[Binding], width: int) -> list[tuple[str, str, str]]:
    """(key, words, action) of those that are to be shown, as many as fit; the last of them always is help."""
    shown = [(key_name(b.key), b.description, b.action) for b in bindings if b.show and b.description]
    *others, last = shown or [("", "", "")]
    room = width - 1 - _cells(last)
    fitting: list[tuple[str, str, str]] = []
    for hint in others:
        room -= _cells(hint)
        if room < 0:
            break
        fitting.append(hint)
    return [*fitting, last]


def _cells(hint: tuple[str, str, str]) -> int:
    return cell_len(hint[0]) + cell_len(hint[1]) + 3


class KeyLine(Widget):
    """Shows keys; a click on one is that key. Receives values and posts messages."""

    class Chosen(Message):
        """The person clicked a hint."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hinted: Sequence[Binding] = ()
        self._said: list[list[Part]] = []
        self._said_until = 0.0

    def show_keys(self, bindings: Sequence[Binding]) -> None:
        """The bindings that hold here."""
        if list(bindings) != list(self._hinted):
            self._hinted = bindings
            self.refresh()

    def say(self, text: str, *, bad: bool) -> None:
        """Tell something for some seconds, whole: on as many lines as it takes, up to three."""
        rows = wrap(one_row(text), max(20, self.size.width - 2)) or [""]
        if len(rows) > _MOST_ROWS:
            rows = [*rows[: _MOST_ROWS - 1], " ".join(rows[_MOST_ROWS - 1 :])]
        self._said = [[(f" {row}", CRITICAL if bad else BOLD)] for row in rows]
        self._said_until = time.monotonic() + _SAID_S
        self._take_room(len(rows))

    def unsay(self) -> None:
        """What was told holds no longer: the keys come back at once."""
        self._said_until = float("-inf")
        self.tick()

    def _take_room(self, rows: int) -> None:
        if self.size.height != rows:
            self.styles.height = rows
        self.refresh()

    def tick(self) -> None:
        """The keys come back once what was told has been there long enough."""
        if self._said and time.monotonic() > self._said_until:
            self._said = []
            self._take_room(1)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._said:
            return strip_of(self._said[y] if y < len(self._said) else [("", DIM)], width)
        parts: list[Part] = [(" ", DIM)]
        for key, words, _ in hints(self._hinted, width):
            parts += [(key, ACCENT + BOLD), (f" {words}  ", DIM)]
        return strip_of(parts, width)

    def on_click(self, event: events.Click) -> None:
        at = 1
        for hint in hints(self._hinted, self.size.width):
            at += _cells(hint)
            if event.x < at:
                self.post_message(self.Chosen(hint[2]))
                return
