"""Windows: maintenance, what the public reads, silences, who is on call and handing that over, and who was called lately."""

from datetime import datetime, timedelta

from textual.binding import Binding

from alerts.wire import SilenceView
from console.ops_api.client import OpsClient
from console.text.call_list import on_call_lines
from console.text.maintenance_page import window_page
from console.text.plain import one_line
from console.text.public_page import entry_page
from console.text.record_table import Record
from console.text.records.windows import WINDOW_COLUMNS, Windows, window_records
from console.text.report import handover_lines
from console.tui.dialogs import ChoiceDialog, TextScreen
from console.tui.on_call_form import ask_no_on_call, ask_on_call, ask_page
from console.tui.public_verbs import DraftAbout, ask_publication, choose_public_verb, read_draft
from console.tui.screens.record_screen import RecordScreen
from console.tui.silence_form import ask_end, ask_extension, ask_silence
from console.tui.widgets.record_list import RecordList
from console.tui.window_verbs import ask_schedule, choose_window_verb

_SHIFT = timedelta(hours=12)


class HandoverText(str):
    """What whoever takes over has to know."""


class WindowsScreen(RecordScreen):
    """What keeps people from being called, and who is called."""

    VIEW = "windows"
    COLUMNS = WINDOW_COLUMNS
    EMPTY = "no window, no silence, and nobody on call"
    BINDINGS = [
        Binding("x", "act", "act"),
        Binding("s", "silence", "silence"),
        Binding("P", "plan", "plan window"),
        Binding("p", "publish", "tell the public"),
        Binding("t", "on_call", "take over"),
        Binding("h", "handover", "hand-over text"),
        Binding("T", "end_on_call", "end the hand-over", show=False),
        Binding("c", "call_somebody", "call somebody", show=False),
        Binding("e", "extend", "extend silence", show=False),
        Binding("X", "end", "end silences", show=False),
        Binding("enter", "open", "open", show=False),
        Binding("y", "copy_id", "copy id", show=False),
    ]

    def read(self, client: OpsClient) -> object:
        return Windows(
            client.silences(),
            client.contacts(),
            client.pages(),
            client.maintenances(everything=False),
            client.public_entries(everything=False).public,
        )

    def rows(self, found: object, now: datetime) -> list[Record]:
        return window_records(found, now) if isinstance(found, Windows) else []

    def _silence(self) -> SilenceView | None:
        """The silence under the cursor; else it is said what to stand on."""
        kind, _, rest = self.records.cursor_id.partition(":")
        there = self.found.silences if isinstance(self.found, Windows) else ()
        found = next((one for one in there if kind == "silence" and one.id == rest), None)
        if found is None:
            self.say("put the cursor on a silence", bad=True)
        return found

    def action_silence(self) -> None:
        ask_silence(self, "")

    def action_extend(self) -> None:
        silence = self._silence()
        if silence is not None:
            ask_extension(self, silence)

    def action_end(self) -> None:
        """End the marked silences, or the one under the cursor."""
        chosen = set(self.records.chosen_ids)
        there = self.found.silences if isinstance(self.found, Windows) else ()
        silences = [s for s in there if f"silence:{s.id}" in chosen]
        if not silences:
            self.say("put the cursor on a silence", bad=True)
            return
        self.records.unmark()
        ask_end(self, silences)

    def action_act(self) -> None:
        """What may be done to the row under the cursor."""
        kind, _, rest = self.records.cursor_id.partition(":")
        found = self.found if isinstance(self.found, Windows) else None
        if found is None:
            return
        if kind == "window":
            choose_window_verb(self, next(w for w in found.maintenances if str(w.id) == rest))
        elif kind == "public":
            choose_public_verb(self, next(one for one in found.public if str(one.id) == rest))
        elif kind == "silence":
            self._choose_for_silence()
        elif kind == "oncall":
            self.action_on_call()
        else:
            self.say("nothing can be done to this row; it tells what was", bad=True)

    def _choose_for_silence(self) -> None:
        if self.may():
            verbs = {"end": self.action_end, "extend": self.action_extend}
            self.app.push_screen(
                ChoiceDialog("silence", [("end", "end it"), ("extend", "extend it")]),
                lambda name: verbs[name]() if name else None,
            )

    def action_plan(self) -> None:
        ask_schedule(self)

    def action_publish(self) -> None:
        """Tell the public of what is in trouble now."""
        if self.may():
            self.desk.fetch(lambda client: DraftAbout(None, read_draft(client, None)))

    def action_on_call(self) -> None:
        kind, _, level = self.records.cursor_id.partition(":")
        ask_on_call(self, level if kind == "oncall" else "L1")

    def action_end_on_call(self) -> None:
        kind, _, level = self.records.cursor_id.partition(":")
        if kind == "oncall":
            ask_no_on_call(self, level)
        else:
            self.say("put the cursor on a level of the on-call", bad=True)

    def action_call_somebody(self) -> None:
        ask_page(self)

    def action_handover(self) -> None:
        def read(client: OpsClient) -> object:
            found = (
                client.contacts(),
                client.incidents(everything=True),
                client.changes(),
                client.silences(),
            )
            return HandoverText("\n".join(handover_lines(*found, self.situation.clock.now(), _SHIFT)))

        self.desk.fetch(read)

    def took(self, found: object) -> bool:
        if isinstance(found, HandoverText):
            self.app.push_screen(TextScreen(str(found), "hand-over; it is copied"))
            self.copy(str(found))
        elif isinstance(found, DraftAbout):
            ask_publication(self, found.draft, found.incident_id)
        return isinstance(found, HandoverText | DraftAbout)

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        if not isinstance(self.found, Windows):
            return
        kind = message.record_id.partition(":")[0]
        if kind == "silence" and (silence := self._silence()) is not None:
            lines = [
                f"silence {silence.id}", *(f"  {one_line(str(m))}" for m in silence.matchers),
                f"from {silence.starts_at:%Y-%m-%d %H:%M:%SZ} to {silence.ends_at:%Y-%m-%d %H:%M:%SZ}",
                f"by {one_line(silence.created_by)}: {one_line(silence.comment)}",
            ]  # fmt: skip
            self.app.push_screen(TextScreen("\n".join(lines), "silence"))
        elif kind == "window":
            page = next(
                (
                    "\n".join(window_page(w))
                    for w in self.found.maintenances
                    if message.record_id == f"window:{w.id}"
                ),
                "",
            )
            self.app.push_screen(TextScreen(page, "maintenance"))
        elif kind == "public":
            page = next(
                (
                    "\n".join(entry_page(one))
                    for one in self.found.public
                    if message.record_id == f"public:{one.id}"
                ),
                "",
            )
            self.app.push_screen(TextScreen(page, "what the public reads"))
        elif kind == "oncall":
            self.app.push_screen(TextScreen("\n".join(on_call_lines(self.found.contacts)), "on call"))

    def action_open(self) -> None:
        self.records.action_open()

    def action_copy_id(self) -> None:
        self.copy(self.records.cursor_id.rpartition(":")[2])
