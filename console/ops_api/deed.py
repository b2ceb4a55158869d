"""What somebody did a moment ago, and its way back: good for ten seconds, and only for whoever did it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import msgspec

from alerts.wire import IncidentView, SilenceView
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError, InvalidRequestError, NotThereError, OpsError

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
    left: Mapping[str, str] = {}
    """What it made of each incident and silence, by id, where that was kept: what is so no longer is not taken back."""

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

    Raises ``CallRefusedError`` for what is no longer as it was left, after all the rest is taken back, and any other
    ``OpsError`` of its calls.
    """
    return _WAYS_BACK[deed.kind](client, deed)


def deed_of(kind: DeedKind, done: Sequence[IncidentView], word: str = "") -> Deed:
    """What was done to incidents, which are now as ``done`` has them."""
    return Deed(
        kind, tuple(one.id for one in done), word, left={str(one.id): _trait(kind, one) for one in done}
    )


def silence_made(made: SilenceView) -> Deed:
    """That a silence was made, which is now as it is here."""
    return Deed("silence", word=made.id, left={made.id: _end_of(made)})


def silences_changed(before: Sequence[SilenceView], after: Sequence[SilenceView]) -> Deed:
    """That silences were ended, or given another end."""
    word = "in force" if any(one.status.state != "expired" for one in after) else ""
    return Deed(
        "silence-changed", word=word, silences=tuple(before), left={one.id: _end_of(one) for one in after}
    )


def has_done(kind: DeedKind, before: IncidentView, after: IncidentView) -> bool:
    """Whether that made another incident of it: what was so before is not taken back."""
    field = _FIELDS[kind]
    now = getattr(after, field)
    # A later acknowledgement by its holder only moves the end.
    return bool(getattr(before, field) != now)


def _each(
    call: Callable[[OpsClient, int, str], IncidentView], words: str
) -> Callable[[OpsClient, Deed], str]:
    def back_one(client: OpsClient, deed: Deed, number: int) -> str:
        left = deed.left.get(str(number))
        if left is not None and left != _trait(deed.kind, client.incident(number)):
            raise CallRefusedError(f"incident {number} was changed again since, and stays as it is")
        call(client, number, deed.word)
        return f"incident {number} {words}"

    return lambda client, deed: _all_of(partial(back_one, client, deed, number) for number in deed.incidents)


def _all_of(ways: Iterable[Callable[[], str]]) -> str:
    """What each says; one that is refused keeps none of the others back. Raises ``CallRefusedError`` at the end then."""
    said: list[str] = []
    refused: list[OpsError] = []
    for way in ways:
        try:
            said.append(way())
        except (CallRefusedError, InvalidRequestError, NotThereError) as error:
            refused.append(error)
    if refused and not said and len(refused) == 1:
        raise refused[0]
    if refused:
        raise CallRefusedError("; ".join((*said, *map(str, refused))))
    return "\n".join(said)


def _trait(kind: DeedKind, incident: IncidentView) -> str:
    """What of an incident a deed of the kind changes, to be compared."""
    return msgspec.json.encode(getattr(incident, _FIELDS[kind])).decode()


def _end_of(silence: SilenceView) -> str:
    return silence.ends_at.isoformat()


def _unchanged(client: OpsClient, deed: Deed, silence_id: str) -> None:
    """Raises ``CallRefusedError`` where a silence is no longer as it was left."""
    left = deed.left.get(silence_id)
    if left is not None and left not in [_end_of(one) for one in client.silences() if one.id == silence_id]:
        raise CallRefusedError(f"silence {silence_id} was changed again since, and stays as it is")


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _ticked(*, done: bool) -> Callable[[OpsClient, int, str], IncidentView]:
    return lambda client, number, step: client.record(
        number, f"checklist/{step}", {"done": done, "reason": ""}
    )


def _on_it(*, on: bool) -> Callable[[OpsClient, int, str], IncidentView]:
    return lambda client, number, person: client.record(number, "people", {"person": person, "on": on})


def _end_silence(client: OpsClient, deed: Deed) -> str:
    _unchanged(client, deed, deed.word)
    client.end_silence(deed.word)
    return f"silence {deed.word} is over"


def _as_before(client: OpsClient, deed: Deed) -> str:
    """Silences with the ends that they had; one that is over begins anew under an id of its own, as Alertmanager has it."""

    def back_one(before: SilenceView) -> str:
        _unchanged(client, deed, before.id)
        begins = before.starts_at if deed.word == "in force" else max(datetime.now(UTC), before.starts_at)
        made = client.set_silence(before.matchers, begins, before.ends_at, before.comment, before.id)
        return f"silence {made} holds until {before.ends_at:%Y-%m-%d %H:%M:%SZ} again"

    return _all_of(partial(back_one, before) for before in deed.silences)


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
