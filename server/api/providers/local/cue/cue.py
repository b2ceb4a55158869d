"""The values of properties for which a cue stands beside them in a sentence that nothing unsettles."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.answer import answers_by_cues
from server.api.providers.local.cue.cue_row import Cued, cued, one_name
from server.api.providers.local.cue.figure.figures import exact, figures_beside
from server.api.providers.local.cue.lone.lone import lone_told
from server.api.providers.local.cue.lone.lone_choice import lone_choices
from server.api.providers.local.cue.passage import Passage, number_of
from server.api.providers.local.cue.settled import taking_back
from server.api.providers.local.cue.stems import stem_of
from server.api.providers.local.cue.text.sole import sole_told
from server.api.providers.local.cue.text.texts import asks_text, texts_told
from server.api.providers.local.cue.tongue.spoken import told_by_tongues
from server.api.providers.local.cue.turn import has_parallel
from server.api.providers.local.property import Property, words_of
from server.api.providers.local.values.leaf import Leaf

_LEAVES = 60
"""Properties up to which cues are looked for."""
_SCALARS = frozenset({"string", "number", "integer"})
_COUNTING = ("number of ", "num ", "no of ", "count of ", "total number of ")


def told_by_cues(
    leaves: Sequence[Leaf], passage: Passage, root: dict[str, Any]
) -> dict[tuple[str, ...], Any]:
    """The values of those of ``leaves`` that cues name; of a thing that two of them claim neither has it."""
    found: dict[tuple[str, ...], tuple[Any, int]] = {}
    passage = _with_asked(leaves, passage)
    for leaf in leaves if passage.sentences and len(leaves) <= _LEAVES else ():
        if (
            ("enum" in leaf.node.schema and leaf.asked.kind != "currency")
            or "const" in leaf.node.schema
            or leaf.node.branches
        ):
            continue
        if not set(leaf.node.types or ("string",)) & _SCALARS:
            continue
        told = texts_told(leaf, passage) if asks_text(leaf) else cued(names_of(leaf.asked), passage)
        answers = exact([*told, *figures_beside(leaf, passage)], leaf, passage)
        if "string" in (leaf.node.types or ("string",)):
            answers = [answer for answer in answers if not _is_cut(answer, passage)]
        taken = None if any(_is_shared(answer, passage) for answer in answers) else _only_one(answers, leaf)
        if taken is not None:
            found[leaf.path] = taken
    claims = Counter(start for _, start in found.values())
    scalars = {path: value for path, (value, start) in found.items() if claims[start] == 1}
    if passage.sentences and len(leaves) <= _LEAVES:
        starts = frozenset(start for _, start in found.values())
        open_ones = [leaf for leaf in leaves if leaf.path not in found]
        sole = sole_told(open_ones, leaves, passage, starts)
        open_ones = [leaf for leaf in open_ones if leaf.path not in sole]
        scalars = {**lone_told(open_ones, leaves, passage, starts), **sole, **scalars}
    others = dict(answers_by_cues(leaves[:_LEAVES], passage, root, told_by_cues))
    if passage.sentences and len(leaves) <= _LEAVES:
        others = {**lone_choices(leaves, passage, frozenset(others)), **others}
    rows = Counter(held for value in others.values() if (held := _rows_in(value)))
    every = {**scalars, **{path: value for path, value in others.items() if rows[_rows_in(value)] < _TWICE}}
    left = [leaf for leaf in leaves[:_LEAVES] if leaf.path not in every]
    return {**told_by_tongues(left, leaves, passage, root), **every}


_TWICE = 2
_GROUP = 3
"""Figures of a group of those that belong together."""


def _rows_in(value: Any) -> str:
    """What the objects of a list hold, whatever their members are called: two lists cannot both be the same rows."""
    is_rows = isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
    return repr([[*row.values()] for row in value]) if is_rows else ""


def _is_cut(answer: Cued, passage: Passage) -> bool:
    """Whether figures go on behind those that were taken: «4111 1111 1111 1111»."""
    taken, behind = passage.text[answer.start : answer.end], passage.text[answer.end : answer.end + 4]
    return taken.isdecimal() and behind[:1] == " " and behind[1:].isdecimal() and len(behind) > _GROUP


def _is_shared(answer: Cued, passage: Passage) -> bool:
    """Whether a part of the sentence that leaves out its verb gives another the same sort of figure."""
    for sentence in passage.sentences:
        for at, token in enumerate(sentence.tokens):
            if token.start == answer.start:
                is_figure = token.mention is not None or number_of(token) is not None
                return is_figure and has_parallel(sentence, token, at + 1)
    return False


def _with_asked(leaves: Sequence[Leaf], passage: Passage) -> Passage:
    """The passage, in which what the schema asks takes nothing back."""
    asked: set[str] = set()
    for leaf in leaves:
        asked.update(leaf.asked.words)
        listed = leaf.node.schema.get("enum")
        for value in listed if isinstance(listed, list) else ():
            asked.update(words_of(value) if isinstance(value, str) else ())
    stems = {stem_of(word) for word in asked}
    harmless = frozenset(word for word in taking_back() if stem_of(word) in stems)
    if not harmless:
        return passage
    return passage._replace(sentences=[sentence._replace(asked=harmless) for sentence in passage.sentences])


def _end_of(answer: Cued) -> int:
    return answer.end


def _only_one(answers: Sequence[Cued], leaf: Leaf) -> tuple[Any, int] | None:
    values: dict[str, tuple[Any, int]] = {}
    if any(answer.value.value is None for answer in answers):
        # A figure that may be read in two ways is a rival all the same.
        return None
    for answer in answers:
        value = coerced(answer.value, leaf.asked, leaf.node)
        if value is NOTHING:
            continue
        values.setdefault(repr(value), (value, answer.start))
    texts = [value for value, _ in values.values() if isinstance(value, str)]
    if len(values) > 1 and len(texts) == len(values) and len({start for _, start in values.values()}) == 1:
        # «Dr. T. J» and «T. J. Olsson» are one, cut short and whole.
        whole = max(answers, key=_end_of)
        value = coerced(whole.value, leaf.asked, leaf.node)
        return (value, whole.start) if value is not NOTHING else None
    longest = max(texts, key=len, default="")
    if len(texts) == len(values) and all(text in longest for text in texts):
        # «the kettle» and «the electric kettle» are one.
        return next((found for found in values.values() if found[0] == longest), None)
    return next(iter(values.values())) if len(values) == 1 else None


def names_of(asked: Property) -> frozenset[str]:
    """The names under which cues know a property."""
    spoken = " ".join(asked.words)
    for prefix in _COUNTING:
        spoken = spoken.removeprefix(prefix)
    names = {spoken, spoken.removesuffix(" count")}
    return frozenset(names | {one_name()[name] for name in names if name in one_name()})
