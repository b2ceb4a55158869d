"""Who is called at a level now: the contacts in force, and whoever takes a level for a while."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from alerts.contacts import DEFAULT, Channel, Contacts, Person
from alerts.escalation_policy import LEVELS
from server.ops.state.state import State

AUDIENCE = "#"
"""Begins the name of an audience where the name of a person may stand."""


class Called(NamedTuple):
    """Who is called, and at which level they were found."""

    level: str
    people: tuple[str, ...]
    passed_on: str
    """What is said where the level that was meant is empty."""


def at_level(state: State, level: str, now: datetime) -> tuple[str, ...]:
    """Ids of who is called at ``L1``, ``L2``, ``L3`` or ``all``."""
    if level == "all":
        return tuple(dict.fromkeys(name for one in LEVELS for name in at_level(state, one, now)))
    override = state.on_call.get(level)
    if override is not None and override.until_at > now and override.person in state.contacts.people:
        return (override.person,)
    return state.contacts.on_call(level, now)


def called_at(state: State, level: str, now: datetime) -> Called:
    """Who is called for a level; where it is empty the next above it, then the next below."""
    people = at_level(state, level, now)
    if people or level == "all":
        return Called(level, people, "")
    at = LEVELS.index(level)
    for other in (*LEVELS[at + 1 :], *reversed(LEVELS[:at])):
        people = at_level(state, other, now)
        if people:
            return Called(other, people, f"nobody is at {level}, so {other}")
    return Called(level, (), "nobody is at any level")


def channels_of(contacts: Contacts, name: str) -> tuple[Channel, ...]:
    """How a person, or an audience, is reached; none for a name that the contacts do not have."""
    if name.startswith(AUDIENCE):
        return contacts.audiences.get(name.removeprefix(AUDIENCE), ())
    return contacts.people[name].channels if name in contacts.people else ()


def placed(contacts: Contacts, folder: Path, local_user: str) -> Contacts:
    """The contacts with the whole paths of their files.

    The person ``local`` of the contacts that we come with gets the local user's name.
    """
    is_ours = contacts == DEFAULT
    people = [_placed(person, folder, local_user if is_ours else "") for person in contacts.people.values()]
    return msgspec.structs.replace(
        contacts,
        people={person.id: person for person in people},
        levels=dict.fromkeys(contacts.levels, (local_user,)) if is_ours else contacts.levels,
        from_file=not is_ours,
        audiences={
            name: tuple(_whole(channel, folder) for channel in channels)
            for name, channels in contacts.audiences.items()
        },
    )


def _placed(person: Person, folder: Path, name: str) -> Person:
    own = {"id": name, "name": name, "user": name} if name else {}
    channels = tuple(_whole(channel, folder) for channel in person.channels)
    return msgspec.structs.replace(person, channels=channels, **own)


def _whole(channel: Channel, folder: Path) -> Channel:
    target = str(folder / channel.target) if channel.kind == "file" else channel.target
    return msgspec.structs.replace(channel, target=target)
