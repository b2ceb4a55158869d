"""The dialogs: confirm a change, agree to something, choose, read a text."""

import time
from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from console.ops_api.execution import needed_confirmation
from console.text.plain import one_line
from console.tui.scroll_mark import hidden_words, mark_hidden_lines
from console.tui.send_dialog import SendDialog, hidden_fault
from runbooks.wire import ExecutionView

_DEAF_S = 0.15


class ConfirmDialog(SendDialog[bool]):
    """Shows exactly what would run. ``y`` confirms a change, a destructive step wants its object's name typed.

    ``send`` gets the word that confirms it and the dialog, and begins the run that answers or refuses it.
    """

    DONE = True

    def __init__(
        self, plan: ExecutionView, environment: str, send: Callable[[str | None, "ConfirmDialog"], None]
    ) -> None:
        super().__init__()
        self._plan, self._environment, self._send = plan, environment, send
        self._needed = needed_confirmation(plan)
        self._opened_at = time.monotonic()
        self._is_refused = False
        self.FOOT = (
            f"type {self._needed} and Enter to run it; Esc cancels"
            if plan.kind == "destructive"
            else "y  run it      anything else  cancel"
        )

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
            yield hidden_fault()
            if plan.kind == "destructive":
                yield Static(self.FOOT, markup=False, id="foot")
                yield Input(id="typed")
            else:
                yield Static(self.FOOT, markup=False, id="foot")

    def on_key(self, event: events.Key) -> None:
        """Type-ahead confirms nothing: keys of the first 150 ms are dropped, and those while an answer is awaited."""
        if time.monotonic() - self._opened_at < _DEAF_S:
            event.stop()
            event.prevent_default()
            return
        if self._plan.kind == "destructive" or event.key == "escape":
            return
        event.stop()
        event.prevent_default()
        if self.is_waiting:
            return
        if event.key == "y" and not self._is_refused:
            self._confirm()
        elif not self._is_refused or event.key == "q":
            self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.is_waiting or self._is_refused:
            return
        if event.value == self._needed:
            self._confirm()
        else:
            self.show_fault(f"{one_line(event.value)!r} is not {self._needed}: nothing was run")

    def _confirm(self) -> None:
        self.wait()
        self._send(self._needed, self)

    def refused(self, text: str, named: str | None = None) -> bool:
        """Say it here; what was refused is planned anew, not sent again, so that nothing but leaving is left."""
        self._is_refused, self._opened_at = True, time.monotonic()
        self.FOOT = "Esc  close" if self._plan.kind == "destructive" else "q or Esc  close"
        return super().refused(text)


class YesDialog(SendDialog[bool]):
    """Says exactly what would be done; ``y`` does it, anything else does not.

    ``send`` gets the dialog, and begins the call that answers or refuses it.
    """

    DONE = True
    FOOT = "y  do it      anything else  cancel"

    def __init__(self, title: str, lines: Sequence[str], send: Callable[["YesDialog"], None]) -> None:
        super().__init__()
        self._title, self._lines, self._send = title, lines, send
        self._opened_at = time.monotonic()
        self._is_refused = False

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._title
            yield Static("\n".join([*self._lines, ""]), markup=False)
            yield hidden_fault()
            yield Static(self.FOOT, markup=False, id="foot")

    def on_key(self, event: events.Key) -> None:
        """Type-ahead confirms nothing: keys of the first 150 ms are dropped, and those while an answer is awaited.

        Once it was refused only ``q`` and Escape close: a word that is being typed goes nowhere.
        """
        if event.key == "escape":
            return
        event.stop()
        event.prevent_default()
        if time.monotonic() - self._opened_at < _DEAF_S or self.scrolled(event.key):
            return
        if self.is_waiting:
            return
        if event.key == "y" and self.may_agree:
            self.wait()
            self._send(self)
        elif not self._is_refused or event.key == "q":
            self.dismiss(None)

    def refused(self, text: str, named: str | None = None) -> bool:
        self._is_refused, self._opened_at = True, time.monotonic()
        self.FOOT = "y  once more      q or Esc  close"
        return super().refused(text)

    @property
    def may_agree(self) -> bool:
        """Whether there is something to agree to."""
        return True

    def scrolled(self, key: str) -> bool:
        """Whether the key only moved what is to be read."""
        return False


class ChoiceDialog(SendDialog[str]):
    """A list of (value, words) to choose from: typing narrows it, arrows move, Enter chooses.

    Which of them are in sight stands in the frame. What ``fault_of`` finds wrong with a choice is told here. ``send`` gets the value that was chosen and the dialog; where it
    begins a call that answers or refuses the dialog, it says so, and the dialog waits for that.
    """

    FOOT = "↑ ↓  move      Enter  choose      Esc  cancel"
    BINDINGS = [
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True),
    ]

    def __init__(
        self,
        question: str,
        choices: list[tuple[str, str]],
        *,
        free: bool = False,
        send: Callable[[str, "ChoiceDialog"], bool] = lambda value, dialog: False,
        fault_of: Callable[[str], str] = lambda value: "",
    ) -> None:
        super().__init__()
        self._question, self._choices, self._at = question, choices, 0
        self._shown, self._free, self._send, self._fault_of = 12, free, send, fault_of
        self._fitting = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._question
            box.border_subtitle = self._count()
            yield Input(id="search", placeholder="type to search")
            yield Static(self._text(), markup=False, id="choices")
            yield Static("")
            yield hidden_fault()
            yield Static(self.FOOT, markup=False, id="foot")

    def _first(self) -> int:
        return max(0, min(self._at - self._shown // 2, len(self._fitting) - self._shown))

    def _text(self) -> str:
        if not self._fitting:
            return "  nothing fits; Enter takes it as typed" if self._free else "  nothing fits"
        first = self._first()
        rows = [
            f"{'▶' if i == self._at else ' '} {words}"
            for i, (_, words) in enumerate(self._fitting)
            if first <= i < first + self._shown
        ]
        return "\n".join(rows)

    def _count(self) -> str:
        """What the list hides; empty where all of it is in sight."""
        return hidden_words(
            self._first(), len(self._fitting) - self._first() - self._shown, len(self._fitting)
        )

    def _show(self) -> None:
        self.query_one("#choices", Static).update(self._text())
        self.query_one("#dialog", Vertical).border_subtitle = self._count()

    def on_input_changed(self, event: Input.Changed) -> None:
        """What has every word, in the order in which it was given."""
        words = event.value.lower().split()
        self._fitting = [one for one in self._choices if all(word in one[1].lower() for word in words)]
        self._at = 0
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self._fitting:
            self._choose(self._fitting[self._at][0])
        elif self._free and event.value.strip():
            self._choose(event.value.strip())

    def _choose(self, value: str) -> None:
        if self.is_waiting:
            return
        if fault := self._fault_of(value):
            self.show_fault(fault)
        elif self._send(value, self):
            self.wait()
        else:
            self.dismiss(value)

    def refused(self, text: str, named: str | None = None) -> bool:
        told = super().refused(text, named)
        if told:
            self.set_focus(self.query_one("#search"))
        return told

    def action_move(self, step: int) -> None:
        self._at = max(0, min(self._at + step, len(self._fitting) - 1))
        self._show()


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

    def on_resize(self) -> None:
        self._mark()

    def on_mount(self) -> None:
        """How many lines are out of sight is counted whenever that may have changed."""
        self.watch(self.query_one("#text"), "scroll_y", self._mark, init=False)
        self.watch(self.query_one("#text"), "virtual_size", self._mark, init=False)

    def _mark(self) -> None:
        box = self.query_one("#text")
        mark_hidden_lines(box, box, "q back")

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
