"""The dialogs: confirm a change, type a line, choose, read a text."""

import time
from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console.ops_api.execution import needed_confirmation
from console.text.plain import one_line
from runbooks.wire import ExecutionView

_DEAF_S = 0.15


class ConfirmDialog(ModalScreen[str | None]):
    """Shows exactly what would run. ``y`` confirms a change, a destructive step wants its object's name typed."""

    BINDINGS = [Binding("escape,q,n", "cancel", show=False)]

    def __init__(self, plan: ExecutionView, environment: str) -> None:
        super().__init__()
        self._plan, self._environment = plan, environment
        self._needed = needed_confirmation(plan)
        self._opened_at = time.monotonic()

    def compose(self) -> ComposeResult:
        plan = self._plan
        lines = [
            f"{one_line(plan.title)}",
            "",
            f"environment  {self._environment}",
            f"kind         {plan.kind}",
            f"object       {one_line(plan.object or '-')}",
            f"command      {' '.join(one_line(word) for word in plan.argv)}",
            *(
                [f"checks first {' '.join(one_line(word) for word in plan.precheck)}"]
                if plan.precheck
                else []
            ),
            f"locks        {', '.join(plan.locks) or 'none'}",
            *(["note         nobody has seen this command run on such a target"] if plan.unverified else []),
            "",
        ]
        with Vertical(id="dialog", classes=plan.kind) as box:
            box.border_title = f"{plan.kind} on {self._environment}"
            yield Static("\n".join(lines), markup=False, id="plan")
            if plan.kind == "destructive":
                yield Static(f"type {self._needed} and Enter to run it; Esc cancels", markup=False)
                yield Input(id="typed")
            else:
                yield Static("y  run it      anything else  cancel", markup=False, id="choice")

    def on_key(self, event: events.Key) -> None:
        """Type-ahead confirms nothing: keys of the first 150 ms are dropped."""
        if time.monotonic() - self._opened_at < _DEAF_S:
            event.stop()
            event.prevent_default()
            return
        if self._plan.kind == "destructive":
            return
        event.stop()
        self.dismiss(self._needed if event.key == "y" else None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(self._needed if event.value == self._needed else None)

    def action_cancel(self) -> None:
        self.dismiss(None)


class LineDialog(ModalScreen[str | None]):
    """Asks for one line of text."""

    BINDINGS = [Binding("escape", "cancel", show=False)]

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self._question, self._value = question, value

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._question
            yield Input(value=self._value, id="line")
            yield Static("Enter  done      Esc  cancel", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_cancel(self) -> None:
        self.dismiss(None)


class YesDialog(ModalScreen[bool]):
    """Says exactly what would be done; ``y`` does it, anything else does not."""

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title, self._lines = title, lines
        self._opened_at = time.monotonic()

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._title
            yield Static("\n".join(self._lines), markup=False)
            yield Static("\ny  do it      anything else  cancel", markup=False, id="choice")

    def on_key(self, event: events.Key) -> None:
        """Type-ahead confirms nothing: keys of the first 150 ms are dropped."""
        event.stop()
        event.prevent_default()
        if time.monotonic() - self._opened_at >= _DEAF_S and not self.scrolled(event.key):
            self.dismiss(event.key == "y" and self.may_agree)

    @property
    def may_agree(self) -> bool:
        """Whether there is something to agree to."""
        return True

    def scrolled(self, key: str) -> bool:
        """Whether the key only moved what is to be read."""
        return False


class ChoiceDialog(ModalScreen[str | None]):
    """A list of (value, words) to choose from: typing narrows it, arrows move, Enter chooses."""

    BINDINGS = [
        Binding("escape", "cancel", show=False),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, question: str, choices: list[tuple[str, str]], *, free: bool = False) -> None:
        super().__init__()
        self._question, self._choices, self._at = question, choices, 0
        self._shown, self._free = 12, free
        self._fitting = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._question
            yield Input(id="search", placeholder="type to search")
            yield Static(self._text(), markup=False, id="choices")
            yield Static("\n↑ ↓  move      Enter  choose      Esc  cancel", markup=False)

    def _text(self) -> str:
        if not self._fitting:
            return "  nothing fits; Enter takes it as typed" if self._free else "  nothing fits"
        first = max(0, min(self._at - self._shown // 2, len(self._fitting) - self._shown))
        rows = [
            f"{'▶' if i == self._at else ' '} {words}"
            for i, (_, words) in enumerate(self._fitting)
            if first <= i < first + self._shown
        ]
        return "\n".join(rows)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What has every word, in the order in which it was given."""
        words = event.value.lower().split()
        self._fitting = [one for one in self._choices if all(word in one[1].lower() for word in words)]
        self._at = 0
        self.query_one("#choices", Static).update(self._text())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self._fitting:
            self.dismiss(self._fitting[self._at][0])
        elif self._free and event.value.strip():
            self.dismiss(event.value.strip())

    def action_move(self, step: int) -> None:
        self._at = max(0, min(self._at + step, len(self._fitting) - 1))
        self.query_one("#choices", Static).update(self._text())

    def action_cancel(self) -> None:
        self.dismiss(None)


class TextScreen(ModalScreen[None]):
    """Text to read: help, or the facts of an incident. Any of q, Esc, ? closes it."""

    BINDINGS = [
        Binding("escape,q,question_mark,enter", "close", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("ctrl+d,pagedown,space", "scroll(10)", show=False),
        Binding("ctrl+u,pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, text: str, title: str = "") -> None:
        super().__init__()
        self._text, self._title = text, title

    def compose(self) -> ComposeResult:
        with Vertical(id="text") as box:
            box.border_title = self._title
            box.border_subtitle = "q back"
            yield Static(self._text, markup=False)

    def show(self, text: str) -> None:
        """Put a fuller text in the place of the one that is read."""
        self.query_one(Static).update(text)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#text").scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss(None)
