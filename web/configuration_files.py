"""The checked files of the state folder: what each is for, what holds without it, and how its text is read."""

from collections.abc import Callable, Mapping
from functools import cache

import msgspec

from alerts import contacts, inhibition, severity
from alerts.contacts import Contacts
from alerts.inhibition import InhibitionTable
from alerts.severity import SeverityMap
from web import components
from web.components import ComponentMap

Setting = InhibitionTable | SeverityMap | ComponentMap | Contacts


class ConfigurationFile(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    name: str
    about: str
    default_text: str
    """What holds while there is no such file, as the file would say it."""
    parse: Callable[[str], Setting]
    """The setting in a text. Raises ``DocumentError`` with all of its faults."""


FILES: Mapping[str, ConfigurationFile] = {
    file.name: file
    for file in (
        ConfigurationFile(
            name="inhibition.yml",
            about="which alerts are only symptoms of others",
            default_text=inhibition.DEFAULT_TEXT,
            parse=inhibition.parse_inhibition,
        ),
        ConfigurationFile(
            name="components.yml",
            about="the components of the public page, and which alerts speak for them",
            default_text=components.DEFAULT_TEXT,
            parse=components.parse_components,
        ),
        ConfigurationFile(
            name="severities.yml",
            about="what the severities of foreign senders mean",
            default_text=severity.DEFAULT_TEXT,
            parse=severity.parse_severities,
        ),
        ConfigurationFile(
            name="contacts.yml",
            about="who is called, and how each person is reached",
            default_text=contacts.DEFAULT_TEXT,
            parse=contacts.parse_contacts,
        ),
    )
}


@cache
def default_setting(name: str) -> Setting:
    """What holds while there is no file ``name``; its text is read once, for reading YAML takes long."""
    file = FILES[name]
    return file.parse(file.default_text)


LARGEST = 1_000_000
"""Bytes of a file; a larger one is refused unread."""


def decode_file(held: bytes) -> str:
    """The text of a file. Raises ``ValueError`` that says what is wrong with its bytes, and where."""
    if len(held) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST} bytes")
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = held.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: byte {held[error.start]:#04x} is no UTF-8") from error
