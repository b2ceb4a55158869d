"""What the members of the objects of a list are, for parts that tell them one behind the other."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from server.api.providers.local.cue.rows.row_clauses import roles_of
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.property import Property, property_of, words_of
from server.api.providers.local.record import nullable_of

_COUNTS = frozenset("quantity qty count units number pieces amount how many num".split())  # noqa: SIM905  # one list, one line
_UNITS = frozenset({"unit", "units", "uom", "measure", "unit of measure"})
_PRICES = frozenset(
    "price cost rate each unitprice".split()  # noqa: SIM905  # as above
)
_EACH = frozenset(
    {
        "unit price",
        "price each",
        "unit cost",
        "price per unit",
        "item price",
        "price",
        "cost",
        "each",
        "rate",
    }
)
_KINDS = frozenset({"email", "phone", "url", "ipv4", "date", "datetime", "time"})
_FROM = frozenset(
    {
        "from",
        "origin",
        "from station",
        "from city",
        "departure",
        "start",
        "from airport",
        "departure station",
        "from place",
    }
)
_TO = frozenset(
    {
        "to",
        "destination",
        "to station",
        "to city",
        "arrival",
        "end",
        "to airport",
        "arrival station",
        "to place",
    }
)
_THINGS = frozenset(
    "name title product item description article ingredient material code sku course hostname host server vaccine plant crop medication drug dish player student employee person city town store shop "  # noqa: SIM905  # as above
    "exercise task feature service component part tool book model train flight station sensor device animal species country team child guest attendee participant member department fruit vegetable food".split()
)
_WEAK = frozenset(
    [
        "role",
        "type",
        "kind",
        "category",
        "size",
        "color",
        "colour",
        "unit",
        "os",
        "note",
        "notes",
        "comment",
        "status",
        "team",
        "department",
        "job",
        "position",
        "city",
    ]
)  # as above
_MOST = 12


class Member(NamedTuple):
    """One member of an object."""

    name: str
    asked: Property
    node: Node
    spoken: str
    """Its words, parted by blanks."""


class Shape(NamedTuple):
    """The members of an object by what they are; names are empty where it has none."""

    thing: str
    number: str
    unit: str
    price: str
    origin: str
    target: str
    choices: tuple[Member, ...]
    """Members of which the values are listed."""
    kinds: Mapping[str, str]
    """Names by the kind of thing that they hold: a day, an address."""
    measures: tuple[Member, ...]
    """Further members that are numbers."""
    texts: tuple[Member, ...]
    """Further members that are texts."""
    needed: tuple[str, ...]
    """Members without which there is no object."""
    labels: frozenset[str]
    """Words that name a member beside its value."""
    members: Mapping[str, Member]


def shape_of(items: Node, root: dict[str, Any]) -> Shape | None:
    """The shape of ``items``; None where it has no one thing that each object is of, or members of other sorts."""
    roles = roles_of(items)
    if roles.owner and roles.task:
        return None
    members = {}
    for name, schema in items.properties.items():
        node = node_of(root, schema)
        if set(node.types) & {"array", "object", "boolean"} or node.branches or "const" in node.schema:
            if name in items.required and not node.nullable:
                return None
            continue
        members[name] = Member(name, property_of(name, node.schema), node, " ".join(words_of(name)))
    if not 2 <= len(members) <= _MOST:
        return None
    choices = tuple(one for one in members.values() if isinstance(one.node.schema.get("enum"), list))
    open_ones = [one for one in members.values() if one not in choices]
    kinds: dict[str, str] = {}
    for one in open_ones:
        kind = _kind_of(one)
        if kind and kind in kinds:
            return None
        if kind:
            kinds[kind] = one.name
    numbers = [
        one
        for one in open_ones
        if set(one.node.types) & {"integer", "number"} and one.name not in kinds.values()
    ]
    texts = [one for one in open_ones if one not in numbers and one.name not in kinds.values()]
    count = _only([one for one in numbers if one.spoken in _COUNTS])
    prices = [one for one in numbers if one.spoken in _EACH and one.name != count]
    unit = _only([one for one in [*texts, *choices] if one.spoken in _UNITS])
    texts = [one for one in texts if one.name != unit]
    origin = _only([one for one in texts if one.spoken in _FROM])
    target = _only([one for one in texts if one.spoken in _TO])
    if not (origin and target):
        origin = target = ""
    texts = [one for one in texts if one.name not in (origin, target)]
    thing = _thing(texts)
    if not thing:
        return None
    price = _only(prices)
    measures = tuple(one for one in numbers if one.name not in (count, price))
    rest = tuple(one for one in texts if one.name != thing)
    needed = tuple(set(items.required) - set(nullable_of(root, items)))
    labels = frozenset(word for one in (*measures, *rest) for word in [one.spoken.split(" ")[0]])
    others = tuple(one for one in choices if one.name != unit)
    return Shape(
        thing, count, unit, price, origin, target, others, kinds, measures, rest, needed, labels, members
    )


def _only(found: list[Member]) -> str:
    return found[0].name if len(found) == 1 else ""


def _kind_of(member: Member) -> str:
    if not set(member.node.types or ("string",)) & {"string"}:
        return ""
    form = str(member.node.schema.get("format", ""))
    kind = {"ipv4": "ipv4", "email": "email", "date": "date", "uri": "url"}.get(form, member.asked.kind)
    if member.spoken in ("ip", "ip address"):
        kind = "ipv4"
    kind = "date" if kind == "datetime" else kind
    return kind if kind in _KINDS else ""


def _thing(texts: list[Member]) -> str:
    """The one text that says what each object is of."""
    if len(texts) == 1:
        return texts[0].name
    known = words_named("things")
    named = [
        one
        for one in texts
        if one.spoken in known
        or (one.spoken.split(" ")[-1] in _THINGS and one.spoken.split(" ")[0] in _THINGS)
    ]
    if len(named) != 1:
        named = [
            one
            for one in texts
            if one.spoken.split(" ")[0] not in _WEAK and one.spoken.split(" ")[-1] not in _WEAK
        ]
    return named[0].name if len(named) == 1 else ""
