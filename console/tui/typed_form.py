"""What was typed into a form that the daemon then refused: it stands there again when the form is opened once more."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from textual.app import App


class _Sent(msgspec.Struct):
    title: str
    given: Mapping[str, str]
    refused: bool = False


_last: WeakKeyDictionary[App[Any], _Sent] = WeakKeyDictionary()
"""By console, the form that was sent last."""


def keep_typed(app: App[Any], title: str, given: Mapping[str, str]) -> None:
    """Remember a form that is sent now."""
    _last[app] = _Sent(title, given)


def note_refusal(app: App[Any]) -> None:
    """The call that came of the form was refused, or failed."""
    sent = _last.get(app)
    if sent is not None:
        sent.refused = True


def typed_before(app: App[Any], title: str) -> Mapping[str, str]:
    """What stood in this form when it was refused; nothing where it was not, or another was sent since."""
    sent = _last.get(app)
    return sent.given if sent is not None and sent.refused and sent.title == title else {}
