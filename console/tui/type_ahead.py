"""Keys that were typed before a line could take them: they become its text, and no keys of the screen below."""

import time

from textual import events
from textual.message import Message

_SEEN_S = 0.15
"""What a person answers sooner they have not looked at."""


class TypeAhead:
    """What is typed for a line that is asked for and does not listen yet.

    It listens once it has the focus and once what was on its way through the screen below has come back: keys pass
    through the widgets there one after the other, and a slow line brings a word right behind the key that opens the
    form for it.
    """

    class KeysBack(Message):
        """Goes the way of the keys that were typed before, behind them."""

        def __init__(self, ahead: "TypeAhead") -> None:
            super().__init__()
            self.ahead = ahead

    def __init__(self) -> None:
        self._came_back: list[events.Key] = []
        self._held: list[events.Key] = []
        self._is_focused, self._are_back = False, False
        self.listens = False
        self._asked_at = time.monotonic()
        self._is_seen = False

    def hold(self, event: events.Key) -> None:
        """A key for later; one that has been to the screen below was typed before those that have not."""
        held = self._came_back if event.is_forwarded else self._held
        self._is_seen |= not event.is_forwarded and time.monotonic() - self._asked_at >= _SEEN_S
        held.append(events.Key(event.key, event.character))

    def focused(self) -> None:
        """The line has the focus."""
        self._is_focused = True

    def are_back(self) -> None:
        """No key is on its way any more."""
        self._are_back = True

    def taken(self) -> list[events.Key]:
        """What is to be typed now; from then on the line listens. Empty as long as it cannot.

        Enter alone says nothing about a form that nobody can have seen yet; behind a word it is its end.
        """
        if not (self._is_focused and self._are_back) or self.listens:
            return []
        self.listens = True
        held = [*self._came_back, *self._held]
        has_text = any(event.is_printable and event.key != "enter" for event in held)
        return [event for event in held if has_text or self._is_seen or event.key != "enter"]
