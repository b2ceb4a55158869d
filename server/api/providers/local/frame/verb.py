"""The forms of the verbs of ``frames.tsv``, and which of them a unit may be."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from server.api.providers.local.frame.unit import SentenceUnit
from server.api.providers.local.frame.word import lines_of, words_of_kind

_VOWELS = "aeiou"


class VerbForm(NamedTuple):
    """One verb as one of its forms: b its base, s of a third person, d past, n participle, g with -ing."""

    base: str
    """With its particle: «break down»."""
    forms: str


class VerbFrame(NamedTuple):
    """What the arguments of a verb are."""

    flags: str
    """i: may be without an object; p: only as it is now; n: its base is a noun as well; w: only of a person who is named, or of the writer."""
    arguments: Mapping[str, Sequence[str]]
    """Roles by s (subject), o (object), o2 (second object) or a preposition."""


def verbs_at(units: Sequence[SentenceUnit], at: int) -> Sequence[VerbForm]:
    """The verbs of which a unit may be a form."""
    return _forms().get(units[at].word, ()) if units[at].is_word else ()


@lru_cache(maxsize=64)
def frame_of(base: str) -> VerbFrame:
    """The frame of a verb of the table."""
    flags, arguments = _lines()[base]
    return VerbFrame(flags, read_arguments(arguments))


def read_arguments(line: str) -> Mapping[str, Sequence[str]]:
    """The roles by the argument of a line: «s=customer o=item»."""
    parts = (part.rpartition("=") for part in line.split())
    return {key: tuple(roles.split(",")) for key, _, roles in parts}


@cache
def _finite() -> frozenset[str]:
    return frozenset(
        word for line in lines_of("irregular.tsv") for word in line.split()[1:2] if word not in _NOUNS
    ) | words_of_kind("finite")


_NOUNS = frozenset({"set", "cut", "hit", "read", "split", "ground", "saw", "left", "felt", "shot", "wound", "lent", "put", "run", "found", "rose", "burst", "spent", "led", "built", "made"})  # fmt: skip
"""Forms that stand in nouns or before them as well."""


def is_finite(word: str) -> bool:
    """Whether a word is the form of a verb and of no noun."""
    return word in _finite()


@cache
def _lines() -> Mapping[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for line in lines_of("frames.tsv"):
        verbs, flags, arguments = line.split("\t")
        for verb in verbs.split():
            found[verb.replace("_", " ")] = flags, arguments
    return found


@cache
def _forms() -> Mapping[str, tuple[VerbForm, ...]]:
    found: dict[str, tuple[VerbForm, ...]] = {}
    irregular = {base: rest for line in lines_of("irregular.tsv") for base, *rest in [line.split()]}
    for base in _lines():
        head = base.partition(" ")[0]
        spelled: dict[str, str] = {}
        for form, word in _spelled(head, irregular):
            spelled[word] = spelled.get(word, "") + form
        for word, forms in spelled.items():
            found[word] = (*found.get(word, ()), VerbForm(base, forms))
    return found


def _spelled(base: str, irregular: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    doubled = (
        len(base) > 2
        and base[-1] not in _VOWELS + "wxy"
        and base[-2] in _VOWELS
        and base[-3] not in _VOWELS
        and base in _DOUBLED
    )
    stem = base + base[-1] if doubled else base
    yield "b", base
    if base.endswith(("s", "x", "z", "ch", "sh")):
        yield "s", base + "es"
    elif base.endswith("y") and base[-2] not in _VOWELS:
        yield "s", base[:-1] + "ies"
    else:
        yield "s", base + "s"
    if base in irregular:
        past, participle = irregular[base]
        yield "d", past
        yield "n", participle
    else:
        past = (
            base + "d"
            if base.endswith("e")
            else base[:-1] + "ied"
            if base.endswith("y") and base[-2] not in _VOWELS
            else stem + "ed"
        )
        yield "d", past
        yield "n", past
    yield "g", base[:-1] + "ing" if base.endswith("e") and not base.endswith("ee") else stem + "ing"


_DOUBLED = frozenset({"ship", "stop", "swap", "rob", "plan", "drop", "refer", "transfer", "submit", "commit", "permit", "trip", "book-in", "wrap", "scan", "sit", "run", "win", "get", "put", "cut", "hit", "set", "let", "begin", "swim", "format", "ban", "fit", "log", "tag", "plug", "jam", "slip"})  # fmt: skip
