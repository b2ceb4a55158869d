"""A form: some lines of text, asked for at once."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from console.tui.typed_form import keep_typed, typed_before


class Field(msgspec.Struct, frozen=True):
    """One line of a form."""

    name: str
    label: str
    value: str = ""
    required: bool = True


class FormDialog(ModalScreen[dict[str, str] | None]):
    """Asks for some lines of text at once; a fault in one is told here, and nothing that was typed is lost.

    What the daemon refuses afterwards stands in the form again when it is opened once more.
    """

    BINDINGS = [
        # Before the key reaches the line: what is typed right behind it already belongs to the next one.
        Binding("enter", "next_line", show=False, priority=True),
        Binding("escape", "cancel", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self, title: str, fields: Sequence[Field], fault_of: Callable[[dict[str, str]], str] | None = None
    ) -> None:
        super().__init__()
        self._title, self._fields, self._fault_of = title, fields, fault_of

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._title
            typed = typed_before(self.app, self._title)
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._fields:
                    words = field.label + ("" if field.required else " (may be left empty)")
                    yield Static(words, markup=False, id=f"label-{field.name}")
                    yield Input(value=typed.get(field.name, field.value), id=f"field-{field.name}")
            yield Static("", markup=False, id="fault")
            yield Static("Enter  next, then done      Tab  next      Esc  cancel", markup=False)

    def scroll_to_center(self, widget: Widget, *given: Any, **named: Any) -> None:
        """The field that takes the focus is seen, and its label, where not all fields fit."""
        name = (widget.id or "").removeprefix("field-")
        for shown in (widget, *self.query(f"#label-{name}").results()):
            shown.scroll_visible(animate=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """From the last line Enter is the end; it comes here behind all that was typed."""
        given = {f.name: self.query_one(f"#field-{f.name}", Input).value.strip() for f in self._fields}
        missing = next((f for f in self._fields if f.required and not given[f.name]), None)
        fault = f"missing: {missing.label}" if missing else self._fault_of(given) if self._fault_of else ""
        if fault:
            self.query_one("#fault", Static).update(fault)
            if missing:
                self.set_focus(self.query_one(f"#field-{missing.name}"))
            return
        keep_typed(self.app, self._title, given)
        self.dismiss(given)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "next_line" or self._line() < len(self._fields) - 1

    def action_next_line(self) -> None:
        # At once, not when the loop comes round: the next key is there already.
        self.set_focus(self.query_one(f"#field-{self._fields[self._line() + 1].name}"))

    def _line(self) -> int:
        """Which line has the cursor; the last where none has."""
        ids = [f"field-{field.name}" for field in self._fields]
        focused = self.focused.id if self.focused else None
        return ids.index(focused) if focused in ids else len(ids) - 1

    def action_cancel(self) -> None:
        self.dismiss(None)
