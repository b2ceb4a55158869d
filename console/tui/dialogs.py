"""The dialogs: confirm a change, type a line, read the help."""

import time

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
        with Vertical(id="dialog"):
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
        with Vertical(id="dialog"):
            yield Static(self._question, markup=False)
            yield Input(value=self._value, id="line")
            yield Static("Enter  done      Esc  cancel", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_cancel(self) -> None:
        self.dismiss(None)


class ChoiceDialog(ModalScreen[str | None]):
    """A list of (value, words) to choose from by number or by arrows."""

    BINDINGS = [
        Binding("escape,q", "cancel", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, question: str, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self._question, self._choices, self._at = question, choices, 0
        self._shown = 16

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog"):
            yield Static(self._question, markup=False)
            yield Static(self._text(), markup=False, id="choices")
            yield Static("Enter  choose      q  cancel", markup=False)

    def _text(self) -> str:
        first = max(0, min(self._at - self._shown // 2, len(self._choices) - self._shown))
        return "\n".join(
            f"{'>' if i == self._at else ' '} {words}"
            for i, (_, words) in enumerate(self._choices)
            if first <= i < first + self._shown
        )

    def action_move(self, step: int) -> None:
        self._at = max(0, min(self._at + step, len(self._choices) - 1))
        self.query_one("#choices", Static).update(self._text())

    def action_choose(self) -> None:
        self.dismiss(self._choices[self._at][0] if self._choices else None)

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

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="text"):
            yield Static(self._text, markup=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#text").scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss(None)
