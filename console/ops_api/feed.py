"""The link to the ops daemon as a thread: snapshot, then events, for ever; the app drains what it collected."""

import collections
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from alerts.wire import AlertView, IncidentView, StreamMeta
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError, OpsError
from console.ops_api.link import LinkView, link_view, wait_before
from runbooks.wire import ExecutionView

SILENCE_S = 10.0
_KNOWN_VALUES = 4_096
_LONG_VALUE = 100
_SHARED_FIELDS = ("alertname", "service", "source", "generator_url")
_PART = 200
"""Alerts of a snapshot that are handed over at a time: the first can be shown while the rest is read."""


class SnapshotAlerts(msgspec.Struct, frozen=True):
    """Some of the alerts of a snapshot that is still being read."""

    alerts: tuple[AlertView, ...]


class ServerSnapshot(msgspec.Struct, frozen=True):
    """The end of a snapshot: everything the server knew at one moment, its alerts having come before."""

    fingerprints: frozenset[str]
    """Of all its alerts."""
    incidents: tuple[IncidentView, ...]
    executions: tuple[ExecutionView, ...]


class Gone(msgspec.Struct, frozen=True):
    """An alert that the server has forgotten."""

    fingerprint: str


class Heard(msgspec.Struct, frozen=True):
    """The server's word about itself, and how long ago by our clock its time was true."""

    meta: StreamMeta
    at: float
    """``time.monotonic()`` when it arrived."""


Item = SnapshotAlerts | ServerSnapshot | AlertView | IncidentView | ExecutionView | Gone | Heard


class _GapError(Exception):
    """The stream cannot be resumed: a new snapshot is needed."""


class Feed:
    """Reads the stream in a thread; ``items`` is drained by the app, ``view`` says how the link is."""

    def __init__(self, client: OpsClient, clock: Callable[[], float] = time.monotonic) -> None:
        self.items: collections.deque[Item] = collections.deque()
        self._client, self._clock = client, clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._heard_at: float | None = None
        self._started_at = clock()
        self._connected = False
        self._attempt = 0
        self._retry_at = 0.0
        self._why = ""
        self._last_event_id: str | None = None
        self.refused = ""
        self._values = SharedValues()
        self._thread = threading.Thread(target=self._forever, name="feed", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End at the next chance; the thread is a daemon and holds nothing."""
        self._stop.set()
        self._wake.set()

    def retry_now(self) -> None:
        """Do not wait for the next attempt."""
        self._wake.set()

    def view(self) -> LinkView:
        """The link as it is now."""
        now = self._clock()
        since = self._heard_at if self._heard_at is not None else self._started_at
        return link_view(
            ever_heard=self._heard_at is not None,
            silence_s=now - since,
            connected=self._connected,
            attempt=self._attempt,
            retry_in_s=self._retry_at - now,
            why=self._why,
        )

    def _forever(self) -> None:
        while not self._stop.is_set():
            try:
                if self._last_event_id is None:
                    self._take_snapshot()
                self._follow()
            except _GapError:
                self._last_event_id = None
                continue
            except CallRefusedError as error:
                self._why = self.refused = str(error)
            except (OpsError, OSError, ValueError) as error:
                self._why = str(error)
            self._connected = False
            self._attempt += 1
            self._pause(wait_before(self._attempt))

    def _pause(self, seconds: float) -> None:
        self._retry_at = self._clock() + seconds
        self._wake.wait(seconds)
        self._wake.clear()

    def _take_snapshot(self) -> None:
        alerts: list[AlertView] = []
        fingerprints: set[str] = set()
        incidents: list[IncidentView] = []
        executions: list[ExecutionView] = []
        meta: StreamMeta | None = None
        complete = False
        for line in self._client.snapshot():
            record = _LINES.decode(line)
            match record.kind:
                case "meta":
                    meta = msgspec.json.decode(line, type=StreamMeta)
                    self._hear(meta)
                case "alert" if record.alert:
                    self._values.share(record.alert)
                    alerts.append(record.alert)
                    fingerprints.add(record.alert.fingerprint)
                    if len(alerts) == _PART:
                        self.items.append(SnapshotAlerts(tuple(alerts)))
                        alerts.clear()
                case "incident" if record.incident:
                    incidents.append(record.incident)
                case "execution" if record.execution:
                    executions.append(record.execution)
                case "end":
                    complete = True
        if meta is None or not complete:
            raise OpsError("the snapshot was cut off")
        self.items.append(SnapshotAlerts(tuple(alerts)))
        self.items.append(ServerSnapshot(frozenset(fingerprints), tuple(incidents), tuple(executions)))
        self._last_event_id = f"{meta.boot}-{meta.seq}"

    def _follow(self) -> None:
        for event_id, name, data in self._client.stream(self._last_event_id, silence_s=SILENCE_S):
            if self._stop.is_set():
                return
            if not self._connected:
                self._connected, self._attempt, self._why, self.refused = True, 0, "", ""
            self._heard_at = self._clock()
            self._take(name, data)
            if event_id:
                self._last_event_id = event_id
        raise OpsError("the ops daemon closed the stream")

    def _take(self, name: str, data: bytes) -> None:
        match name:
            case "alert":
                alert = msgspec.json.decode(data, type=AlertView)
                self._values.share(alert)
                self.items.append(alert)
            case "incident":
                self.items.append(msgspec.json.decode(data, type=IncidentView))
            case "execution":
                self.items.append(msgspec.json.decode(data, type=ExecutionView))
            case "alert_gone":
                self.items.append(msgspec.json.decode(data, type=Gone))
            case "heartbeat":
                self._hear(msgspec.json.decode(data, type=StreamMeta))
            case "reset":
                raise _GapError

    def _hear(self, meta: StreamMeta) -> None:
        self._heard_at = self._clock()
        self.items.append(Heard(meta, self._heard_at))


class SharedValues:
    """Texts that many alerts have in common, each kept once: a third of the memory of fifty thousand alerts."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._known)

    def share(self, alert: AlertView) -> None:
        """Puts the text that is known in the place of each equal one."""
        known = self._known
        if len(known) > _KNOWN_VALUES:
            # What is in one alert only fills it up; what they have in common is soon known again.
            known.clear()
        for texts in (alert.labels, alert.annotations):
            for name, text in texts.items():
                if len(text) < _LONG_VALUE:
                    texts[name] = known.setdefault(text, text)
        set_field = msgspec.structs.force_setattr
        for name in _SHARED_FIELDS:
            text = getattr(alert, name)
            set_field(alert, name, known.setdefault(text, text))


class _Line(msgspec.Struct):
    kind: Literal["meta", "alert", "incident", "execution", "end"]
    alert: AlertView | None = None
    incident: IncidentView | None = None
    execution: ExecutionView | None = None


_LINES = msgspec.json.Decoder(_Line)


class ServerClock:
    """The server's time: all ages on the screen come from it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: Heard | None = None

    def apply(self, heard: Heard) -> None:
        """Take the server's latest word."""
        self._heard = heard

    def now(self) -> datetime:
        """The server's time now; our own before it was first heard."""
        if self._heard is None:
            return datetime.now(UTC)
        return self._heard.meta.server_time + timedelta(seconds=self._clock() - self._heard.at)
