"""The members of the objects of a list, each with the turns with which prose tells it."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from server.api.providers.local.cue.cue_row import lines_of
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.property import Property, property_of, words_of

Turn = tuple[str, ...]
"""Words, of which «a|b» is one of several and «a?» may be missing, and places for values: «{N}», «{T}»."""
_MOST = 12
_DAYS = frozenset({"date", "datetime"})
_PERSONS = frozenset(
    "name person who owner member employee colleague passenger player student guest child kid traveler traveller attendee participant speaker patient candidate driver staff volunteer runner teacher tenant first_name full_name recipient customer host friend author doctor performer dancer singer actor user".split()  # noqa: SIM905  # one list, one line
)
_WEAK = frozenset(
    "role job position size color colour status note notes comment team department city country platform gate seat language relation relationship breed species reason category unit currency description email phone company employer area topic venue location place artist author instrument allergy version grade".split()  # noqa: SIM905  # as above
)
_STARTS = frozenset({"start", "from", "begin", "begins", "starts", "since", "started", "opens", "open"})
_ENDS = frozenset({"end", "to", "until", "ends", "finish", "till", "ended", "closes", "close"})
_PLACES = frozenset({"from", "to", "by", "for", "at", "in", "with", "destination", "origin"})
_LEAST = 2
_HOLDERS = frozenset({"is", "has", "was", "are"})


class Slot(NamedTuple):
    """One member of an object."""

    name: str
    spoken: str
    asked: Property
    node: Node
    sort: str
    """``number``, ``text``, ``day``, ``hour``, ``choice``, ``truth``, or the kind of a contact."""
    turns: tuple[Turn, ...]
    side: str = ""
    """``start`` or ``end`` where it is one of a span."""


class Slots(NamedTuple):
    """The members of an object by name, and those that are told without a word beside them."""

    members: Mapping[str, Slot]
    person: str
    """The member that is who an object is of."""
    thing: str
    """The member that is what an object is of."""
    required: frozenset[str]


def slots_of(items: Node, root: dict[str, Any]) -> Slots | None:
    """The members of ``items``; None where one that must be there is of a sort that no turn tells."""
    members: dict[str, Slot] = {}
    if not _LEAST <= len(items.properties) <= _MOST:
        return None
    for name, schema in items.properties.items():
        node = node_of(root, schema)
        asked = property_of(name, node.schema)
        sort = _sort(node, asked)
        if not sort:
            if name in items.required and not node.nullable:
                return None
            continue
        spoken = " ".join(words_of(name))
        members[name] = Slot(name, spoken, asked, node, sort, turns_of(spoken, sort), _side(spoken, sort))
    texts = [slot for slot in members.values() if slot.sort == "text"]
    persons = [slot.name for slot in texts if _last(slot) in _PERSONS]
    if len(persons) > 1:
        persons = [name for name in persons if not _is_weak(members[name])]
    things = [slot.name for slot in texts if slot.name not in persons and not _is_weak(slot)]
    if not persons and not things:
        things = [slot.name for slot in texts if slot.spoken not in _PLACES][:1]
    if len(persons) > 1 or len(things) > 1 or len(members) < _LEAST:
        return None
    required = frozenset(name for name in items.required if name in members)
    return Slots(members, "".join(persons), "".join(things), required)


def _last(slot: Slot) -> str:
    return slot.spoken.split(" ")[-1] if slot.spoken else ""


def _is_weak(slot: Slot) -> bool:
    if slot.spoken in _PLACES:
        return True
    return _last(slot) in _WEAK or slot.spoken in _told()


def _sort(node: Node, asked: Property) -> str:
    if node.branches or "const" in node.schema or set(node.types) & {"array", "object"}:
        return ""
    if isinstance(node.schema.get("enum"), list):
        return "choice" if all(isinstance(one, str | None) for one in node.schema["enum"]) else ""
    if "boolean" in node.types:
        return "truth"
    if set(node.types) & {"integer", "number"}:
        return "number"
    form = str(node.schema.get("format", ""))
    if form in ("date", "date-time") or asked.kind in _DAYS:
        return "day"
    if form == "time" or asked.kind == "time":
        return "hour"
    kind = {"email": "email", "ipv4": "ipv4", "uri": "url"}.get(form, asked.kind)
    return kind if kind in ("email", "phone", "url", "ipv4") else "text"


def _side(spoken: str, sort: str) -> str:
    words = set(spoken.split(" "))
    if sort == "text" and not words & {"year", "time", "start", "end", "opens", "closes", "open", "close"}:
        return ""
    return "start" if words & _STARTS else "end" if words & _ENDS else ""


@cache
def _told() -> Mapping[str, tuple[Turn, ...]]:
    """Turns by the names of what they tell."""
    found: dict[str, tuple[Turn, ...]] = {}
    for line in lines_of("row_slots"):
        names, turns = line.split("\t")
        for name in names.split(","):
            own = tuple(tuple(turn.split()) for turn in turns.split(";") if turn.strip())
            found[name.strip()] = (*found.get(name.strip(), ()), *own)
    return found


@lru_cache(maxsize=256)
def turns_of(spoken: str, sort: str) -> tuple[Turn, ...]:
    """The turns that tell a member of this name and sort."""
    return tuple(dict.fromkeys(turn for turn in _turns(spoken, sort) if turn))


def _turns(spoken: str, sort: str) -> Iterator[Turn]:
    words = tuple(spoken.split(" "))
    if sort == "number":
        for turn in _told().get(spoken, ()):
            if "{N}" in turn or "{M}" in turn:
                yield turn
        bare = (
            words[:-1]
            if words[-1] in ("count", "number", "score", "c", "celsius", "percent", "pct")
            else words
        )
        for own in {words, bare} - {()}:
            if own[0] not in ("number", "value"):
                both = (*own[:-1], f"{own[-1]}|{own[-1].removesuffix('s')}|{own[-1]}s")
                yield ("{N}", *both)
                yield (*both, "of|is|was|:|=?", "{N}")
    elif sort == "day":
        yield (*words, "is|on|:?", "{D}")
        yield ("on|by|due|for|since|from|until|at|in|dated?", "{D}")
        yield ("{D}",)
    elif sort == "hour":
        for turn in _told().get(spoken, ()):
            if "{H}" in turn:
                yield turn
        yield (*words, "is|at|:?", "{H}")
    elif sort == "text":
        for turn in _told().get(spoken, ()):
            if not {"{N}", "{M}", "{H}"} & set(turn):
                yield turn
        if words[-1] not in ("name", "title") and words not in (("from",), ("to",)):
            yield (*words, "is|:|=?", "{C}")
            yield (*words, ":|=", "{T}")


@cache
def truths() -> Mapping[str, tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]]:
    """The words that say that a member is so, and those that say it is not, by its name."""
    found: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]] = {}
    for line in lines_of("row_truths"):
        names, so, not_so = line.split("\t")
        for name in names.split(","):
            found.setdefault(name.strip(), (_phrases(so), _phrases(not_so)))
    return found


def _phrases(column: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.replace("-", " - ").split()) for phrase in column.split(";"))


def truth_words(slot: Slot) -> tuple[str, ...]:
    """The words of a truth without its verb: «has_projector» is a projector."""
    words = tuple(slot.spoken.split(" "))
    return words[1:] if len(words) > 1 and words[0] in _HOLDERS else words
