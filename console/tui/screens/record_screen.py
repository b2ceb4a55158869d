"""A screen that is one list of records, asked of the daemon when it is opened and again while it is looked at."""

from collections.abc import Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from console.model.record_filter import records_that_pass
from console.ops_api.client import OpsClient
from console.text.plain import clock, one_line, since
from console.text.record_table import Record, TableColumn
from console.tui.calls import CallDone, Fetched
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.widgets.header import OneLine
from console.tui.widgets.record_list import RecordList
from console.tui.widgets.strips import DIM


class RecordScreen(CockpitScreen):
    """Loading, empty, filtered to nothing, refused and away each have their own words; what was known stays, dimmed."""

    COLUMNS: Sequence[TableColumn] = ()
    EMPTY = "nothing here"
    LOOK_EVERY_S = 5.0

    def compose_body(self) -> ComposeResult:
        with Vertical(id="list-frame", classes="frame") as frame:
            frame.border_title = self.tabs()
            yield OneLine(id="columns")
            yield RecordList(self.COLUMNS, id="records")

    def on_mount(self) -> None:
        self._found: object = None
        self._found_at: datetime | None = None
        self._trouble = ""
        self._filter = ""
        self._asked = False
        self.records.focus()
        self.set_interval(0.5, self._show_if_seen)
        self.set_interval(self.LOOK_EVERY_S, self.look)
        # The headings and that it is loading are there before the daemon has answered.
        self.call_after_refresh(self.show_records)

    def on_screen_resume(self) -> None:
        """What is opened is asked for at once."""
        self.look()

    @property
    def records(self) -> RecordList:
        """The list."""
        return self.query_one("#records", RecordList)

    @property
    def found(self) -> object:
        """What was last found; None before that."""
        return self._found

    def read(self, client: OpsClient) -> object:
        """What this screen shows, asked of the daemon in a thread; raises ``OpsError``."""
        raise NotImplementedError

    def rows(self, found: object, now: datetime) -> list[Record]:
        """What was found, as records."""
        raise NotImplementedError

    def passing(self, found: object, text: str, now: datetime) -> list[Record]:
        """The records that pass the filter; raises ``FilterError``."""
        return records_that_pass(self.rows(found, now), text)

    def look(self) -> None:
        """Ask the daemon, unless it is being asked or nobody looks."""
        if self.is_current and not self._asked:
            self._asked = True
            self.desk.fetch(self.read)

    def took(self, found: object) -> bool:
        """Whether an answer was to something else than what is listed, and is dealt with."""
        return False

    def on_fetched(self, message: Fetched) -> None:
        if self.took(message.found):
            return
        self._asked = False
        self._trouble = message.trouble
        if not message.trouble:
            self._found, self._found_at = message.found, self.situation.clock.now()
        self.show_records()

    def on_call_done(self, message: CallDone) -> None:
        self.look()

    def _show_if_seen(self) -> None:
        if self.is_current:
            self.show_records()

    def show_records(self) -> None:
        """The list as it is now."""
        now = self.situation.clock.now()
        everything = self.rows(self._found, now) if self._found is not None else []
        shown = self.passing(self._found, self._filter, now) if self._found is not None else []
        known = sum(not record.is_heading for record in everything)
        self.records.dim(bool(self._trouble) or self.situation.link.state not in ("live", "connecting"))
        self.records.show(shown, self._words(known))
        self.query_one("#columns", OneLine).show((self.records.head(), DIM))
        self.query_one("#list-frame", Vertical).border_subtitle = self._subtitle(known)

    def _words(self, known: int) -> str:
        if self._found is None:
            return one_line(self._trouble) or "loading …"
        if known and self._filter:
            return f"nothing passes the filter ({known} hidden); / and Esc shows all"
        return self.EMPTY

    def _subtitle(self, known: int) -> str:
        count = f"{self.records.count} of {known}" if self._filter else str(known)
        words = [
            count,
            *filter(None, [self.subtitle_words()]),
            f"/ {self._filter}" if self._filter else "no filter",
        ]
        if marked := len(self.records.marked):
            words.append(f"{marked} marked, Esc lets go")
        if self._trouble and self._found_at is not None:
            age = since(self._found_at, self.situation.clock.now())
            words.append(f"as of {clock(self._found_at)} ({age}): {one_line(self._trouble)}")
        return ", ".join(words).replace("[", r"\[")

    def forget(self) -> None:
        """What is shown is of something else from now on."""
        self._found, self._found_at, self._trouble, self._asked = None, None, "", False
        self.show_records()

    def subtitle_words(self) -> str:
        """What stands at the begin of the frame's bottom, besides the count."""
        return ""

    def filter_changed(self, text: str) -> None:
        before, self._filter = self._filter, text
        try:
            self.show_records()
        except ValueError:
            self._filter = before
            raise

    def focus_body(self) -> None:
        self.set_focus(self.records)

    def action_back(self) -> None:
        if self.records.marked and not self.query_one("#filter", Input).has_focus:
            self.records.unmark()
            self.show_records()
        else:
            super().action_back()
