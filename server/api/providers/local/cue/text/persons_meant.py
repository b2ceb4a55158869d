"""Whom a property means: whoever writes, whom a prompt is about, or whoever does what its description says."""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from server.api.providers.local.cue.cue_row import text_of
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.text.letter import is_answer
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_PERSONS = frozenset(
    {
        "person",
        "colleague",
        "employee",
        "someone",
        "name",
        "customer",
        "user",
        "who",
        "whoever",
        "student",
        "teacher",
        "guest",
    }
)
_LONGEST = 160
"""Characters of a description that are read."""


def persons_meant(leaf: Leaf, passage: Passage) -> frozenset[str]:
    """The names under which cues know those whom a property means."""
    spoken = " ".join(words_of(leaf.path[-1]))
    found = set(_described(leaf))
    if len(leaf.path) > 1:
        about = " ".join(words_of(leaf.path[-2]))
        spoken = about if spoken in ("name", "full name") else f"{about} {spoken}"
    kinds = _names()
    if spoken in kinds["writer"] and not is_answer(passage) and not _is_another(spoken, passage):
        found.add("writer")
    if spoken in kinds["subject"]:
        found.add("subject")
    return frozenset(found)


def _is_another(spoken: str, passage: Passage) -> bool:
    """Whether a prompt names somebody else for a role: «our customer Tom Klein»."""
    role = spoken.split(" ")[0]
    return any(
        one.word == role and then.is_capital
        for sentence in passage.sentences
        for one, then in pairwise(sentence.tokens)
        if role not in ("name", "person", "full", "your", "contact")
    )


def _described(leaf: Leaf) -> frozenset[str]:
    words = words_of(str(leaf.node.schema.get("description", ""))[:_LONGEST])
    if not words or words[0] not in _PERSONS:
        return frozenset()
    verbs = _verbs()
    return frozenset(
        verbs[then] for one, then in pairwise(words) if one in ("who", "whoever", "that") and then in verbs
    )


@cache
def _names() -> Mapping[str, frozenset[str]]:
    rows = (line.split("\t") for line in text_of("persons_meant.tsv"))
    return {row[0]: frozenset(row[1].split("|")) for row in rows if row[0] != "described"}


@cache
def _verbs() -> Mapping[str, str]:
    rows = (line.split("\t") for line in text_of("persons_meant.tsv"))
    return {verb: row[2] for row in rows if row[0] == "described" for verb in row[1].split("|")}
