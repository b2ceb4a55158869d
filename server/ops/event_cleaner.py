"""The last edge before the journal: no event holds a secret or a control character, whoever made it."""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from alerts.alert import AlertEvent, AlertStale
from alerts.incident import IncidentBreached, IncidentJoined, IncidentOpened
from server.ops.alerting.foreign_alert import clean_text
from server.ops.state.events import Event, RequestAnswered, decode_event
from server.ops.state.ledger import ENCODER

_CLEAN_ALREADY = frozenset(
    {*get_args(AlertEvent), IncidentOpened, IncidentJoined, IncidentBreached, RequestAnswered}
)
"""Made of alerts, which are cleaned when they are read, by the hundred; or cleaned as the JSON that it is."""
Redact = Callable[[str], str]


def cleaned_event(event: Event, redacted: Redact) -> Event:
    """The event as it may be kept; the same one where there is nothing to hide in it, which is soon seen."""
    if type(event) in _CLEAN_ALREADY and type(event) is not AlertStale:
        # Why an alert is stale is the source's own text, which no reading of alerts has cleaned.
        return event
    text = ENCODER.encode(event).decode()
    if redacted(text) == text:
        return event
    cleaned = _cleaned(msgspec.json.decode(text), redacted)
    return decode_event(msgspec.json.encode(cleaned))


def cleaned_json(text: str, redacted: Redact) -> str:
    """A JSON document whose texts are free of secrets and controls; one that is no JSON, as the text that it is."""
    if redacted(text) == text:
        return text
    try:
        return msgspec.json.encode(_cleaned(msgspec.json.decode(text), redacted)).decode()
    except msgspec.DecodeError:
        return clean_text(text, redacted)


def _cleaned(value: Any, redacted: Redact) -> Any:
    if isinstance(value, str):
        return clean_text(value, redacted)
    if isinstance(value, list):
        return [_cleaned(one, redacted) for one in value]
    if isinstance(value, dict):
        return {clean_text(name, redacted): _cleaned(one, redacted) for name, one in value.items()}
    return value
