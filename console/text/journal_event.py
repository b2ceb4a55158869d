"""What a row of the journal says was done, in a word: its tag, or a better one where a tag is of two opposites."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from alerts.wire import AuditEntry


class _Silence(msgspec.Struct):
    ends_at: datetime
    updated_at: datetime


class _Body(msgspec.Struct):
    silence: _Silence | None = None
    done: bool = True
    on: bool = True
    reason: str | None = None


def event_shown(entry: AuditEntry) -> str:
    """The word for people. The wire and the journal keep the tag (``entry.kind``)."""
    better = _OPPOSITES.get(entry.kind)
    if better is None:
        return entry.kind
    try:
        is_opposite = better[1](msgspec.json.decode(entry.body, type=_Body))
    except msgspec.MsgspecError:
        return entry.kind
    return better[0] if is_opposite else entry.kind


def _is_ended(body: _Body) -> bool:
    # Whoever ends a silence sets its end to the moment of that.
    return body.silence is not None and body.silence.ends_at <= body.silence.updated_at


_OPPOSITES: Mapping[str, tuple[str, Callable[[_Body], bool]]] = {
    "silence.set": ("silence.ended", _is_ended),
    "incident.step_ticked": ("incident.step_unticked", lambda body: not body.done),
    "incident.person": ("incident.person_left", lambda body: not body.on),
    "daemon.read_only": ("daemon.read_only_off", lambda body: body.reason is None),
}
"""Tags that stand for two opposites: the word for the second, and whether it is that."""
