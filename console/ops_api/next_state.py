"""An incident moved on from wherever it stands at the moment."""

from alerts.wire import IncidentView
from console.ops_api.client import OpsClient
from console.ops_api.errors import CallRefusedError

_TRIES = 5
_BY_DAEMON = "resolved"
"""The end to which the daemon brings an incident by itself, as a person may be about to."""


def move_on(client: OpsClient, number: int, to: str, reason: str = "") -> IncidentView:
    """Bring an incident into the state ``to``; one that is resolved already has the reason as a note.

    A transition names the version that it is for, and the daemon itself moves incidents on: what has changed between
    the look and the call is looked at again, since whether the step is possible from there is the daemon's to say.

    Raises ``CallRefusedError`` where it is not, or where the incident changes faster than it can be read.
    """
    tries = _TRIES
    while True:
        incident = client.incident(number)
        if incident.state == to == _BY_DAEMON:
            return client.note(number, reason) if reason else incident
        try:
            return client.transition(number, to, incident.version, reason)
        except CallRefusedError as error:
            tries -= 1
            if not (tries and _has_changed(error, incident)):
                raise


def _has_changed(error: CallRefusedError, seen: IncidentView) -> bool:
    """Whether it was refused for the version, and not for the step."""
    details = error.problem.details if error.problem is not None else None
    return bool(details) and details is not None and details.get("version", seen.version) != seen.version
