"""A list of records: headings and rows in columns, the cursor on its row by the row's id."""

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.text.record_table import Record, TableColumn, columns_that_fit
from console.tui.widgets.strips import BOLD, CURSOR, DIM, NORMAL, TONES, Part, column, strip_of

_MARK, _MARKED = "▌", "◆"


class RecordList(ScrollView, can_focus=True):
    """Shows records. It receives values and posts messages; it decides nothing."""

    BINDINGS = [
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("g,home", "jump(0)", "top", show=False),
        Binding("G,end", "jump(-1)", "bottom", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False),
        Binding("enter", "open", "open", show=False),
        Binding("space", "mark", "mark, and go on to the next", show=False),
        Binding("asterisk", "mark_all", "mark all that are shown", show=False),
    ]

    class Opened(Message):
        """The person wants to see the row under the cursor."""

        def __init__(self, record_id: str) -> None:
            super().__init__()
            self.record_id = record_id

    def __init__(self, columns: Sequence[TableColumn], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._records: Sequence[Record] = ()
        self._places: list[int] = []
        """Lines of the rows that can be chosen."""
        self._at = 0
        """Which of them the cursor is on."""
        self._words = ""
        self._dimmed = False
        self.marked: set[str] = set()
        """Ids of the rows that the next verb is about, besides the one under the cursor."""
        self.follows_end = False
        """Whether the cursor stays on the last row as rows come."""

    @property
    def cursor_id(self) -> str:
        """The id of the row under the cursor; empty where there is none."""
        return self._records[self._places[self._at]].id if self._places else ""

    @property
    def chosen_ids(self) -> list[str]:
        """The marked rows in their order, else the one under the cursor."""
        marked = [self._records[line].id for line in self._places if self._records[line].id in self.marked]
        return marked or [self.cursor_id] * bool(self.cursor_id)

    def unmark(self) -> None:
        """Take all marks away."""
        self.marked.clear()
        self.refresh()

    def action_mark(self) -> None:
        if self.cursor_id:
            self.marked ^= {self.cursor_id}
            self._place(self._at + 1)
            self.refresh()

    def action_mark_all(self) -> None:
        everything = {self._records[line].id for line in self._places}
        self.marked = set() if self.marked >= everything else everything
        self.refresh()

    @property
    def count(self) -> int:
        """How many rows there are, without headings."""
        return len(self._places)

    def show(self, records: Sequence[Record], words: str) -> None:
        """Show these, the cursor where it was; ``words`` where there is nothing."""
        if records == self._records and words == self._words:
            return
        chosen, line_before = self.cursor_id, self._places[self._at] if self._places else 0
        self._records, self._words = records, words
        self._places = [i for i, record in enumerate(records) if not record.is_heading]
        self._at = self._place_of(chosen, line_before)
        self.virtual_size = Size(0, len(records))
        self.refresh()
        if self.follows_end:
            self.call_after_refresh(self._scroll_to_cursor)

    def _place_of(self, chosen: str, line_before: int) -> int:
        if self.follows_end:
            return max(0, len(self._places) - 1)
        for at, line in enumerate(self._places):
            if self._records[line].id == chosen:
                return at
        return max(0, min(sum(line < line_before for line in self._places), len(self._places) - 1))

    def head(self) -> str:
        """The titles of the columns as they stand now."""
        return " " + " ".join(
            column(self._columns[i].title, width)
            for i, width in columns_that_fit(self._columns, self.size.width - 1)
        )

    def dim(self, dimmed: bool) -> None:
        """Show that what is shown may no longer be true."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.refresh()

    def put_cursor(self, record_id: str) -> None:
        """Stand on a row, where it is there."""
        for at, line in enumerate(self._places):
            if self._records[line].id == record_id:
                self._place(at)

    def _place(self, at: int) -> None:
        if not self._places:
            return
        before = self._places[self._at]
        self._at = max(0, min(at, len(self._places) - 1))
        self.follows_end = self.follows_end and self._at == len(self._places) - 1
        self.refresh_line(before)
        self.refresh_line(self._places[self._at])
        self._scroll_to_cursor()

    def _scroll_to_cursor(self) -> None:
        if not self._places:
            return
        line = self._places[self._at]
        first = line - 1 if line and self._records[line - 1].is_heading else line
        self.scroll_to_region(Region(0, first, 1, line - first + 1), animate=False, force=True)

    def action_move(self, step: int) -> None:
        self._place(self._at + step)

    def action_jump(self, at: int) -> None:
        self._place(at if at >= 0 else len(self._places) - 1)

    def action_page(self, direction: int) -> None:
        self._place(self._at + direction * max(1, self.size.height // 2))

    def action_open(self) -> None:
        if self.cursor_id:
            self.post_message(self.Opened(self.cursor_id))

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        line = self.scroll_offset.y + (at.y if at is not None else event.y)
        if line in self._places:
            self._place(self._places.index(line))
            if event.chain == 2:
                self.action_open()

    def render_line(self, y: int) -> Strip:
        """One line of the list."""
        width, at = self.size.width, self.scroll_offset.y + y
        if not self._records:
            return strip_of([(f" {self._words}", DIM)] if y == 0 else [("", NORMAL)], width)
        if at >= len(self._records):
            return strip_of([("", NORMAL)], width)
        record = self._records[at]
        if record.is_heading:
            return strip_of([(f" {record.cells[0].text}", TONES[record.cells[0].tone])], width)
        under = bool(self._places) and at == self._places[self._at]
        return strip_of(
            self._parts(record, width, under=under),
            width,
            over=CURSOR if under and self.has_focus else NORMAL,
        )

    def _parts(self, record: Record, width: int, *, under: bool) -> list[Part]:
        mark = _MARKED if record.id in self.marked else _MARK if under else " "
        parts: list[Part] = [(mark, BOLD)]
        for i, cells in columns_that_fit(self._columns, width - 1):
            cell = record.cells[i]
            style: Style = DIM if self._dimmed else TONES[cell.tone]
            parts.append((column(cell.text, cells) + " ", style))
        return parts
