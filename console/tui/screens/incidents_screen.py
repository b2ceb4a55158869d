"""Incidents: the open ones, then the others by day."""

from datetime import datetime

from textual.binding import Binding

from alerts.wire import IncidentView
from console.model.record_filter import incident_filter
from console.ops_api.client import OpsClient
from console.text.record_table import Record
from console.text.records.incidents import INCIDENT_COLUMNS, incident_records
from console.tui.form_dialog import Field, FormDialog, Given
from console.tui.incident_verbs import BY_NAME, ask_verb, choose_verb, fault_in
from console.tui.public_verbs import DraftAbout, ask_publication, read_draft
from console.tui.screens.incident_screen import IncidentScreen
from console.tui.screens.record_screen import RecordScreen
from console.tui.widgets.record_list import RecordList


class IncidentsScreen(RecordScreen):
    """The list; ``enter`` opens one."""

    VIEW = "incidents"
    COLUMNS = INCIDENT_COLUMNS
    EMPTY = "no incident yet: nothing has fired since this daemon's records begin"
    FILTER_HINT = "words  sev:>=warning  svc:api  is:open  by:ana"
    BINDINGS = [
        Binding("enter", "open", "open"),
        Binding("a", "verb('ack')", "ack"),
        Binding("c", "verb('note')", "note"),
        Binding("E", "verb('escalate')", "escalate"),
        Binding("x", "verbs", "act"),
        Binding("N", "declare", "declare"),
        Binding("P", "publish", "tell the public"),
        Binding("y", "copy_id", "copy id", show=False),
    ]

    def read(self, client: OpsClient) -> object:
        return client.incidents(everything=True)

    def _incidents(self, found: object) -> list[IncidentView]:
        """What was asked for, with what the stream has said since."""
        asked = {i.id: i for i in found} if isinstance(found, tuple) else {}
        for incident in self.situation.board.incidents.values():
            known = asked.get(incident.id)
            if known is None or incident.version >= known.version:
                asked[incident.id] = incident
        return list(asked.values())

    def rows(self, found: object, now: datetime) -> list[Record]:
        return incident_records(self._incidents(found), now)

    def passing(self, found: object, text: str, now: datetime) -> list[Record]:
        return incident_records(filter(incident_filter(text), self._incidents(found)), now)

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        self.app.push_screen(IncidentScreen(self.situation, self.desk, self.glyphs, int(message.record_id)))

    def action_open(self) -> None:
        self.records.action_open()

    def action_verb(self, name: str) -> None:
        if numbers := self._numbers():
            ask_verb(self, BY_NAME[name], *numbers)

    def action_verbs(self) -> None:
        if numbers := self._numbers():
            choose_verb(self, *numbers)

    def _numbers(self) -> list[int]:
        """The incidents that the next verb is about; marked ones are let go with it."""
        numbers = [int(one) for one in self.records.chosen_ids]
        self.records.unmark()
        return numbers

    def action_copy_id(self) -> None:
        self.copy(self.records.cursor_id)

    def action_publish(self) -> None:
        """Tell the public of the incident under the cursor."""
        if not self.may():
            return
        number = int(self.records.cursor_id) if self.records.cursor_id else None
        self.desk.fetch(lambda client: DraftAbout(number, read_draft(client, number)))

    def took(self, found: object) -> bool:
        if isinstance(found, DraftAbout):
            ask_publication(self, found.draft, found.incident_id)
        return isinstance(found, DraftAbout)

    def action_declare(self) -> None:
        if not self.may():
            return

        def given(form: Given, dialog: FormDialog) -> None:
            def call(client: OpsClient) -> str:
                return (
                    f"incident {client.declare(form['title'], form['service'], form['severity']).id} is open"
                )

            self.desk.do(call, dialog)

        fields = (
            Field("title", "what is wrong"),
            Field("service", "which service", "api"),
            Field("severity", "critical, warning or info", "critical"),
        )
        self.app.push_screen(FormDialog("declare an incident", fields, given, fault_in))
