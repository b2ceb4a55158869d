"""Regular expressions: those of Python's ``re`` are our own, written out, and take time in proportion to the text."""

import ast
import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]  # how a pattern is made is told nowhere else
from re import _parser as sre_parse  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

from tests.house.source import MODULES, nodes_of, place, text_of

# Whoever has parsed the sources once has them for all of these.
pytestmark = pytest.mark.xdist_group("house")

COMPOSED: Mapping[str, str] = {
    "server/api/providers/upstream_fault.py": "one of our own parameters' names between word borders",
    "console/cli/completions.py": "what is typed, as the literal that it is, at the begin of a name of our own",
}
"""Files with a pattern that is put together, of what, and why that is safe."""
_SEARCHES = ("search", "finditer", "findall", "sub", "subn", "split")
_WAYS = (*_SEARCHES, "fullmatch", "match")
_LENGTHS = (16, 22, 24, 200, 6_000, 30_000)
"""Repetitions, the few first: a pattern whose time doubles or squares with them is found before it takes for ever."""
_ODD = ("\0", "\n", "!", "\n!")
_MOST_S = 0.08
"""Processor time for one text: a linear pattern needs less than a millisecond, a quadratic one tenths of a second."""


class Found(NamedTuple):
    """One pattern of the source."""

    place: str
    pattern: Any
    way: str
    """``search`` anywhere in a text, ``match`` at its begin, ``fullmatch`` of all of it."""


def calls(path: Path) -> Iterator[ast.Call]:
    """Where ``path`` makes or uses a pattern of Python's ``re``."""
    for node in nodes_of(path):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in ("compile", "match", "fullmatch", *_SEARCHES)
        ):
            yield node


def written(path: Path, node: ast.Call) -> Any:
    """The pattern as it is written out, None where it is put together of what is not."""
    code = ast.unparse(node.args[0])
    names = {n.id for n in ast.walk(node.args[0]) if isinstance(n, ast.Name)}
    text = text_of(path)
    known: dict[str, Any] = {"re": re}
    for name in names - {"re"}:
        found = re.search(rf"^{name} = (.+)$", text, re.MULTILINE)
        if found is None:
            return None
        try:
            known[name] = ast.literal_eval(found[1])
        except (ValueError, SyntaxError):
            return None
    flags = 0
    for argument in (*node.args[1:], *(k.value for k in node.keywords if k.arg == "flags")):
        said = ast.unparse(argument)
        if said.startswith("re."):
            flags = eval(said, {"re": re})
    return re.compile(eval(code, known), flags)


def way_of(path: Path, node: ast.Call) -> str:
    """The way that takes longest of those in which the pattern is used; where that is not seen, any."""
    assert isinstance(node.func, ast.Attribute)
    if node.func.attr != "compile":
        return "search" if node.func.attr in _SEARCHES else node.func.attr
    for statement in nodes_of(path):
        if isinstance(statement, ast.Assign) and any(n is node for n in ast.walk(statement.value)):
            name = statement.targets[0]
            if isinstance(name, ast.Name) and statement.value is node:
                used = [way for way in _WAYS if f"{name.id}.{way}(" in text_of(path)]
                return "search" if not used or used[0] in _SEARCHES else used[0]
    return "search"


@cache
def patterns(path: Path) -> tuple[Found, ...]:
    """The patterns of ``path`` that are written out."""
    made = ((node, written(path, node)) for node in calls(path))
    return tuple(
        Found(f"{place(path)}:{node.lineno}", pattern, way_of(path, node))
        for node, pattern in made
        if pattern
    )


USERS = [path for path in MODULES if re.search(r"\bre\.", text_of(path))]
"""Modules that may use ``re``: what a look at their text can tell, before they are parsed."""


def test_a_pattern_is_written_out_or_listed_with_its_reason() -> None:
    composed = {place(path) for path in USERS for node in calls(path) if written(path, node) is None}
    assert composed == set(COMPOSED)


def test_the_patterns_are_found() -> None:
    found = [pattern for path in USERS for pattern in patterns(path)]
    assert len(found) > 60
    assert sum(pattern.way == "search" for pattern in found) > 20


@pytest.mark.lengthy
@pytest.mark.parametrize("path", USERS, ids=place)
def test_a_pattern_takes_time_in_proportion_to_the_text(path: Path) -> None:
    slow = [
        found.place
        for found in patterns(path)
        if any(cost_s(found, attack) > _MOST_S for attack in attacks(found.pattern))
    ]
    assert slow == []


@pytest.mark.lengthy
@pytest.mark.parametrize("bad", [r"(a+)+$", r"(?:^|/)[a-z]+\.md(?:#.*)?$", r"\s+$", r"<a.*b"])
def test_the_attacks_find_a_pattern_that_does_not(bad: str) -> None:
    found = Found("here", re.compile(bad), "search")
    assert any(cost_s(found, attack) > _MOST_S for attack in attacks(found.pattern))


def cost_s(found: Found, attack: str | bytes) -> float:
    began = time.thread_time()
    if found.way == "search":
        for _ in found.pattern.finditer(attack):
            if time.thread_time() - began > _MOST_S:
                break
    else:
        getattr(found.pattern, found.way)(attack)
    return time.thread_time() - began


def attacks(pattern: Any) -> Iterator[Any]:
    """Texts that almost have it: each repetition of the pattern drawn out, and the end wrong; the short ones first."""
    is_text = isinstance(pattern.pattern, str)
    tree = sre_parse.parse(
        pattern.pattern if is_text else pattern.pattern.decode("latin-1"), pattern.flags & re.X
    )
    whole, pumped = sample(tree), list(repeated(tree, ""))
    pumps = {whole, *(before + body for before, body in pumped)} - {""}
    drawn_out = [*pumped, *(("", pump) for pump in sorted(pumps))]
    for length in _LENGTHS:
        for before, body in drawn_out:
            for odd in _ODD:
                attack = before + body * max(2, length // max(1, len(body))) + odd
                yield attack if is_text else attack.encode("latin-1", errors="replace")


def sample(tree: Any) -> str:
    """A text that the pattern takes, or nearly."""
    return "".join(map(one_of, tree))


def one_of(item: Any) -> str:
    kind, value = item
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.NOT_LITERAL:
        return "b" if value == ord("a") else "a"
    if kind is sre.ANY:
        return "a"
    if kind is sre.IN:
        return in_class(value)
    if kind is sre.SUBPATTERN:
        return sample(value[-1])
    if kind is sre.BRANCH:
        return max(map(sample, value[1]), key=len)
    if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return sample(value[2]) * max(1, min(int(value[0]), 40))
    return ""


def in_class(members: Any) -> str:
    if members[0][0] is sre.NEGATE:
        inside = re.compile(
            "[" + "".join(re.escape(chr(v)) for k, v in members[1:] if k is sre.LITERAL) + "\0]"
        )
        return str(next(char for char in "aA1 -/:=" if not inside.match(char)))
    kind, value = members[0]
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.RANGE:
        return chr(value[0])
    return {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "1"}.get(str(value), "a")


def repeated(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """What stands before each repetition, and what it repeats."""
    for item in tree:
        kind, value = item
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            if value[1] > 40:
                yield before, sample(value[2])
            yield from repeated(value[2], before)
        elif kind is sre.SUBPATTERN:
            yield from repeated(value[-1], before)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                yield from repeated(branch, before)
        before += one_of(item)
