"""A caller's schema filled from a prompt; what has no evidence in it is left out, never invented."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from time import thread_time
from typing import Any

from server.api.providers.local.assertion.assertion import asserted
from server.api.providers.local.assertion.plain import plainly
from server.api.providers.local.assertion.schema_vocabulary import labels_asked_for, vocabulary_of
from server.api.providers.local.coercion import NOTHING, coerced, fits
from server.api.providers.local.cue.cue import told_by_cues
from server.api.providers.local.cue.passage import Passage, passage_of
from server.api.providers.local.entities import named_in
from server.api.providers.local.evidence.evidence import Evidence, read_number
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.evidence.need import told_of_need
from server.api.providers.local.evidence.warrant import is_warranted
from server.api.providers.local.frame.frame import told_by_frames
from server.api.providers.local.label import labels_in
from server.api.providers.local.language import language_of
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.node import Node, node_of
from server.api.providers.local.numeral import Separators, separators_in
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, property_of
from server.api.providers.local.record import counted_row, measured_row, thing_of, value_of_pair
from server.api.providers.local.rows import denied_part, enumeration, listed_pairs, pairs_of, row_of, segments
from server.api.providers.local.structure.introduction import lead_of, leaves_it
from server.api.providers.local.structure.json_text import json_in, without_shown
from server.api.providers.local.structure.labelled_clause import (
    assigned,
    labelled_clauses,
    with_clauses,
    with_colons,
)
from server.api.providers.local.structure.log_line import logged_in
from server.api.providers.local.structure.member import json_members, listed_objects, records_of
from server.api.providers.local.structure.phrase_grammar import Told, told_in
from server.api.providers.local.structure.postal_address import (
    addresses_in,
)
from server.api.providers.local.structure.signature import signed_by
from server.api.providers.local.values.admission import admitted
from server.api.providers.local.values.figures import figures_for
from server.api.providers.local.values.leaf import Leaf, property_at
from server.api.providers.local.values.message import LONGEST_MESSAGE, told_by_phrases, told_by_writer
from server.api.providers.local.values.postal import addresses_for
from server.api.providers.local.values.shared_rows import without_shared_rows
from server.api.providers.local.wording import truth, value_named, values_named
from server.api.wire import Analysis

_DEPTH = 6
_LEAVES = 400
_LEVELS = 3
"""Alternatives within alternatives that are tried."""
_CPU_S = 0.5
"""Processor time for one schema; what was not come to by then is left out."""
_OWN = ("intent", "original_language", "output_format")
_SIGNS = words_named("signs")
"""Who writes a letter, by the first word of the property's name."""
_NESTED = 2
"""Colons in a row with which it is no pair."""
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_PERSONAL = frozenset({"email", "phone", "age", "first_name", "last_name", "job"})
_SEVERAL_OF_A_KIND = frozenset(
    {
        "email",
        "phone",
        "url",
        "date",
        "time",
        "organization",
        "person",
        "city",
        "country",
        "language",
        "money",
    }
)
_QUANTITIES = frozenset(
    {
        ("quantity",),
        ("qty",),
        ("menge",),
        ("quantité",),
        ("cantidad",),
        ("quantità",),
        ("quantidade",),
        ("aantal",),
    }
)
"""Names of how many are ordered."""


def fill(definition: dict[str, Any], prompt: str, understood: Analysis) -> dict[str, Any]:
    """What the prompt holds of what the schema asks for; it need not be all that the schema requires."""
    language = language_of(prompt)
    separators = separators_in(prompt, language)
    said = without_shown(asserted(prompt, understood.intent))
    labels, counted = labels_asked_for(definition)
    clauses = [*labelled_clauses(said, labels, counted), *assigned(said, labels)]
    said = with_colons(said, clauses)
    named = named_in(said, language)
    until = thread_time() + _CPU_S
    places = [Mention("address", found.start, found.end, "") for found in addresses_in(said)]
    known = sorted(
        [*(m for m in named if not any(p.start <= m.start < p.end for p in places)), *places], key=_start
    )
    plain = with_clauses(plainly(prompt, said, known, vocabulary_of(definition)), said, clauses)
    wished = without_shown(asserted(prompt, understood.intent, "doubt"))
    evidence = Evidence(said, named, separators, prompt, wished=wished)
    told = (
        [*told_in(prompt, said, named_in(prompt, language), understood.intent), *logged_in(said)]
        if len(prompt) <= LONGEST_MESSAGE
        else []
    )
    passage = passage_of(prompt, said, named, separators, language)
    passage = passage._replace(wished=passage_of(prompt, wished, named, separators, language).sentences)
    filler = _Filler(definition, evidence, understood, separators, until)
    filler.told = told
    filler.passage = passage
    filler.is_lax = True
    whole = filler.object(node_of(definition, definition)) or {}
    cued = filler.cued
    if plain == said or not whole:
        return whole
    evidence = Evidence(plain, named_in(plain, language), separators, prompt, said, wished)
    filler = _Filler(definition, evidence, understood, separators, until)
    filler.told = told
    filler.passage = passage
    filler.cued = cued
    found: dict[str, Any] = _agreed(filler.object(node_of(definition, definition)) or {}, whole)
    return found


def _start(mention: Mention) -> int:
    return mention.start


def _agreed(found: Any, whole: Any) -> Any:
    """What the plain sentences hold, where the others hold nothing else in its place."""
    if not isinstance(found, dict) or not isinstance(whole, dict):
        return found
    return {
        name: _agreed(value, whole[name])
        for name, value in found.items()
        if name in whole and (isinstance(value, dict) or value == whole[name])
    }


class _Filler:
    """Fills the properties of an object: first those that are labelled, then those of which only one thing is left."""

    def __init__(
        self,
        root: dict[str, Any],
        evidence: Evidence,
        understood: Analysis,
        separators: Separators,
        until: float,
        level: int = 0,
    ) -> None:
        self._until = until
        self._level = level
        self._root = root
        self._evidence = evidence
        self._understood = understood
        self._separators = separators
        self._json = json_in(evidence.said) if not level else None
        self.told: Sequence[Told] = ()
        """What sentences tell that are understood from end to end."""
        self.passage: Passage | None = None
        """Where cues are looked for."""
        self.cued: dict[tuple[str, ...], Any] | None = None
        """What cues tell, once they have been looked for."""
        self.is_lax = False
        """Whether values are taken from more than plain sentences: cues go before them then."""

    def object(self, node: Node) -> dict[str, Any]:
        """What there is evidence for; required members that may be null are null without it."""
        given = json_members(self._root, node, self._json) if self._json is not None else {}
        leaves = list(islice(self._leaves(node, (), 0), _LEAVES))
        values = {**self._labelled([leaf for leaf in leaves if leaf.path not in given]), **given}
        values.update(
            {
                place: value
                for place, value in addresses_for(leaves, self._evidence).items()
                if place not in given
            }
        )
        for place, value in figures_for(leaves, self._evidence, self._separators).items():
            values.setdefault(place, value)
        for place, value in told_by_writer(leaves, self._evidence).items() if not self._level else ():
            values.setdefault(place, value)
        self._alone(leaves, values)
        for place, value in told_by_phrases(leaves, self.told).items():
            values.setdefault(place, value)
        if self.cued is None:
            self.cued = told_by_cues(leaves, self.passage, self._root) if self.passage is not None else {}
        listed = {place: value for place, value in self.cued.items() if isinstance(value, list)}
        values = {**values, **self.cued} if self.is_lax else {**self.cued, **values, **listed}
        values = without_shared_rows(values)
        if self.passage is not None:
            values = {**values, **told_by_frames(leaves, self.passage, values)}
        values = admitted(values, leaves, self._evidence)
        self._filled = {path[:length] for path in values for length in range(1, len(path))}
        return self._assembled(node, (), values, 0)

    def _leaves(self, node: Node, path: tuple[str, ...], depth: int) -> Iterator[Leaf]:
        for name, member in node.properties.items():
            inner = node_of(self._root, member)
            if inner.is_object and inner.properties and depth < _DEPTH:
                yield from self._leaves(inner, (*path, name), depth + 1)
            else:
                yield Leaf((*path, name), property_at(path, name, inner), inner, name in node.required)

    def _labelled(self, leaves: Sequence[Leaf]) -> dict[tuple[str, ...], Any]:
        """Values that stand beside their labels. One thing that two properties claim is neither's."""
        twins = Counter(map(_shared, leaves))
        found: dict[tuple[str, ...], tuple[Any, Mention | None]] = {}
        for leaf in leaves:
            if "const" in leaf.node.schema or leaf.node.branches:
                continue
            if twins[_shared(leaf)] > 1 and leaf.asked.known:
                # Two names for one thing: only its own words tell them apart.
                leaf = leaf._replace(asked=leaf.asked._replace(labels=leaf.asked.own))
            if thread_time() > self._until:
                break
            value, mention = self._leaf(leaf, leaves)
            if value is not NOTHING:
                found[leaf.path] = (value, mention)
        claims = Counter(mention.start for _, mention in found.values() if mention is not None)
        self._taken = frozenset(claims)
        return {
            path: value
            for path, (value, mention) in found.items()
            if mention is None or claims[mention.start] == 1
        }

    def _leaf(self, leaf: Leaf, leaves: Sequence[Leaf]) -> tuple[Any, Mention | None]:
        asked, node, evidence = leaf.asked, leaf.node, self._evidence
        listed = node.schema.get("enum")
        if isinstance(listed, list):
            value = self._one_of(leaf, listed)
            return (NOTHING if value is None else value), None
        if "array" in node.types:
            return self._array(leaf), None
        if "object" in node.types and not node.properties:
            return self._map(leaf), None
        if node.types == ("boolean",):
            value = truth(evidence.text, evidence.masked, asked)
            if value is None:
                value = told_of_need(evidence.wished, evidence.text, "_".join(asked.words))
            return (NOTHING if value is None else value), None
        if leaf.path[-1] in _OWN and "string" in (node.types or ("string",)):
            return str(getattr(self._understood, leaf.path[-1])), None
        found = self._found(asked, node, leaves)
        if found is None and node.schema.get("format") == "uuid":
            found = evidence.shaped(lambda text: pattern(_UUID).fullmatch(text) is not None)
        if found is None and _is_shaped(node):
            found = evidence.shaped(lambda text: fits(text, node))
        return coerced(found, asked, node), found.mention if found is not None else None

    def _found(self, asked: Property, node: Node, leaves: Sequence[Leaf]) -> Value | None:
        evidence = self._evidence
        types = node.types or ("string",)
        found = evidence.labelled(asked, types)
        if found is not None:
            return found
        if (
            asked.kind == "person"
            and asked.words
            and asked.words[0] in _SIGNS
            and not evidence.rest_of_label(asked)
        ):
            said = None if self._understood.intent in ("create", "rewrite") else signed_by(evidence.said)
            others = {m.text for m in evidence.named if m.kind == "person" and m.text != said}
            if others and asked.words[0] in (
                "customer",
                "client",
                "cliente",
                "kunde",
                "klant",
                "klient",
                "applicant",
            ):
                # A letter about somebody else may be that one's.
                said = None
            if said is not None:
                return Value(said)
        if node.schema.get("format") == "duration" and (said := evidence.rest_of_label(asked)) is not None:
            return Value(said)
        if asked.kind == "quantity" and asked.unit:
            return evidence.quantity(asked)
        if asked.kind == "age":
            return evidence.age(asked)
        if asked.kind == "rating":
            return evidence.rated(asked)
        if asked.kind == "count" and asked.words in _QUANTITIES:
            return evidence.ordered(asked)
        if "string" in types and asked.kind in ("text", "", "first_name", "last_name", "postal_code"):
            said = evidence.rest_of_label(asked)
            if said is not None:
                return _of_label(said, asked)
        if asked.kind == "text" and asked.words and asked.words[-1] in ("title", "subject", "name"):
            return evidence.titled()
        if not asked.kind and set(types) & {"integer", "number"}:
            said = evidence.rest_of_label(asked)
            number = read_number(said, self._separators) if said is not None else None
            return Value(number) if number is not None else None
        if (
            asked.kind in ("date", "datetime")
            and (len(asked.words) == 2 or (len(asked.words) == 1 and not asked.generic))
            and asked.words[0] not in ("due", "birth", "start", "end", "check")
        ):
            return evidence.in_sentence(asked)
        if asked.kind == "organization" and asked.words[0] in (
            "vendor",
            "supplier",
            "seller",
            "issuer",
            "buyer",
            "customer",
            "client",
        ):
            seller, buyer = evidence.parties()
            return buyer if asked.words[0] in ("buyer", "customer", "client") else seller
        return None

    def _alone(self, leaves: Sequence[Leaf], values: dict[tuple[str, ...], Any]) -> None:
        """The only thing of a kind, for the only property that it can be."""
        open_leaves = [leaf for leaf in leaves if leaf.path not in values and self._by_kind(leaf)]
        kinds = Counter(leaf.asked.kind for leaf in open_leaves)
        empty = Counter(leaf.asked.kind for leaf in leaves if leaf.path not in values)
        for leaf in open_leaves:
            if kinds[leaf.asked.kind] != 1:
                continue
            if leaf.asked.kind in ("first_name", "last_name"):
                value = self._half_of_name(leaf)
            elif leaf.asked.kind == "currency":
                value = self._currency(leaf)
            elif leaf.asked.kind == "person" and not _about_persons(leaf, leaves):
                continue
            else:
                value = coerced(
                    self._evidence.alone(leaf.asked, self._taken, rivals=empty[leaf.asked.kind] > 1),
                    leaf.asked,
                    leaf.node,
                )
            if value is not NOTHING:
                values[leaf.path] = value

    def _by_kind(self, leaf: Leaf) -> bool:
        node = leaf.node
        plain = "enum" not in node.schema and "const" not in node.schema and not node.branches
        scalar = not set(node.types) & {"array", "object", "boolean"}
        return plain and scalar and (leaf.asked.generic or self._noun_is_there(leaf))

    def _noun_is_there(self, leaf: Leaf) -> bool:
        """Whether the prompt speaks of what tells a property from others of its kind: «invoice» for invoice_date."""
        words = leaf.asked.words
        if (
            len(words) != 2
            or words[1] not in ("date", "total", "amount", "price", "cost", "time")
            or words[0] in ("due", "birth", "start", "end", "unit", "tax", "discount", "shipping", "delivery")
        ):
            return False
        return pattern(r"[\p{L}]+").search(self._evidence.text) is not None and any(
            word[0].lower() in (words[0], words[0] + "s")
            for word in pattern(r"[\p{L}]+").finditer(self._evidence.text)
        )

    def _half_of_name(self, leaf: Leaf) -> Any:
        persons = [mention for mention in self._evidence.named if mention.kind == "person"]
        if len({person.text for person in persons}) != 1 or persons[0].unit != "full":
            return NOTHING
        if not is_warranted(self._evidence.masked, persons[0].start, persons[0].end, leaf.asked):
            return NOTHING
        parts = persons[0].text.split()
        value = parts[0] if leaf.asked.kind == "first_name" else parts[-1]
        return value if len(parts) == 2 and fits(value, leaf.node) else NOTHING

    def _currency(self, leaf: Leaf) -> Any:
        codes = {mention.unit for mention in self._evidence.named if mention.kind == "money"}
        value = codes.pop() if len(codes) == 1 else NOTHING
        return value if value is not NOTHING and fits(value, leaf.node) else NOTHING

    def _one_of(self, leaf: Leaf, listed: Sequence[Any]) -> Any:
        name = leaf.path[-1]
        if name in _OWN and getattr(self._understood, name) in listed:
            return getattr(self._understood, name)
        if leaf.asked.kind == "currency":
            found = self._currency(leaf)
            if found is not NOTHING:
                return found
        if all(isinstance(value, int | float) for value in listed if value is not None):
            value = self._evidence.labelled(leaf.asked, ("number",))
            return value.value if value is not None and value.value in listed else None
        return value_named(self._evidence.text, self._evidence.masked, leaf.asked, listed)

    def _array(self, leaf: Leaf) -> Any:
        items = node_of(self._root, leaf.node.schema.get("items", {}))
        name, asked = leaf.path[-1], leaf.asked
        single = property_of(name[:-1] if name.endswith("s") else name, items.schema)
        labels = tuple(dict.fromkeys((*asked.labels, *(single.labels if asked.kind == "" else ()))))
        if isinstance(items.schema.get("enum"), list):
            return values_named(self._evidence.text, labels, items.schema["enum"]) or NOTHING
        if items.is_object and items.properties:
            return self._rows(items, labels) or NOTHING
        if set(items.types) & {"integer", "number"}:
            return self._numbers(name, labels, items)
        if "string" not in (items.types or ("string",)):
            return NOTHING
        said = enumeration(self._evidence.text, labels, self._evidence.said)
        if said:
            return (
                [part for part in said if fits(part, items) and not denied_part(part)]
                if said[0].lower() not in words_named("nothing")
                else NOTHING
            )
        if single.kind in _SEVERAL_OF_A_KIND and single.generic:
            return self._all_of_kind(single, items)
        return NOTHING

    def _all_of_kind(self, single: Property, items: Node) -> Any:
        if single.kind == "person" and any(
            m.unit != "full" for m in self._evidence.named if m.kind == "person"
        ):
            return NOTHING
        mentions = [
            m
            for m in self._evidence.named
            if m.kind == single.kind or (single.kind == "date" and m.kind == "datetime")
        ]
        found = [
            coerced(Value(m.value if m.value is not None else m.text, m), single, items) for m in mentions
        ]
        return list(dict.fromkeys(found)) if found and NOTHING not in found else NOTHING

    def _numbers(self, name: str, labels: Sequence[str], items: Node) -> Any:
        said = enumeration(self._evidence.text, labels)
        if (
            any(pattern(r"\p{Nd}+,\p{Nd}{1,2}").fullmatch(part) for part in said)
            and ", " in self._evidence.text
        ):
            # «1, 2, 3,5»: nobody can say whether these are three numbers or four.
            return NOTHING
        figures = [read_number(part, self._separators) for part in said]
        if figures and None not in figures:
            return figures if all(fits(figure, items) for figure in figures) else NOTHING
        if name.lower() in ("numbers", "values", "figures", "integers"):
            plain = [n for n in self._evidence.numbers() if "number" in items.types or isinstance(n, int)]
            return plain if plain and len(plain) == len(self._evidence.numbers()) else NOTHING
        return NOTHING

    def _map(self, leaf: Leaf) -> Any:
        """The pairs behind the label of an object without known members."""
        labels = leaf.asked.labels
        leads = [
            lead_of(self._evidence.text, label.start) for label in labels_in(self._evidence.text, labels)
        ]
        behind = ""
        if all(map(leaves_it, leads)):
            behind = self._behind(leaf.asked) or self._evidence.rest_of_label(leaf.asked) or ""
        pairs = pairs_of(behind or listed_pairs(self._evidence.said, labels))
        member = node_of(self._root, leaf.node.schema.get("additionalProperties", {}))
        found: dict[str, Any] = {}
        for key, text in pairs.items():
            number = self._figure(text)
            numeric = bool(set(member.types) & {"integer", "number"})
            value: Any = number if numeric else text
            if value is None or (numeric and "number" not in member.types and not isinstance(value, int)):
                return NOTHING
            found[key] = value
        return found or NOTHING

    def _figure(self, text: str) -> float | int | None:
        """The number, or the amount, that a whole text is."""
        number = read_number(text, self._separators)
        if number is not None:
            return number
        whole = [
            mention
            for mention in named_in(text, self._language())
            if mention.text.strip() == text.strip(" .")
        ]
        value = (
            whole[0].value
            if len(whole) == 1 and whole[0].kind in ("money", "quantity", "percentage")
            else None
        )
        return value if isinstance(value, int | float) else None

    def _behind(self, asked: Property) -> str:
        """Everything behind the label of pairs up to the end of its line: pairs have colons of their own."""
        lowered = self._evidence.text.lower()
        for label in asked.labels:
            for mark in (":", " :", "："):
                at = lowered.find(label + mark)
                if at >= 0 and (at == 0 or not lowered[at - 1].isalnum()):
                    behind = self._evidence.text[at + len(label + mark) :]
                    return behind.split("\n")[0].strip().rstrip(".")
        return ""

    def _rows(self, items: Node, labels: Sequence[str]) -> list[dict[str, Any]]:
        """One object for each row of an enumeration; nothing unless every row is understood."""
        if self._level >= _LEVELS:
            return []
        if isinstance(self._json, list):
            return listed_objects(self._root, items, self._json)
        recorded = records_of(self._root, items, self._evidence.records(), self._language())
        if recorded:
            return recorded
        parts = segments(self._evidence.text, labels, self._evidence.said)
        rows = [self._row(items, part) for part in parts]
        if not rows or any(
            row is None or set(items.required) - set(row) or len(row) < min(2, len(items.properties))
            for row in rows
        ):
            return []
        return [row for row in rows if row]

    def _language(self) -> str:
        return language_of(self._evidence.said)

    def _row(self, items: Node, text: str) -> dict[str, Any] | None:
        language = self._language()
        evidence = Evidence(text, named_in(text, language), self._separators)
        row = row_of(text)
        found = _Filler(
            self._root, evidence, self._understood, self._separators, self._until, self._level + 1
        ).object(items)
        thing = thing_of(items)
        measured = (
            measured_row(self._root, evidence, self._separators, items, text, thing)
            if thing is not None
            else None
        )
        if measured is not None:
            return measured
        if row is not None and thing is not None and row.name.lower() not in items.properties:
            return counted_row(self._root, items, row, thing, found, evidence)
        head = pattern(r"^[^\p{L}\p{N}]*([^<(:=–@]{2,60}?)\s*(?:[<(:=–]| - |, )").match(text)
        if head is not None and thing is not None and text.count(": ") < _NESTED:
            found[thing] = head[1].strip()
            value_of_pair(self._root, evidence, self._separators, items, text, thing, found)
        return found

    def _assembled(
        self, node: Node, path: tuple[str, ...], values: dict[tuple[str, ...], Any], depth: int
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, member in node.properties.items():
            inner, place = node_of(self._root, member), (*path, name)
            value = values.get(place, NOTHING)
            if value is NOTHING and place in self._filled:
                value = self._assembled(inner, place, values, depth + 1)
                constant = _constants(inner)
                if not value or set(value) <= constant or all(part is None for part in value.values()):
                    value = NOTHING
            elif value is NOTHING and inner.branches:
                value = self._branch(inner, name)
            if value is not NOTHING:
                found[name] = value
            elif name in node.required and "const" in inner.schema:
                found[name] = inner.schema["const"]
            elif name in node.required and inner.nullable:
                found[name] = None
        if node.branches and not path:
            found = self._branch_of_whole(node, found)
        return found

    def _branch(self, node: Node, name: str) -> Any:
        """The one alternative for which there is evidence."""
        plain = [branch for branch in node.branches if not branch.is_object]
        for branch in plain:
            leaf = Leaf((name,), property_of(name, branch.schema), branch, required=False)
            value = self._leaf(leaf, [leaf])[0]
            if value is not NOTHING:
                return value
        found = [
            {**_telling(branch, node.branches), **value}
            for branch in node.branches
            if branch.is_object and (value := self._evident(branch)) is not NOTHING
        ]
        return found[0] if len(found) == 1 else NOTHING

    def _branch_of_whole(self, node: Node, found: dict[str, Any]) -> dict[str, Any]:
        branches = [value for branch in node.branches if (value := self._evident(branch)) is not NOTHING]
        return {**found, **branches[0]} if len(branches) == 1 else found

    def _evident(self, branch: Node) -> Any:
        """An object of this alternative with everything that it requires, and more than its constants."""
        if thread_time() > self._until or self._level >= _LEVELS:
            return NOTHING
        inner = _Filler(
            self._root, self._evidence, self._understood, self._separators, self._until, self._level + 1
        )
        inner.passage, inner.is_lax = self.passage, self.is_lax
        value = inner.object(branch)
        return value if set(value) - _constants(branch) and not set(branch.required) - set(value) else NOTHING


def _shared(leaf: Leaf) -> tuple[str, ...]:
    """The labels that other names of the same thing have too."""
    others = [label for label in leaf.asked.labels if label not in leaf.asked.own]
    return (*others[-2:], leaf.asked.kind)


_LONG_TEXTS = words_named("long_texts")
"""Properties whose texts may hold commas."""


def _of_label(said: str, asked: Property) -> Value | None:
    """The text behind a label; a short text ends at a comma, and where several stand it is none of them."""
    if asked.kind in ("first_name", "last_name", "postal_code"):
        return Value(said.split(",")[0].strip())
    if "_".join(asked.words) in _LONG_TEXTS or said.count(",") == 0:
        return Value(said)
    first = said.split(",")[0].strip()
    return Value(first) if " " not in first else None


def _is_shaped(node: Node) -> bool:
    """Whether the caller tells by a pattern from end to end what the text looks like."""
    expression = node.schema.get("pattern")
    return (
        isinstance(expression, str)
        and expression.startswith("^")
        and expression.endswith("$")
        and not {"enum", "const", "format"} & set(node.schema)
        and node.types == ("string",)
    )


def _constants(node: Node) -> set[str]:
    return {
        name for name, member in node.properties.items() if isinstance(member, dict) and "const" in member
    }


def _telling(branch: Node, branches: Sequence[Node]) -> dict[str, Any]:
    """The constants that tell an alternative from each of the others."""
    found = {name: branch.properties[name]["const"] for name in _constants(branch)}
    others = [other.properties for other in branches if other is not branch]
    return {
        name: value
        for name, value in found.items()
        if all(
            isinstance(other.get(name), dict) and other[name].get("const", value) != value for other in others
        )
    }


def _about_persons(leaf: Leaf, leaves: Sequence[Leaf]) -> bool:
    """Whether the object with this name is a person: it has what persons have."""
    if leaf.asked.words[0] in ("full", "person", "contact", "fullname"):
        return True
    return any(
        other.asked.kind in _PERSONAL or "birth" in other.asked.words
        for other in leaves
        if other.path[:-1] == leaf.path[:-1]
    )
