"""The things that a prompt enumerates behind a word that says what they are: «allergic to nuts and milk», «founded by A and B»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from server.api.providers.local.coercion import fits
from server.api.providers.local.cue.answers.choices import every_choice_by_cues
from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.cue_row import lines_of, words_match
from server.api.providers.local.cue.figure.counted_nouns import forms
from server.api.providers.local.cue.figure.numbers import numbers_by_cues
from server.api.providers.local.cue.passage import Passage, Sentence
from server.api.providers.local.cue.prose.prose_rows import rows_of_prose
from server.api.providers.local.cue.rows.enumeration import enumerated
from server.api.providers.local.cue.rows.row_clauses import rows_told
from server.api.providers.local.cue.rows.row_lines import rows_in_lines
from server.api.providers.local.cue.rows.row_members import Teller, rows_of_members
from server.api.providers.local.cue.rows.row_pairs import rows_of_pairs
from server.api.providers.local.cue.rows.row_run import rows_of_run
from server.api.providers.local.cue.rows.row_tasks import rows_of_tasks
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.values.leaf import Leaf

_HELD = frozenset(
    {"stock", "inventory", "owned", "existing", "has", "have", "current", "available", "assets", "pantry"}
)
_PERSONS = frozenset(
    {"name", "person", "who", "owner", "assignee", "player", "student", "guest", "employee", "member"}
)
_NOBODY = frozenset({"someone", "somebody", "everyone", "everybody", "nobody", "anyone"})
_HAVING = frozenset({"have", "own", "has", "owns", "had", "got"})
_OWN_LINK = frozenset({"are", "were", "include", "included", "including", ":", "is", "like"})


def listed_by_cues(leaf: Leaf, passage: Passage, root: dict[str, Any], told: Teller) -> list[Any] | None:
    """The things of a list; None where no enumeration is its own, or where two are."""
    items = node_of(root, leaf.node.schema.get("items", {}))
    if isinstance(items.schema.get("enum"), list):
        return every_choice_by_cues(leaf, items.schema["enum"], passage) or None
    if items.is_object and items.properties:
        return _objects(leaf, items, passage, root, told)
    if items.types and set(items.types) <= {"integer", "number"}:
        return numbers_by_cues(leaf, items, passage)
    if items.branches or set(items.types) - {"string"}:
        return None
    found: dict[str, list[Any]] = {}
    for things in _lists(leaf, passage):
        kept = [thing for thing in things if fits(thing, items)]
        if len(kept) == len(things):
            found.setdefault(repr(kept), kept)
    return next(iter(found.values())) if len(found) == 1 else None


def _is_there_already(sentence: Sentence) -> bool:
    """Whether a sentence tells what somebody has already, of which nothing is asked for."""
    words = [token.word for token in sentence.tokens]
    return any(
        word == "already" and not _HAVING.isdisjoint((*words[at - 1 : at], *words[at + 1 : at + 2]))
        for at, word in enumerate(words)
    )


def _is_odd(row: Mapping[str, Any]) -> bool:
    """Whether a person is nobody that is named, or has the verb of its sentence in its name: «Kilian owes»."""
    for name, value in row.items():
        words = value.split() if isinstance(value, str) else []
        if not words or name.lower() not in _PERSONS:
            continue
        is_verb = len(words) > 1 and words[0].istitle() and words[-1].islower() and words[-1].endswith("s")
        if words[0].lower() in _NOBODY or (is_verb and name.lower() != "name"):
            return True
    return False


def _objects(
    leaf: Leaf, items: Node, passage: Passage, root: dict[str, Any], told: Teller
) -> list[Any] | None:
    if _HELD.isdisjoint(leaf.asked.words):
        passage = passage._replace(sentences=[one for one in passage.sentences if not _is_there_already(one)])
    run = rows_of_run(items, passage, root)
    if run is None:
        return None
    found = (
        run
        or rows_of_tasks(items, passage, root)
        or rows_told(items, passage, root)
        or rows_in_lines(items, passage, root)
        or rows_of_pairs(items, passage, root)
        or rows_of_members(items, passage, root, told)
    )
    if any(_is_odd(row) for row in found):
        found = []
    if found and all(len(row) == len(items.properties) for row in found):
        return found
    prose = rows_of_prose(items, passage, root, leaf.asked.words)
    if not found:
        return prose or None
    goes_on = len(prose) == len(found) and all(
        one.items() <= two.items() for one, two in zip(found, prose, strict=True)
    )
    return prose if goes_on else found


def _lists(leaf: Leaf, passage: Passage) -> Iterator[Sequence[str]]:
    names = _names_of(leaf)
    rows = {row for name in names for row in _rows().get(name, ())}
    for sentence in passage.sentences:
        if sentence.is_taken_back:
            continue
        for kind, parts in sorted(rows):
            allowed = frozenset(word for part in parts for word in part.rstrip("?").split("|"))
            for first, end in words_match(parts, sentence, passage):
                yield from _behind(sentence, first, end, passage, allowed, names=kind == "name")
        for first, end in _own_places(sentence, names):
            yield from _behind(sentence, first, end, passage, frozenset(), names=False)


def _behind(
    sentence: Sentence, first: int, end: int, passage: Passage, allowed: frozenset[str], *, names: bool
) -> Iterator[Sequence[str]]:
    at = end
    if at < len(sentence.tokens) and sentence.tokens[at].text == ":":
        at += 1
    found = enumerated(sentence.tokens, at, passage, names=names)
    if found is not None and is_simply_so(sentence, first, at, allowed):
        yield found.things


def _own_places(sentence: Sentence, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where the name of the list itself stands before its things: «the toppings are», «hobbies include»."""
    tokens = sentence.tokens
    for at, token in enumerate(tokens[:-1]):
        if (
            token.is_word
            and names & forms(token.word)
            and token.word.endswith("s")
            and tokens[at + 1].word in _OWN_LINK
        ):
            yield at, at + 2


def _names_of(leaf: Leaf) -> frozenset[str]:
    words = leaf.asked.words
    spoken = " ".join(words)
    singles = {" ".join((*words[:-1], form)) for form in forms(words[-1])} if words else set()
    return frozenset({spoken, *singles})


@cache
def _rows() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for line in lines_of("lists"):
        names, kind, words = line.split("\t")
        for name in names.split(","):
            found[name.strip()] = (*found.get(name.strip(), ()), (kind, tuple(words.split())))
    return found
