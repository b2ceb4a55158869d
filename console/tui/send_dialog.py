"""A dialog that stays open until the daemon has answered what was asked in it: typed words never become keys of the screen below."""

import time
from collections.abc import Sequence
from typing import TypeVar

from textual.binding import Binding
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from console.text.plain import cut_to, one_line

T = TypeVar("T")
_SAID_AFTER_S = 1.0
_LONGEST = 480
"""Cells of a refusal that are shown; there are some with a whole document in them."""


class SendDialog(ModalScreen[T]):
    """Closes with ``DONE`` once what it asked for is done, with None where the person left it before that.

    It has a ``Static`` with the id ``foot`` for its keys and one with the id ``fault`` for what is wrong.
    Its way out is Escape, always; what was sent by then goes on, and the screen below tells what came of it.
    """

    BINDINGS = [Binding("escape", "cancel", show=False)]
    FOOT = ""
    DONE: T | None = None

    def __init__(self) -> None:
        super().__init__()
        self._sent_at: float | None = None
        self._was_sent = False
        self._clock: Timer | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether something was sent and is not answered yet."""
        return self._sent_at is not None

    @property
    def was_sent(self) -> bool:
        """Whether anything was ever sent from here."""
        return self._was_sent

    def wait(self) -> None:
        """Something is sent now: no key is taken until it is answered, and after a second it is said for how long."""
        self._sent_at, self._was_sent = time.monotonic(), True
        self.show_fault("")
        self.show_foot("sent …")
        for line in self.query(Input):
            line.disabled = True
        self._clock = self.set_interval(0.25, self._tell_waiting)

    def answered(self) -> None:
        """What was asked for is done."""
        self._settle()
        if self.is_active:
            self.dismiss(self.DONE)

    def refused(self, text: str, named: str | None = None) -> bool:
        """Say why it was not done; ``named`` is the part of the request that is at fault. Whether anybody reads it here."""
        field = self.field_of(text, named) if self.is_active else ""
        return self.again(cut_to(one_line(text), _LONGEST), field)

    def again(self, text: str = "", field: str = "") -> bool:
        """Take words anew, nothing being under way; whether anybody reads it here."""
        self._settle()
        if not self.is_active:
            return False
        for line in self.query(Input):
            line.disabled = False
        self.show_fault(text, field)
        return True

    def field_of(self, text: str, named: str | None) -> str:
        """The name of the field that a refusal is about; empty where it is about none, or there are none."""
        return ""

    def show_fault(self, text: str, field: str = "") -> None:
        """Say what is wrong, or take that away."""
        self.query_one("#fault", Static).update(text)
        self.query_one("#fault").display = bool(text)

    def show_foot(self, text: str = "") -> None:
        """What the last line says; without words the keys."""
        try:
            self.query_one("#foot", Static).update(text or self.FOOT)
        except NoMatches:
            return  # A clock's last stroke while the widgets go.

    def action_cancel(self) -> None:
        self.dismiss(None)

    def _settle(self) -> None:
        self._sent_at = None
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
        self.show_foot()

    def _tell_waiting(self) -> None:
        waited = time.monotonic() - self._sent_at if self._sent_at is not None else 0.0
        if waited >= _SAID_AFTER_S:
            self.show_foot(f"sent {int(waited)} s ago, no answer yet      Esc  leave; it goes on")


class FaultLine(Static):
    """Says what is wrong, in as many lines as it takes."""

    class Fitted(Message):
        """The line has another size."""

    def on_resize(self) -> None:
        """Whoever shares the room with it must know."""
        self.post_message(self.Fitted())


def hidden_fault(name: str = "fault") -> FaultLine:
    """The line that says what is wrong, out of sight while nothing is."""
    fault = FaultLine("", markup=False, id=name, classes="fault")
    fault.display = False
    return fault


def field_at_fault(text: str, named: str | None, values: Sequence[tuple[str, str]]) -> str:
    """Which of the (name, what was typed) a refusal is about; empty where that is not said.

    ``named`` is the daemon's own word, a path such as ``matchers[0].value``; else the words of the refusal
    have to repeat what was typed into one field, and no other.
    """
    first = (named or "").split(".")[0].split("[")[0]
    names = [name for name, _ in values]
    for name in (first, _FORM_NAMES.get(first, "")):
        if name in names:
            return name
    told = [name for name, typed in values if typed and (repr(typed) in text or f" {typed} " in f" {text} ")]
    return told[0] if len(told) == 1 else ""


_FORM_NAMES = {
    "due_on": "due", "starts_at": "begins", "startsAt": "begins", "ends_at": "span", "endsAt": "span", "for_s": "span",
    "until": "span", "body": "text", "execution_id": "run", "audiences": "tell",
}  # fmt: skip
"""What the wire calls it, where a form says it otherwise."""
