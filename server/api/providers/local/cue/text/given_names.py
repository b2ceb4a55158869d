"""First names and family names, apart, of whoever a cue names whole: «I'm Tom Ashby»."""

from collections.abc import Iterator

from server.api.providers.local.cue.cue_row import Cued, cued
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_GIVEN = frozenset({"first name", "given name", "forename"})
_FAMILY = frozenset({"last name", "surname", "family name"})
_WRITER = frozenset({"own name", "writer", "subject"})
_PARTS = 2


def is_given_name(leaf: Leaf) -> bool:
    """Whether a property asks for one part of a person's name."""
    return " ".join(words_of(leaf.path[-1])) in _GIVEN | _FAMILY


def given_names_told(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The part that a property asks for of the one name that cues give."""
    about = " ".join(words_of(leaf.path[-2])) if len(leaf.path) > 1 else ""
    names = frozenset({about, f"{about} name"}) if about else _WRITER
    whole = {str(answer.value.value): answer for answer in cued(names, passage)}
    for name, answer in whole.items() if len(whole) == 1 else ():
        parts = name.split()
        if len(parts) != _PARTS:
            return
        is_given = " ".join(words_of(leaf.path[-1])) in _GIVEN
        text = parts[0] if is_given else parts[1]
        start = answer.start if is_given else answer.end - len(text)
        yield Cued(Value(text, Mention("text", start, start + len(text), text)), start, start + len(text))
