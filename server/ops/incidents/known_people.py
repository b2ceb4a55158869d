"""Who is known by name: the users of the ops API, and the people of the contacts file."""

import difflib
from collections.abc import Iterable

from alerts.incident import Incident
from server.http.call import BadRequestError
from server.ops.state.state import State
from server.ops.users import FILE_USERS

_NEAREST, _NEAR = 3, 0.5
_MOST_NAMED = 8


def check_known(state: State, incident: Incident, name: str, field: str, caller: str) -> None:
    """Raises ``BadRequestError`` for a name that nobody has, with the nearest that somebody has.

    Whoever calls, and whoever is on the incident already, is known. Where there are neither named users nor a contacts
    file, every name is as good as any other.
    """
    known = _known(state)
    if not name or not known or name in {*known, caller, *_on_it(incident)}:
        return
    near = difflib.get_close_matches(name.lower(), known, _NEAREST, _NEAR)
    some = ", ".join(known[:_MOST_NAMED]) + (" and more" if len(known) > _MOST_NAMED else "")
    raise BadRequestError(
        f"nobody is called {name[:40]!r}; {f'did you mean {_either(near)}?' if near else f'there are {some}'}"
        " (ops users, ops contacts)",
        field,
    )


def _known(state: State) -> list[str]:
    people = state.contacts.people.values() if state.contacts.from_file else ()
    named = [
        user.name for user in state.users.values() if user.role != "ingest" and user.name not in FILE_USERS
    ]
    names = {*named, *(person.id for person in people), *(person.user for person in people if person.user)}
    return sorted({*names, "admin"}) if names else []


def _on_it(incident: Incident) -> Iterable[str]:
    named = (incident.acknowledged_by, incident.assigned_to, incident.declared_by)
    return (*incident.people, *(name for name in named if name))


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
