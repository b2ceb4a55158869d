"""Objects that a prompt tells one behind the other: «3 desks at $89 each and 2 lamps at $12 each»."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.cue.clause import is_simply_so
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence, number_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.property import property_of, words_of
from server.api.providers.local.record import nullable_of

_QUANTITY = frozenset("quantity qty count units number pieces amount".split())  # noqa: SIM905  # one list, one line
_PRICES = frozenset("price unit_price cost price_each price_per_unit unit_cost rate item_price each".split())  # noqa: SIM905  # as above
_OWNERS = frozenset(
    "owner assignee assigned_to person who responsible assigned responsible_person name member team_member".split()  # noqa: SIM905  # as above
)
_TASKS = frozenset("task action description todo what action_item activity item title to_do".split())  # noqa: SIM905  # as above
_NO_THING = frozenset(
    "at for each and the by on in with from to is are was were am pm years year days day weeks week hours hour minutes minute months month of people persons adults children guests nights "  # noqa: SIM905  # as above
    "percent points o'clock st rd th nd".split()
)
_ORDERING = frozenset(
    "order ordered need bought purchase purchased buy send want like ship shipped deliver delivered received get sold add contains contained includes charged requires require".split()  # noqa: SIM905  # as above
)
_SHORT = 4
"""Letters of words that end in «ed» and are no participles: bed, shed."""
_LONGEST_THING = 5
_LEAST = 2
_MOST = 40


class Roles(NamedTuple):
    """Which members of an object stand for what a row tells; empty where it has none."""

    thing: str
    quantity: str
    price: str
    owner: str
    task: str
    others: int
    """Members that no row tells."""


class _Row(NamedTuple):
    thing: str
    quantity: float | int
    price: Value | None
    each: bool
    end: int


def roles_of(items: Node) -> Roles:
    """The roles of the members of ``items``."""
    names = list(items.properties)
    texts = [
        name
        for name in names
        if "string" in str(items.properties[name]) and "enum" not in items.properties[name]
    ]
    keyed = {name: "_".join(words_of(name)) for name in names}
    quantity = [name for name in names if name not in texts and keyed[name] in _QUANTITY]
    prices = [name for name in names if name not in texts and keyed[name] in _PRICES]
    owners = [name for name in texts if keyed[name] in _OWNERS]
    tasks = [name for name in texts if keyed[name] in _TASKS]
    things = [
        name for name in texts if words_named("things") & {name.lower(), keyed[name].replace("_", " ")}
    ] or (texts if len(texts) == 1 else [])

    def only(found: Sequence[str]) -> str:
        return found[0] if len(found) == 1 else ""

    thing, count, price, owner = only(things), only(quantity), only(prices), only(owners)
    task = only([name for name in tasks if name not in owners])
    rest = set(items.required) - {thing, count, price, owner, task}
    return Roles(thing, count, price, owner, task, len(rest))


def rows_told(items: Node, passage: Passage, root: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects that clauses tell one behind the other; none unless all are understood."""
    roles = roles_of(items)
    if roles.others:
        return []
    if roles.thing and (roles.quantity or roles.price):
        return _counted(roles, items, passage, root)
    return []


def _counted(roles: Roles, items: Node, passage: Passage, root: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[list[_Row]] = []
    for sentence in passage.sentences:
        at = 0
        while at < len(sentence.tokens) and not sentence.is_taken_back:
            rows = _rows_from(sentence, at, passage)
            if _is_list(rows, sentence, at) and is_simply_so(sentence, at, rows[-1].end):
                found.append(rows)
            at = rows[-1].end if rows else at + 1
    if len(found) != 1 or len(found[0]) > _MOST:
        return []
    objects = [_object_of(row, roles, items, root) for row in found[0]]
    return [one for one in objects if one is not None] if None not in objects else []


def _is_list(rows: Sequence[_Row], sentence: Sentence, at: int) -> bool:
    if not rows:
        return False
    if len({row.price is None for row in rows}) > 1:
        return False
    if at and sentence.tokens[at - 1].word in (",", "and", "&"):
        # What was enumerated before is not understood.
        return False
    start = next((place for place in range(at, 0, -1) if sentence.tokens[place - 1].text in ",:;."), 0)
    before = {token.word for token in sentence.tokens[max(start, at - 5) : at]}
    if rows[0].price is not None:
        return len(rows) >= _LEAST or not _ORDERING.isdisjoint(before)
    is_plain = all(row.thing[:1].islower() for row in rows)
    return is_plain and len(rows) >= _LEAST and not _ORDERING.isdisjoint(before)


def _rows_from(sentence: Sentence, at: int, passage: Passage) -> list[_Row]:
    """Rows joined by commas and «and» from a token on."""
    tokens = sentence.tokens
    rows: list[_Row] = []
    while (row := _counted_at(tokens, at, passage)) is not None:
        rows.append(row)
        at = row.end
        while at < len(tokens) and tokens[at].text in (",", ";", "and", "&", "plus"):
            at += 1
    return rows


def _counted_at(tokens: Sequence[PassageToken], at: int, passage: Passage) -> _Row | None:
    quantity = number_of(tokens[at]) if at < len(tokens) else None
    if quantity is None and at < len(tokens) and tokens[at].word in ("a", "an"):
        quantity = 1
    if quantity is None or quantity <= 0:
        return None
    first = at + 1
    if first < len(tokens) and tokens[first].word in ("x", "×"):
        first += 1
    end = first
    while end < len(tokens) and end - first < _LONGEST_THING:
        token = tokens[end]
        is_of = token.word == "of" and end > first
        glued = token.text == "-" and end > first
        if not (is_of or glued) and (not token.is_word or token.word in _NO_THING or token.unsettles):
            break
        end += 1
    while end - first > 1 and tokens[end - 1].word.endswith("ed") and len(tokens[end - 1].word) > _SHORT:
        # «one tiramisu delivered to …»
        end -= 1
    if end == first or tokens[end - 1].word == "of":
        return None
    thing = passage.written(tokens[first], tokens[end - 1])
    price, each, behind = _price(tokens, end)
    if quantity == 1:
        each = True
    return _Row(thing, quantity, price, each, behind)


def _price(tokens: Sequence[PassageToken], at: int) -> tuple[Value | None, bool, int]:
    """The price behind a thing, whether it is that of one, and where it ends."""
    if at + 1 >= len(tokens) or tokens[at].word not in ("at", "for", "@", "à", "costing", "("):
        return None, False, at
    each = tokens[at].word in ("at", "@", "à")
    money = tokens[at + 1]
    amount = (
        money.mention.value
        if money.mention is not None and money.mention.kind in ("money", "number")
        else None
    )
    if not isinstance(amount, int | float):
        return None, False, at
    end = at + 2
    if end < len(tokens) and tokens[end].word in ("each", "apiece"):
        each, end = True, end + 1
    elif end + 1 < len(tokens) and tokens[end].word in ("per", "a") and tokens[end + 1].is_word:
        each, end = True, end + 2
    if end < len(tokens) and tokens[end].text == ")":
        end += 1
    return Value(amount, money.mention), each, end


def _object_of(row: _Row, roles: Roles, items: Node, root: dict[str, Any]) -> dict[str, Any] | None:
    values: dict[str, Any] = {roles.thing: row.thing}
    if roles.quantity:
        values[roles.quantity] = row.quantity
    if roles.price and row.price is not None:
        if not row.each:
            return None
        values[roles.price] = row.price
    return object_of(values, items, root)


def object_of(values: dict[str, Any], items: Node, root: dict[str, Any]) -> dict[str, Any] | None:
    """An object with these members as its schema wants them; None where one does not fit or one that it must have is missing."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        node = node_of(root, items.properties[name])
        whole = (
            value
            if isinstance(value, Value)
            else Value(value, Mention("text", 0, 0, value) if isinstance(value, str) else None)
        )
        taken = coerced(whole, property_of(name, node.schema), node)
        if taken is NOTHING:
            return None
        found[name] = taken
    missing = set(items.required) - set(found) - set(nullable_of(root, items))
    return None if missing else {**dict.fromkeys(nullable_of(root, items)), **found}
