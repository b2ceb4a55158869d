"""Objects of a run of parts that are built alike, each understood to its last word: «200 g flour, 2 eggs», «web01 (10.0.4.11, Debian), web02 (…)»."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.rows.row_clauses import object_of
from server.api.providers.local.cue.rows.row_part import read_part
from server.api.providers.local.cue.rows.row_shape import Shape, shape_of
from server.api.providers.local.cue.settled import is_led_astray
from server.api.providers.local.node import Node

_LEAST = 2
_MOST = 30
_JOINS = frozenset({",", ";", "and", "&", "plus", "then"})
_BULLETS = frozenset({"*", "-", "•", "–", "·"})
_LEADS = frozenset(
    "between in of for are is with need needs order ordered want include includes included contains contain between buy add use uses mix take bring were was cost costs have has got get like into by".split()  # noqa: SIM905  # one list, one line
)
"""Words behind which the first of a run may begin."""
_TAILS = frozenset(
    "delivered to please by from on in for at under serves shipped sent thanks thank as this no without".split()  # noqa: SIM905  # as above
)
"""Words with which a sentence goes on behind the last of a run."""


def rows_of_run(items: Node, passage: Passage, root: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The objects of the one run of parts that are built as ``items`` are; none where two runs are, None where one is not so."""
    shape = shape_of(items, root)
    if shape is None:
        return []
    runs = list(_in_lines(shape, passage)) or list(_in_sentences(shape, passage))
    if any(not run for run in runs):
        return None
    if len(runs) != 1 or not _LEAST <= len(runs[0]) <= _MOST:
        return []
    objects = [object_of(row, items, root) for row in runs[0]]
    rows = [one for one in objects if one is not None]
    return rows if len(rows) == len(objects) else []


def _in_lines(shape: Shape, passage: Passage) -> Iterator[list[dict[str, Any]]]:
    """Each block of lines one below the other of which every line is a part."""
    block: list[dict[str, Any]] = []
    is_astray = was_counting = False
    for line in _lines(passage):
        row = read_part(_without_bullet(line.tokens), shape, passage) if line.tokens else None
        if row is not None and not is_astray and _says(line) and _is_whole(row, shape):
            block.append(row)
            continue
        if row is None and any(token.text.strip() for token in line.tokens):
            is_astray = is_astray or is_led_astray(line)
        if len(block) >= _LEAST:
            yield [] if was_counting else block
        block, was_counting = [], bool(line.tokens) and any(map(_counts, line.tokens))
    if len(block) >= _LEAST:
        yield [] if was_counting else block


def _lines(passage: Passage) -> Iterator[Sentence]:
    """The lines of a passage, whether a point ends them or not."""
    line: list[PassageToken] = []
    for sentence in passage.sentences:
        is_open = bool(line)
        for token in sentence.tokens:
            if token.text == "\n" or (line and "\n" in passage.text[line[-1].end : token.start]):
                yield Sentence(line)
                line, is_open = [], False
            if token.text != "\n":
                line.append(token)
        if is_open and not line:
            continue
        if sentence.is_taken_back:
            line = []
    yield Sentence(line)


def _without_bullet(tokens: Sequence[PassageToken]) -> Sequence[PassageToken]:
    return tokens[1:] if tokens and tokens[0].text in _BULLETS else tokens


def _says(line: Sentence) -> bool:
    return is_simply_so(line, 0, len(line.tokens))


def _in_sentences(shape: Shape, passage: Passage) -> Iterator[list[dict[str, Any]]]:
    for at, sentence in enumerate(passage.sentences):
        if sentence.is_taken_back or (at and is_led_astray(passage.sentences[at - 1])):
            continue
        parts = list(_parts(sentence.tokens, shape))
        for place in range(len(parts)):
            rows, end = _run(parts[place:], sentence, shape, passage)
            if len(rows) >= _LEAST or (end and not rows):
                before = sentence.tokens[: parts[place][0]]
                yield [] if any(map(_counts, before)) else rows
                break


def _counts(token: PassageToken) -> bool:
    """Whether a figure stands there that may be told of another of the same things, or what is not asserted."""
    return token.text.startswith(BLANK) or (
        token.mention is not None and token.mention.kind in ("number", "money", "quantity", "ipv4")
    )


def _parts(tokens: Sequence[PassageToken], shape: Shape) -> Iterator[tuple[int, int]]:
    """Where the parts of a sentence begin and end: at commas, semicolons and «and» outside of brackets."""
    first = depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        is_over = token.text in ".!\n" and at + 1 >= len(tokens)
        if depth <= 0 and (token.word in _JOINS or is_over):
            behind = tokens[at + 1].word if at + 1 < len(tokens) else ""
            if token.text == "," and behind in shape.labels:
                continue
            if at > first:
                yield first, at
            first = at + 1
    if first < len(tokens):
        yield first, len(tokens)


def _run(
    parts: Sequence[tuple[int, int]], sentence: Sentence, shape: Shape, passage: Passage
) -> tuple[list[dict[str, Any]], int]:
    """The objects of parts one behind the other, of which the first may have a lead before it and the last a tail behind it."""
    tokens = sentence.tokens
    begin, row = _first(parts[0], tokens, shape, passage)
    if row is None:
        return [], 0
    rows, end = [row], parts[0][1]
    for place, (first, stop) in enumerate(parts[1:], 1):
        row = read_part(tokens[first:stop], shape, passage)
        if row is None and place + 1 >= len(parts):
            cut = _tail(tokens, first, stop)
            row = read_part(tokens[first:cut], shape, passage) if cut > first else None
            stop = cut
        if row is None:
            if any(tokens[at].mention is not None for at in range(first, parts[place][1])):
                # What goes on behind the run has figures that are not understood.
                return [], 0
            break
        rows.append(row)
        end = stop
    whole = all(_is_whole(one, shape) for one in rows)
    allowed = frozenset(
        token.word for token in tokens[parts[0][0] : begin] if token.word in ("like", "please")
    )
    if not whole:
        return [], 0
    return (rows if is_simply_so(sentence, begin, end, allowed) else []), end


def _first(
    part: tuple[int, int], tokens: Sequence[PassageToken], shape: Shape, passage: Passage
) -> tuple[int, dict[str, Any] | None]:
    """The first object of a run, and where it begins: behind a colon or a word that leads up to it."""
    for at in range(part[0], part[1]):
        before = tokens[at - 1] if at > part[0] else None
        begins = before is None or before.text == ":" or before.word in _LEADS or _is_count(tokens[at], shape)
        row = read_part(tokens[at : part[1]], shape, passage) if begins else None
        if row is not None:
            return at, row
    return part[0], None


def _is_count(token: PassageToken, shape: Shape) -> bool:
    """Whether a figure stands there with which the objects of a shape that counts begin."""
    return bool(shape.number) and (token.mention is not None or token.word in ("a", "an"))


def _tail(tokens: Sequence[PassageToken], first: int, stop: int) -> int:
    return next(
        (
            at
            for at in range(first, stop)
            if tokens[at].word in _TAILS or (at > first and tokens[at - 1].text == ")")
        ),
        first,
    )


def _is_whole(row: dict[str, Any], shape: Shape) -> bool:
    """Whether an object has its thing and something that is told of it."""
    thing = row.get(shape.thing)
    is_plain = len(row) > _LEAST or shape.number not in row or str(thing.value if thing else "").islower()
    return thing is not None and len(row) >= _LEAST and is_plain and not set(shape.needed) - set(row)
