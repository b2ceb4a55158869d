"""What takes a value away again: its sentence says that it is another's, another time's, only a part, or what might be."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import Pattern, pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_SENTENCE = r"[.!?…]\s|\n|;"
_CLAUSE = r"[,;–—]\s|[.!?…]\s|\n|\s(?:but|while|whereas)\s"
_FIGURE = r"\p{Nd}+(?:[.,\s]\p{Nd}\p{Nd}\p{Nd})*(?:[.,]\p{Nd}+)?"
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905  # one list, one line
_WHOSE = frozenset(
    [
        "predecessor",
        "competitor",
        "rival",
        "successor",
        "former",
        "previous",
        "old",
        "older",
        "prior",
        "outgoing",
        "earlier",
        "critic",
        "reviewer",
        "press",
        "average",
        "google",
        "tripadvisor",
        "imdb",
        "metacritic",
        "guest",
        "customer",
        "user",
        "expert",
        "other",
        "another",
        "husband",
        "wife",
        "partner",
        "friend",
        "last",
        "new",
        "range",
        "visibility",
        "radius",
        "mileage",
        "odometer",
        "supplier",
        "vendor",
        "seller",
        "landlord",
        "agent",
        "support",
        "office",
        "manager",
        "teacher",
        "doctor",
        "contact",
        "billing",
        "sales",
        "buyer",
        "tenant",
        "accountant",
        "lawyer",
        "driver",
        "courier",
        "organizer",
        "organiser",
        "press",
        "hotel",
        "school",
        "bank",
        "insurer",
    ]
)  # one list, one line
"""Whose a value may be, and is the property's where its name says so too."""
_FORMER = frozenset(
    {
        "previous",
        "old",
        "former",
        "original",
        "originally",
        "from",
        "initial",
        "planned",
        "scheduled",
        "first",
    }
)
_GONE = frozenset(
    {
        "from",
        "instead",
        "moved",
        "move",
        "postponed",
        "rescheduled",
        "changed",
        "shifted",
        "pushed",
        "brought",
        "longer",
    }
)
_MOST = 20
"""Places of a value that are looked at."""
_LONGEST = 4_000


class _Veto(NamedTuple):
    name: Pattern
    value: Pattern
    spoken: Sequence[str]
    scope: str
    bad: Pattern
    unless: Pattern | None
    also: Pattern | None


def without_vetoed(
    values: Mapping[tuple[str, ...], Any], leaves: Sequence[Leaf], written: str, named: Sequence[Mention]
) -> dict[tuple[str, ...], Any]:
    """``values`` without those of which every place in the prompt says that they are none of the property's."""
    text = written[:_LONGEST].lower()
    asked = {leaf.path: leaf for leaf in leaves}
    return {
        path: value
        for path, value in values.items()
        if path not in asked
        or isinstance(value, list | dict)
        or not _is_vetoed(asked[path], value, text, named)
    }


def _is_vetoed(leaf: Leaf, value: Any, text: str, named: Sequence[Mention]) -> bool:
    name = "_".join(words_of(leaf.path[-1]))
    said = ("true" if value else "false") if isinstance(value, bool) else str(value).lower()
    about = {*leaf.asked.words, *leaf.asked.about}
    for veto in _vetoes():
        if veto.name.fullmatch(name) is None or veto.value.fullmatch(said) is None:
            continue
        if veto.also is not None and veto.also.search(text) is None:
            continue
        spoken = leaf.asked.words if veto.spoken == ["@"] else veto.spoken
        places = list(_places(text, value, spoken))
        if not spoken and isinstance(value, str):
            days = ("date", "datetime", "time")
            places += [(m.start, m.end) for m in named if m.kind in days and m.value == value]
        if places and all(_is_bad(veto, text, start, end, about) for start, end in places):
            return True
    return False


def _is_bad(veto: _Veto, text: str, start: int, end: int, about: set[str]) -> bool:
    marks = pattern(_CLAUSE if veto.scope == "clause" else _SENTENCE)
    first = max((mark.end() for mark in marks.finditer(text[:start])), default=0)
    behind = marks.search(text[end:])
    last = end + behind.start() if behind is not None else len(text)
    part = {"before": text[first:start], "behind": text[end:last]}.get(veto.scope, text[first:last])
    found = veto.bad.search(part)
    if found is None or (veto.unless is not None and veto.unless.search(part) is not None):
        return False
    if not (_FORMER.isdisjoint(about) or _GONE.isdisjoint(words_of(found[0]))):
        return False
    # What the property asks for by its own name is no other's.
    return about.isdisjoint(_WHOSE & {word.removesuffix("s") for word in words_of(found[0])})


def _places(text: str, value: Any, spoken: Sequence[str]) -> Iterator[tuple[int, int]]:
    if spoken:
        for word in spoken:
            yield from _found(text, word)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        wanted = f"{value:g}" if isinstance(value, float) else str(value)
        for match in list(pattern(_FIGURE).finditer(text))[: _MOST * 10]:
            if _same(match[0], wanted):
                yield match.start(), match.end()
        if isinstance(value, int) and 0 <= value < len(_WORDS):
            yield from _found(text, _WORDS[value])
    elif isinstance(value, str) and value:
        yield from _found(text, value.lower())


def _same(figure: str, wanted: str) -> bool:
    digits = "".join(character for character in figure if character.isdecimal())
    plain = wanted.replace(".", "")
    return digits == plain or (
        digits.rstrip("0") == plain.rstrip("0")
        and figure.replace(",", ".").partition(".")[0] == wanted.partition(".")[0]
    )


def _found(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    at = text.find(phrase)
    for _ in range(_MOST):
        if at < 0:
            return
        end = at + len(phrase)
        if not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum():
            yield at, end
        at = text.find(phrase, end)


@cache
def _vetoes() -> Sequence[_Veto]:
    told = (resources.files("server.api.providers.local.values") / "vetoes.tsv").read_text(encoding="utf-8")
    found = []
    for line in told.splitlines():
        if line and not line.startswith("#"):
            name, value, scope, bad, unless, also = (line.split("\t") + [""] * 3)[:6]
            value, _, spoken = value.partition("=")
            found.append(
                _Veto(
                    pattern(name),
                    pattern(value),
                    [word for word in spoken.split(",") if word],
                    scope,
                    pattern(bad),
                    pattern(unless) if unless else None,
                    pattern(also) if also else None,
                )
            )
    return found
