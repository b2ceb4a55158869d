"""What somebody did a moment ago, and its way back: good for ten seconds, and only for whoever did it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from alerts.wire import IncidentView, SilenceView
from console.ops_api.client import OpsClient

UNDO_S = 10.0
"""Seconds for which it can be taken back."""
DeedKind = Literal["ack", "unack", "silence", "silence-changed", "tick", "untick", "join", "leave", "merge"]
UNDOABLE = (
    "acknowledging, giving back, silencing, ending or extending a silence, tick, untick, join, leave, merge"
)
"""What can be taken back, as a person reads it."""


class Deed(msgspec.Struct, frozen=True):
    """Something that was done from here and can be taken back."""

    kind: DeedKind
    incidents: tuple[int, ...] = ()
    """The incidents that it was done to."""
    word: str = ""
    """The step that was ticked, the person who joined, the silence that was made; ``in force`` of one that still is."""
    silences: tuple[SilenceView, ...] = ()
    """The silences as they were before they were changed."""

    @property
    def words(self) -> str:
        """What was done, as a person says it."""
        if self.incidents:
            return " ".join(filter(None, (self.kind, self.word, "of incident", _numbers(self.incidents))))
        return f"silence {', '.join(self.silence_ids)}"

    @property
    def silence_ids(self) -> tuple[str, ...]:
        """The silences that it is about."""
        return (self.word,) if self.kind == "silence" else tuple(one.id for one in self.silences)


def is_recent(age_s: float) -> bool:
    """Whether what was done so many seconds ago can still be taken back."""
    return 0 <= age_s <= UNDO_S


def undo(client: OpsClient, deed: Deed) -> str:
    """Take it back, and say so in words.

    Raises ``CallRefusedError`` where it is no longer as it was left, and any other ``OpsError`` of its calls.
    """
    return _WAYS_BACK[deed.kind](client, deed)


def has_done(kind: DeedKind, before: IncidentView, after: IncidentView) -> bool:
    """Whether that made another incident of it: what was so before is not taken back."""
    field = _FIELDS[kind]
    now = getattr(after, field)
    # A later acknowledgement by its holder only moves the end.
    return bool(getattr(before, field) != now)


def _each(
    call: Callable[[OpsClient, int, str], IncidentView], words: str
) -> Callable[[OpsClient, Deed], str]:
    def back(client: OpsClient, deed: Deed) -> str:
        for number in deed.incidents:
            call(client, number, deed.word)
        return f"incident {_numbers(deed.incidents)} {words}"

    return back


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _ticked(*, done: bool) -> Callable[[OpsClient, int, str], IncidentView]:
    return lambda client, number, step: client.record(
        number, f"checklist/{step}", {"done": done, "reason": ""}
    )


def _on_it(*, on: bool) -> Callable[[OpsClient, int, str], IncidentView]:
    return lambda client, number, person: client.record(number, "people", {"person": person, "on": on})


def _end_silence(client: OpsClient, deed: Deed) -> str:
    client.end_silence(deed.word)
    return f"silence {deed.word} is over"


def _as_before(client: OpsClient, deed: Deed) -> str:
    """Silences with the ends that they had; one that is over begins anew under an id of its own, as Alertmanager has it."""
    words = []
    for before in deed.silences:
        begins = before.starts_at if deed.word == "in force" else max(datetime.now(UTC), before.starts_at)
        made = client.set_silence(before.matchers, begins, before.ends_at, before.comment, before.id)
        words.append(f"silence {made} holds until {before.ends_at:%Y-%m-%d %H:%M:%SZ} again")
    return "\n".join(words)


_FIELDS: Mapping[str, str] = {
    "ack": "acknowledged_by",
    "unack": "acknowledged_by",
    "tick": "ticks",
    "untick": "ticks",
    "join": "people",
    "leave": "people",
    "merge": "merged_into",
}
"""What of an incident each changes."""
_WAYS_BACK: Mapping[str, Callable[[OpsClient, Deed], str]] = {
    "ack": _each(lambda client, number, _: client.unacknowledge(number), "is open again"),
    "unack": _each(lambda client, number, _: client.acknowledge(number), "is yours again"),
    "silence": _end_silence,
    "silence-changed": _as_before,
    "tick": _each(_ticked(done=False), "has the step to be done again"),
    "untick": _each(_ticked(done=True), "has the step ticked again"),
    "join": _each(_on_it(on=False), "has one less on it again"),
    "leave": _each(_on_it(on=True), "has one more on it again"),
    "merge": _each(lambda client, number, _: client.record(number, "unmerge", {}), "is one of its own again"),
}
