"""Logs: one service's or all in the order of time, followed, their lines in columns."""

from datetime import datetime

import msgspec
from textual.binding import Binding

from alerts.wire import SERVICES
from console.model.record_filter import records_that_pass
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError, NotServingError, NotThereError
from console.text.log_line import ServiceLine, in_order
from console.text.plain import harmless
from console.text.record_table import Record
from console.text.records.logs import LOG_COLUMNS, log_records, whole_line
from console.tui.dialogs import ChoiceDialog, TextScreen
from console.tui.log_tail import tail_of
from console.tui.screens.record_screen import RecordScreen
from console.tui.widgets.record_list import RecordList

_LINES = 1_000
ALL = "all"
"""In the place of a service: every one that has a log."""
_CHOICES = (ALL, *SERVICES)


class LogTail(msgspec.Struct, frozen=True):
    """The end of a log."""

    service: str
    lines: tuple[ServiceLine, ...]
    missing: str = ""
    """Services whose log could not be read."""


class LogsScreen(RecordScreen):
    """The latest thousand lines; the cursor stays at the end until it is moved away from there."""

    VIEW = "logs"
    COLUMNS = LOG_COLUMNS
    EMPTY = "this log is empty"
    LOOK_EVERY_S = 1.5
    FILTER_HINT = "words  !word  /regex/  ERROR"
    BINDINGS = [
        Binding("enter", "open", "whole line"),
        Binding("s", "choose_service", "service"),
        Binding("A", "all", "all services"),
        Binding("left_square_bracket", "next_service(-1)", "previous service", show=False),
        Binding("right_square_bracket", "next_service(1)", "next"),
        Binding("f", "follow", "follow"),
        Binding("i", "request", "this request"),
        Binding("e", "errors", "errors"),
        Binding("y", "copy_line", "copy line", show=False),
    ]

    service = "api"
    """Whose log is shown."""

    def on_mount(self) -> None:
        self._rows: tuple[object, list[Record]] = (None, [])
        self.records.follows_end = True

    def show_service(self, service: str) -> None:
        """Show another service's log."""
        self.service = service
        self.forget()
        self.records.follows_end = True
        self.look()

    def read(self, client: OpsClient) -> object:
        service = self.service
        if service != ALL:
            return LogTail(service, tail_of(client, service, _LINES))
        logs, missing = [], []
        for name in SERVICES:
            try:
                logs.append(tail_of(client, name, _LINES // len(SERVICES)))
            except (NotThereError, NotServingError, CallRefusedError):
                missing.append(name)
        return LogTail(service, tuple(in_order(logs)), ", ".join(missing))

    def rows(self, found: object, now: datetime) -> list[Record]:
        if self._rows[0] is not found:
            self._rows = (found, log_records(found.lines) if isinstance(found, LogTail) else [])
        return self._rows[1]

    def passing(self, found: object, text: str, now: datetime) -> list[Record]:
        rows = self.rows(found, now)
        return records_that_pass(rows, text) if text.strip() else rows

    def subtitle_words(self) -> str:
        """Whose log, and whether it is followed."""
        missing = self.found.missing if isinstance(self.found, LogTail) else ""
        without = f" (without {missing})" if missing else ""
        return f"{self.service}{without} · {'following' if self.records.follows_end else 'f follows'}"

    def _line(self) -> ServiceLine | None:
        at = self.records.cursor_id
        return self.found.lines[int(at)] if isinstance(self.found, LogTail) and at else None

    def took(self, found: object) -> bool:
        """An answer about the service that was left meanwhile is not shown under this one's name."""
        return isinstance(found, LogTail) and found.service != self.service

    def on_record_list_opened(self, message: RecordList.Opened) -> None:
        line = self._line()
        if line is not None:
            text = "\n".join(harmless(row) for row in whole_line(line))
            self.app.push_screen(TextScreen(text, f"log of {line.service}"))

    def action_open(self) -> None:
        self.records.action_open()

    def action_choose_service(self) -> None:
        choices = [(name, "all, in the order of time" if name == ALL else name) for name in _CHOICES]
        self.app.push_screen(
            ChoiceDialog("whose log?", choices), lambda name: self.show_service(name) if name else None
        )

    def action_next_service(self, step: int) -> None:
        self.show_service(_CHOICES[(_CHOICES.index(self.service) + step) % len(_CHOICES)])

    def action_all(self) -> None:
        self.show_service(ALL)

    def action_follow(self) -> None:
        self.records.follows_end = True
        self.records.action_jump(-1)

    def action_request(self) -> None:
        """Only lines about the request of the line at hand, in whichever log; the same key again shows all."""
        line = self._line()
        if self.filter_text:
            self.set_filter("")
        elif line is None or not line.request_id:
            self.say("this line is about no request", bad=True)
        else:
            self.show_service(ALL)
            self.set_filter(line.request_id)

    def action_errors(self) -> None:
        self.set_filter("" if self.filter_text else "/^\\S* \\S* (error|critical|fatal) /")

    def action_copy_line(self) -> None:
        line = self._line()
        if line is not None:
            self.copy(line.raw)
