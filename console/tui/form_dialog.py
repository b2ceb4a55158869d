"""A form: some lines of text, asked for at once; it closes once the daemon has done what they ask for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from console.tui.scroll_mark import hidden_words
from console.tui.send_dialog import FaultLine, SendDialog, field_at_fault, hidden_fault
from console.tui.typed_form import keep_typed, typed_before

Given = Mapping[str, str]
_AROUND_FIELDS = 5
"""Lines of a form besides its fields and its fault: border, padding, and the keys."""
_SHARE_OF_SCREEN = 0.95


class Field(msgspec.Struct, frozen=True):
    """One line of a form."""

    name: str
    label: str
    value: str = ""
    required: bool = True


class FormFault(NamedTuple):
    """What is wrong with what was typed, and in which field, where it is in one."""

    text: str
    field: str = ""


def first_fault(form: Given, **checks: Callable[[str], object]) -> FormFault | None:
    """The first of the named fields whose check raises ``ValueError``; a form need not have all of them."""
    for name, check in checks.items():
        try:
            check(form.get(name) or "") if name in form else None
        except ValueError as error:
            return FormFault(str(error), name)
    return None


def one_of(choices: Collection[str], refusal: str) -> Callable[[str], None]:
    """A check that takes these words alone; ``refusal`` has a place for what was typed in their stead."""

    def check(text: str) -> None:
        if text not in choices:
            raise ValueError(refusal.format(repr(text)))

    return check


class FieldScroll(VerticalScroll, inherit_bindings=False):
    """Where the fields are; the arrows go from field to field and leave the scrolling to the focus."""


class FormDialog(SendDialog[bool]):
    """Asks for some lines of text at once; a fault in one is told beside it, and nothing that was typed is lost.

    ``send`` gets what was typed and the form, and begins the call that answers or refuses it. What was refused
    stands in the form again when it is opened once more.
    """

    DONE = True
    BINDINGS = [
        # Before the key reaches the line: what is typed right behind it already belongs to the next one.
        Binding("enter", "next_line", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        send: Callable[[Given, "FormDialog"], None],
        fault_of: Callable[[Given], FormFault | None] | None = None,
    ) -> None:
        super().__init__()
        self._title, self._fields, self._send, self._fault_of = title, fields, send, fault_of
        self._fault, self._fault_field = "", ""
        several = "Enter  next, then done      Tab  next      Esc  cancel"
        self.FOOT = several if len(fields) > 1 else "Enter  done      Esc  cancel"

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            box.border_title = self._title
            typed = typed_before(self.app, self._title)
            with FieldScroll(id="fields", can_focus=False):
                for field in self._fields:
                    words = field.label + ("" if field.required else " (may be left empty)")
                    yield Static(words, markup=False, id=f"label-{field.name}")
                    yield hidden_fault(f"fault-{field.name}")
                    yield Input(value=typed.get(field.name, field.value), id=f"field-{field.name}")
            yield hidden_fault()
            yield Static(self.FOOT, markup=False, id="foot")

    def on_mount(self) -> None:
        """What is out of sight is counted whenever that may have changed."""
        self.watch(self.query_one("#fields"), "scroll_y", self._mark_hidden, init=False)
        self._fit()

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def on_fault_line_fitted(self, event: FaultLine.Fitted) -> None:
        """The fields have the room that it leaves."""
        self._fit()

    def scroll_to_center(self, widget: Widget, *given: Any, **named: Any) -> None:
        """The field that takes the focus is seen, with its label and its fault, where not all fields fit."""
        name = (widget.id or "").removeprefix("field-")
        region = widget.virtual_region
        for label in self.query(f"#label-{name}").results():
            region = region.union(label.virtual_region)
        self.query_one("#fields").scroll_to_region(region, animate=False, force=True, immediate=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """From the last line Enter is the end; it comes here behind all that was typed."""
        if self.is_waiting:
            return
        given = self._given()
        missing = next((f for f in self._fields if f.required and not given[f.name]), None)
        if missing is not None:
            fault: FormFault | None = FormFault(f"missing: {missing.label}", missing.name)
        else:
            fault = self._fault_of(given) if self._fault_of is not None else None
        if fault is not None:
            self.refused(fault.text, fault.field)
            return
        keep_typed(self.app, self._title, given)
        self.wait()
        self._send(given, self)

    def _given(self) -> dict[str, str]:
        return {f.name: self.query_one(f"#field-{f.name}", Input).value.strip() for f in self._fields}

    def field_of(self, text: str, named: str | None) -> str:
        return field_at_fault(text, named, list(self._given().items()))

    def again(self, text: str = "", field: str = "") -> bool:
        if not super().again(text, field):
            return False
        line = self.query_one(f"#field-{field or self._fields[self._line()].name}", Input)
        self.set_focus(line)
        # Once the fault has its line, so that field and fault are both in sight.
        self.call_after_refresh(self.scroll_to_center, line)
        return True

    def show_fault(self, text: str, field: str = "") -> None:
        for beside in self.query(".fault").results(Static):
            beside.display = False
        self._fault, self._fault_field = text, field
        if field:
            self.query_one(f"#fault-{field}", Static).update(text)
            self.query_one(f"#fault-{field}").display = True
        else:
            super().show_fault(text)
        self._fit()

    def _fit(self) -> None:
        """Give the fields what is left, so that fault and keys are never pushed out below.

        Where they do not all fit, a fault that stands beside one of them is told at the foot too: whether it is in
        sight up there depends on the room that its line at the foot takes, and the form would never come to rest.
        """
        fields, foot = self.query_one("#fields"), self.query_one("#fault", Static)
        room = int(self.app.size.height * _SHARE_OF_SCREEN) - _AROUND_FIELDS
        if self._fault_field:
            foot.update(self._fault)
            foot.display = fields.virtual_size.height > room
        lines = foot.size.height if foot.display else 0
        fields.styles.max_height = max(3, room - lines)
        self.call_after_refresh(self._mark_hidden)

    def _hidden(self) -> tuple[int, int]:
        """How many fields are above and below what is in sight."""
        fields = self.query_one("#fields")
        top, bottom = fields.scroll_y, fields.scroll_y + fields.scrollable_content_region.height
        lines = [self.query_one(f"#field-{field.name}").virtual_region for field in self._fields]
        return sum(line.y < top for line in lines), sum(
            line.y >= top and line.bottom > bottom for line in lines
        )

    def _mark_hidden(self) -> None:
        """How many fields are out of sight stands in the frame."""
        if self.is_attached:
            above, below = self._hidden()
            words = hidden_words(above, below, len(self._fields), "fields")
            self.query_one("#dialog", Vertical).border_subtitle = words

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
