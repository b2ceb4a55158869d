"""Which incident, execution or other thing a word on the command line means: an id, the begin of one, `last`, `.`."""

from collections.abc import Iterable

from console.ops_api.client import OpsClient
from console.ops_api.errors import InvalidRequestError, NotThereError
from console.ops_api.which_daemon import DaemonChoice
from console.terminal.incident_in_hand import incident_in_hand, take_in_hand

_LONGEST_NUMBER = 9
_WHOLE_EXECUTION = 24
"""Characters of an execution's id that the console gives."""
_REMEMBERED = 1000


def incident_meant(which: DaemonChoice, client: OpsClient, text: str) -> int:
    """The number of an incident: its own, `last` for the one whose trouble began, or came back, last, `.` for the one in hand.

    Raises ``NotThereError`` where there is none, ``InvalidRequestError`` for what is no number.
    """
    if text == ".":
        number = incident_in_hand(which.name)
        if number is None:
            raise NotThereError(
                "no incident is in hand at this terminal: ops ack ID, ops open ID or ops incident ID takes one up"
            )
        return number
    if text == "last":
        return last_incident(client)
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise InvalidRequestError(
            f"{text!r} is no number of an incident; ops incidents lists them (`last` and `.` stand for one)"
        )
    return int(text)


def last_incident(client: OpsClient) -> int:
    """The incident whose trouble began, or came back, last. Raises ``NotThereError`` where there was none yet."""
    every = client.incidents(everything=True)
    latest = max(every, key=lambda one: (one.spell_detected_at or one.detected_at, one.id), default=None)
    if latest is None:
        raise NotThereError("there was no incident yet, so that there is no last one")
    return latest.id


def take_up(which: DaemonChoice, incident_id: int) -> int:
    """Makes an incident the one in hand at this terminal, and returns it."""
    take_in_hand(which.name, incident_id)
    return incident_id


def execution_meant(client: OpsClient, text: str) -> str:
    """The id of an execution: its own or the begin of it; `last` means the latest. Raises ``NotThereError``."""
    if text == "last":
        latest = client.executions(1)
        if not latest:
            raise NotThereError("nothing has been run yet, so that there is no last execution")
        return latest[0].execution_id
    if len(text) >= _WHOLE_EXECUTION:
        return text
    known = (one.execution_id for one in client.executions(_REMEMBERED, rehearsals="1"))
    return begun_with(known, text, "execution", "ops executions")


def begun_with(known: Iterable[str], text: str, kind: str, lister: str) -> str:
    """The one id that begins with ``text``. Raises ``NotThereError`` where there is none, or more than one."""
    found = [one for one in known if text and one.startswith(text)]
    if text in found:
        return text
    if len(found) > 1:
        raise NotThereError(
            f"{text} is the begin of {len(found)} {kind}s: {', '.join(found[:5])}{' …' * (len(found) > 5)}"
        )
    if not found:
        raise NotThereError(f"there is no {kind} {text}; {lister} lists them")
    return found[0]
