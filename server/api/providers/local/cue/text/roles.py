"""Cues for who has a role, made of its nouns and verbs: «hosted by», «hosts», «our host», «is the host»."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from server.api.providers.local.cue.cue_row import CueRow, lines_of, one_name

_LESSER = "~assistant|deputy|vice|former|co|acting|associate|junior|sub|ex|'s"
_DETERMINERS = "the|our|my|a|an|its|new?"
_OF_A_FIRM = frozenset({"ceo", "chief_executive", "cfo", "cto", "founder", "co-founder", "president", "chairman", "director", "owner", "captain", "chair"})  # fmt: skip
_TITLED = "!'s|of|and|or|for"


@cache
def role_of() -> Mapping[str, str]:
    """The first name of a role by each of its names."""
    return {
        name.strip(): line.split(",")[0].split("\t")[0].strip()
        for line in lines_of("roles")
        for name in line.split("\t")[0].split(",")
    }


@lru_cache(maxsize=64)
def cues_of_role(name: str) -> tuple[CueRow, ...]:
    """The cues of the roles for which a property with this name asks; those of all roles would take a megabyte."""
    found: list[CueRow] = []
    for line in _lines_by_name().get(name, ()):
        _, slot, nouns, participles, verbs = line.split("\t")
        parts = [*_by_nouns(slot, nouns), *_by_participles(slot, participles), *_by_verbs(slot, verbs)]
        found += [CueRow(frozenset(), words) for words in parts]
    return tuple(found)


@cache
def _lines_by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in lines_of("roles"):
        for name in (name.strip() for name in line.split("\t")[0].split(",")):
            for known in {name, one_name().get(name, name)}:
                found[known] = (*found.get(known, ()), line)
    return found


def _by_nouns(slot: str, nouns: str) -> Iterator[tuple[str, ...]]:
    for noun in nouns.split("|") if nouns != "-" else ():
        words = tuple(noun.split("_"))
        name = "{" + slot + "}"
        yield (_LESSER, *words, "is|was|:|are|remains", name)
        yield (_LESSER, *words, "will", "be", name)
        yield (_LESSER, *words, "for|at|in|of|on", "*", "is|will", "be?", name)
        yield (_LESSER, *words, "of|at", "{O}", ",", name.replace("{", "{="), ",")
        yield (_LESSER, *words, ",", name)
        yield (_LESSER, *words, name, _TITLED)
        yield (_LESSER, *words, "(", name)
        others = "!'s|emeritus" if noun in _OF_A_FIRM else "!'s|emeritus|of"
        yield (name, "is|as|will", "be?", _DETERMINERS, *words, others)
        yield (name, ",|(", _DETERMINERS, "new?", *words, "!'s|emeritus")


def _by_participles(slot: str, participles: str) -> Iterator[tuple[str, ...]]:
    if participles != "-":
        yield (participles.replace("_", " "), "**", "by", "{" + slot + "}")


def _by_verbs(slot: str, verbs: str) -> Iterator[tuple[str, ...]]:
    if verbs != "-":
        yield ("{" + slot + "}", "will|is|has?", "be?", "also|currently|now?", verbs, "!to|about|back")
        base = "|".join(verb.removesuffix("s") for verb in verbs.split("|") if verb.endswith("s"))
        if base:
            yield ("{" + slot + "}", "will|to|can|shall", base, "!to|about|back")
            yield ("{=" + slot + "}", ",", "**", ",", "will|can|shall", base, "!to|about|back")
