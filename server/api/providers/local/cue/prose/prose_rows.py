"""Objects that sentences of running prose tell one behind the other: «Room 12 holds 40 people and has a projector, room 14 holds 25»."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.figure.counted_nouns import forms
from server.api.providers.local.cue.passage import Passage, PassageToken, number_of
from server.api.providers.local.cue.prose.slot_match import (
    ToldMembers,
    code_at,
    is_money,
    name_at,
    text_at,
    text_value,
    told_at,
)
from server.api.providers.local.cue.prose.slots import Slots, slots_of
from server.api.providers.local.cue.rows.row_clauses import object_of
from server.api.providers.local.cue.settled import is_led_astray
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.lexicon import first_names
from server.api.providers.local.node import Node
from server.api.providers.local.property import words_of

_LEAST = 2
_MOST = 30
_JOINS = frozenset({",", ";", "and", "&", "plus", "then", "while", "whereas", "\n", ".", "!"})
_STRONG = frozenset({";", ".", "\n", "!"})
_OVER = frozenset({".", "\n", "!"})
_TOTALS = frozenset(
    [
        "total",
        "subtotal",
        "sum",
        "altogether",
        "overall",
        "average",
        "tax",
        "vat",
        "discount",
        "shipping",
        "totals",
        "balance",
    ]
)  # one list
_BULLETS = frozenset({"*", "-", "•", "–", "·"})
_LINKS = frozenset({"(", ")", ":", "-", "–", "—", "|", "/", "=", "is", "are", "was", "were", "has", "have", "had", "with", "at", "on", "still", "also", "too", "currently", "now", "each", "s", "it", "he", "she", "they", "who", "which", "the", "reads", "read", "shows", "showed", "measures", "measured"})  # fmt: skip
_OPENERS = frozenset(
    "send pay transfer book add order buy need want have bring pack include includes included there are is were get got bought ordered invited meet meeting introducing like read recorded measured scored received logged paid sent".split()  # noqa: SIM905  # one list, one line
)
_TAILS = frozenset(
    {"please", "thanks", "thank", "for", "today", "tonight", "tomorrow", "are", "this", "at", "in", "on"}
)
_LONGEST_LEAD = 6
_LONGEST_TAIL = 8
_ANOTHERS = frozenset(
    {
        "until",
        "their",
        "his",
        "her",
        "son",
        "daughter",
        "wife",
        "husband",
        "mother",
        "father",
        "aunt",
        "uncle",
        "cousin",
        "brother",
        "sister",
        "friend",
        "friends",
    }
)
_DAY_VERBS = frozenset(
    [
        "released",
        "published",
        "shipped",
        "built",
        "opened",
        "held",
        "scheduled",
        "set",
        "planned",
        "done",
        "given",
        "administered",
        "born",
        "hired",
        "joined",
        "due",
        "delivered",
        "received",
        "visited",
        "completed",
        "started",
        "finished",
        "launched",
        "issued",
        "dated",
        "performed",
        "taken",
        "expires",
        "expiring",
        "ends",
        "starts",
    ]
)  # as above
_QUOTES = frozenset('"“”„«»')
_LONGEST_QUOTE = 12
_COUNTS = frozenset({"quantity", "qty", "count", "number", "amount", "units", "pieces"})
_ALL = frozenset({"both", "all", "each"})


class _Run(NamedTuple):
    rows: list[dict[str, Any]]
    end: int


class _Text(NamedTuple):
    tokens: Sequence[PassageToken]
    slots: Slots
    passage: Passage
    nouns: frozenset[str]
    """Words for one of the things of the list."""


def rows_of_prose(
    items: Node, passage: Passage, root: dict[str, Any], words: Sequence[str]
) -> list[dict[str, Any]]:
    """The objects of the one run of such sentences; ``words`` are those of the name of their list."""
    slots = slots_of(items, root)
    if slots is None or not passage.sentences:
        return []
    nouns = {form for word in words[-1:] for form in forms(word)}
    nouns |= {slots.members[name].spoken.split(" ")[0] for name in (slots.person, slots.thing) if name}
    found: list[list[dict[str, Any]]] = []
    at = 0
    while at < len(passage.sentences):
        first = at
        at += 1
        if passage.sentences[first].is_taken_back or (first and is_led_astray(passage.sentences[first - 1])):
            continue
        text = _Text(_flat(passage, first), slots, passage, frozenset(nouns))
        run = _run_of(text, len(passage.sentences[first].tokens))
        if run is None:
            continue
        found.append(run.rows)
        while (
            at < len(passage.sentences)
            and passage.sentences[at].tokens
            and (passage.sentences[at].tokens[0].start < text.tokens[run.end - 1].end)
        ):
            at += 1
    if len(found) != 1 or not _LEAST <= len(found[0]) <= _MOST:
        return []
    objects = [_object(row, items, root) for row in found[0]]
    rows = [one for one in objects if one is not None]
    return rows if len(rows) == len(objects) else []


def _object(row: dict[str, Any], items: Node, root: dict[str, Any]) -> dict[str, Any] | None:
    """An object of values, truths and choices; None where it lacks what it must have."""
    plain = {name: value for name, value in row.items() if isinstance(value, Value)}
    chosen = {name: value for name, value in row.items() if name not in plain}
    needed = tuple(name for name in items.required if name not in chosen)
    found = object_of(plain, items._replace(schema={**items.schema, "required": list(needed)}), root)
    return None if found is None else {**found, **chosen}


def _flat(passage: Passage, first: int) -> list[PassageToken]:
    """The tokens from a sentence on, up to one that is taken back."""
    tokens: list[PassageToken] = []
    for sentence in passage.sentences[first:]:
        if sentence.is_taken_back:
            break
        if tokens and sentence.tokens and tokens[-1].text not in _STRONG:
            last = tokens[-1]
            tokens.append(PassageToken("\n", "\n", last.end, last.end))
        tokens += sentence.tokens
    return tokens


def _run_of(text: _Text, length: int) -> _Run | None:
    """The rows from one of the places of the first sentence at which a run may begin."""
    tokens = text.tokens
    for at in range(min(length, len(tokens))):
        if not _may_begin(tokens, at):
            continue
        run = _rows_from(text, at)
        if run is not None and (len(run.rows) >= _LEAST or (at == 0 and len(run.rows[0]) >= _LEAST)):
            return run
        if tokens[at].mention is not None or tokens[at].unsettles or tokens[at].text.startswith(BLANK):
            return None
    return None


def _may_begin(tokens: Sequence[PassageToken], at: int) -> bool:
    if at == 0:
        return True
    before = tokens[at - 1]
    lead = tokens[:at]
    if any(token.unsettles or token.text.startswith(BLANK) for token in lead):
        return False
    if before.text == ":":
        return True
    if before.text in _BULLETS and at == 1:
        return True
    is_plain = (
        at <= _LONGEST_LEAD
        and not any(token.mention is not None for token in lead)
        and all(token.is_word and (not place or not token.is_capital) for place, token in enumerate(lead))
    )
    return is_plain and before.word in _OPENERS | {"are", "is", "a", "an"}


def _rows_from(text: _Text, at: int) -> _Run | None:
    """Rows from a place to the end of a sentence; None where a word of it is not understood."""
    tokens = text.tokens
    rows: list[dict[str, Any]] = [{}]
    opening = ""
    keys = [name for name in (text.slots.person, text.slots.thing) if name]
    is_lines = (
        at > 0
        and tokens[at - 1].text in _BULLETS
        and all(
            tokens[place - 1].text != "\n" or tokens[place].text in _BULLETS
            for place in range(at, len(tokens))
        )
    )
    counts = {
        slot.name for slot in text.slots.members.values() if slot.sort == "number" and slot.spoken in _COUNTS
    }
    joined = True
    safe: _Run | None = None
    while at < len(tokens):
        token = tokens[at]
        if token.text in _STRONG and rows[-1]:
            if token.text != ";" and _is_whole(rows, text.slots, is_lines=is_lines):
                safe = _Run([dict(row) for row in rows], at + 1)
            joined, at = True, at + 1
            while at < len(tokens) and (
                tokens[at].text in _STRONG or (tokens[at].text in _BULLETS and tokens[at - 1].text == "\n")
            ):
                at += 1
            continue
        if token.word in _ALL and joined and len(rows) >= _LEAST and (shared := _shared(text, at, rows)):
            at = shared
            continue
        told = _element(text, at, rows[-1], opening, joined)
        if told is None:
            if token.word in _JOINS:
                joined, at = True, at + 1
                continue
            if _is_day_verb(text, at):
                at += 1
                continue
            if (
                token.word in _LINKS
                and (rows[-1] or token.text in "(-" or token.word == "the")
                and not token.unsettles
            ):
                joined = joined and token.text not in ":"
                at += 1
                continue
            return _ended(text, at, rows, safe, is_lines=is_lines)
        names = [name for name, _ in told.values]
        counts_anew = (
            joined and names[0] in counts and opening not in counts and bool(set(keys) & set(rows[-1]))
        )
        if counts_anew:
            rows.append({})
        elif any(name in rows[-1] for name in names):
            if not joined or names[0] not in (opening, text.slots.thing, text.slots.person):
                return _ended(text, at, rows, safe, is_lines=is_lines)
            rows.append({})
        opening = opening or names[0]
        rows[-1].update(told.values)
        joined, at = False, told.end
    return _Run(rows, at) if _is_whole(rows, text.slots, is_lines=is_lines) else safe


def _is_day_verb(text: _Text, at: int) -> bool:
    """Whether a verb stands there that says what the day behind it is of, which the name of the only day says too."""
    tokens = text.tokens
    if tokens[at].word not in _DAY_VERBS:
        return False
    days = [slot for slot in text.slots.members.values() if slot.sort == "day"]
    behind = at + 1 + (at + 1 < len(tokens) and tokens[at + 1].word in ("on", "by", "at", "for"))
    mention = tokens[behind].mention if behind < len(tokens) else None
    is_day = mention is not None and mention.kind in ("date", "datetime")
    if len(days) != 1 or not is_day:
        return False
    return days[0].spoken in ("date", "day", "when") or days[0].spoken[:4] == tokens[at].word[:4]


def _ended(
    text: _Text, at: int, rows: list[dict[str, Any]], safe: _Run | None, *, is_lines: bool
) -> _Run | None:
    """The run where it stops being understood: whole if only a tail is left of the sentence."""
    tokens = text.tokens
    if safe is not None and tokens[safe.end - 1].end <= tokens[at].start:
        begin = next((place for place in range(safe.end, at + 1) if tokens[place].text.strip()), at)
        if not {token.word for token in tokens[begin : begin + 4]}.isdisjoint(_TOTALS):
            return safe
        if tokens[begin].word in text.nouns or tokens[begin].unsettles or tokens[begin].word in _ALL:
            return None
        if rows[len(safe.rows) :] or rows[: len(safe.rows)] != safe.rows:
            # What goes on has been told in part of one more, or of one of these.
            return None if tokens[begin].word not in ("we", "i", "please", "thanks", "let", "this") else safe
        return safe
    end = next((place for place in range(at, len(tokens)) if tokens[place].text in _OVER), len(tokens))
    tail = tokens[at:end]
    is_led = bool(tail) and (tail[0].word in _TAILS or tokens[at - 1].word in _TAILS)
    is_tail = is_led and len(tail) <= _LONGEST_TAIL
    if not is_tail or any(
        (token.unsettles and token.word not in _ANOTHERS)
        or token.text.startswith(BLANK)
        or (token.mention is not None and token.mention.kind not in ("date", "time", "datetime"))
        or token.text in ",:;("
        or token.word in _ALL
        or token.word in ("and", "except")
        for token in tail
    ):
        return None
    return _Run(rows, end) if _is_whole(rows, text.slots, is_lines=is_lines) else None


def _is_whole(rows: Sequence[dict[str, Any]], slots: Slots, *, is_lines: bool = False) -> bool:
    """Whether each row has what it must, the first more than one member, and all the one that they begin with."""
    keys = [name for name in (slots.person, slots.thing) if name]
    return (
        (is_lines or (len(rows[0]) >= _LEAST and sum(len(row) >= _LEAST for row in rows) * 2 > len(rows)))
        and any(len(row) >= _LEAST for row in rows)
        and all(
            slots.required <= set(row) | {n for n in slots.required if slots.members[n].node.nullable}
            for row in rows
        )
        and all(row for row in rows)
        and all((key in row) == (key in rows[0]) for key in keys for row in rows)
    )


def _shared(text: _Text, at: int, rows: list[dict[str, Any]]) -> int:
    """Where a value that is said of all rows ends: «both cost 10 EUR», «all in size M»."""
    tokens = text.tokens
    if tokens[at].word == "both" and len(rows) != _LEAST:
        return 0
    place = at + 1
    while place < len(tokens) and tokens[place].word in (
        "of",
        "them",
        "are",
        "is",
        "were",
        "have",
        "has",
        "the",
        "it",
    ):
        place += 1
    for begin in (at + 1, place):
        for told in (
            told_at(tokens, begin, text.slots, frozenset(), text.passage) if begin < len(tokens) else ()
        ):
            ends = (
                told.end >= len(tokens) or tokens[told.end].word in _JOINS or tokens[told.end].word == "each"
            )
            if ends and all(name not in row for row in rows for name, _ in told.values):
                for row in rows:
                    row.update(told.values)
                return told.end + (told.end < len(tokens) and tokens[told.end].word == "each")
    return 0


def _element(text: _Text, at: int, row: dict[str, Any], opening: str, joined: bool) -> ToldMembers | None:
    """What stands at a place of a row."""
    tokens = text.tokens
    if tokens[at].text.startswith(BLANK):
        return _key(text, at, row) if joined else None
    held = frozenset(row)
    told = next(iter(told_at(tokens, at, text.slots, held, text.passage)), None)
    has_key = any(name in row for name in (text.slots.person, text.slots.thing) if name)
    key = _key(text, at, row) if joined or not has_key else None
    if told is not None and (so := _truth_in(text, at, told, held)) is not None:
        told = told._replace(values=(*told.values, so))
    if told is not None and not (key is not None and _is_key_first(text, at, row, told, key, opening)):
        return told
    return _first_figure(text, at, row, opening, joined) or key or _bare(text, at, row)


def _truth_in(text: _Text, at: int, told: ToldMembers, held: frozenset[str]) -> tuple[str, Any] | None:
    """The truth that the first words of another turn tell as well: «sold for 85 dollars»."""
    if any(not isinstance(value, Value) for _, value in told.values):
        return None
    for other in told_at(text.tokens, at, text.slots, held, text.passage):
        if (
            len(other.values) == 1
            and isinstance(other.values[0][1], bool)
            and other.end < told.end
            and other.values[0][0] not in held
        ):
            return other.values[0]
    return None


def _first_figure(
    text: _Text, at: int, row: dict[str, Any], opening: str, joined: bool
) -> ToldMembers | None:
    """A bare figure with which rows begin: «87 in chemistry, 92 in physics»."""
    numbers = [slot for slot in text.slots.members.values() if slot.sort == "number"]
    number = number_of(text.tokens[at])
    if number is None or len(numbers) != 1 or text.tokens[at].word in ("a", "an") or not joined:
        return None
    name = numbers[0].name
    is_count = numbers[0].spoken in _COUNTS
    if (row and opening != name and not is_count) or (not row and is_money(numbers[0])):
        return None
    behind = (
        told_at(text.tokens, at + 1, text.slots, frozenset({name}), text.passage)
        if at + 1 < len(text.tokens)
        else iter(())
    )
    if next((told for told in behind if told.values[0][0] != name), None) is None and not is_count:
        return None
    return ToldMembers(((name, Value(number, text.tokens[at].mention)),), at + 1)


def _is_key_first(
    text: _Text, at: int, row: dict[str, Any], told: ToldMembers, key: ToldMembers, opening: str
) -> bool:
    """Whether a thing goes before what else stands there."""
    names = {name for name, _ in told.values}
    is_own = text.tokens[at].word in text.nouns
    return (is_own and key.end > told.end - 1) or (bool(names & set(row)) and key.values[0][0] == opening)


def _key(text: _Text, at: int, row: dict[str, Any]) -> ToldMembers | None:
    """Who or what a row is of."""
    tokens, slots = text.tokens, text.slots
    first = at
    while (
        first < len(tokens)
        and tokens[first].word in ("the", "a", "an", "our", "my", "another")
        and first - at < _LEAST
    ):
        first += 1
    if first >= len(tokens) or tokens[first].word in ("it", "he", "she", "they"):
        return None
    if (
        at
        and tokens[at - 1].word in ("is", "are", "was", "were")
        and tokens[first].word.endswith(("ing", "ed"))
    ):
        # «are staying with …»
        return None
    for name in (slots.person, slots.thing):
        if not name or (name in row and name == slots.person and slots.thing and slots.thing not in row):
            continue
        slot = slots.members[name]
        coded = _coded(text, first, name)
        if coded is not None:
            return coded
        token = tokens[first]
        if name == slots.thing and token.text in first_names() and slot.spoken not in ("name", "title"):
            continue
        if token.text in _QUOTES:
            return _quoted(text, first, name)
        if (
            token.word in text.nouns
            and first + 1 < len(tokens)
            and tokens[first + 1].is_word
            and name == slots.thing
        ):
            # «task login page»
            first += tokens[first + 1].word not in _LINKS and tokens[first + 1].word not in _JOINS
        if name == slots.person:
            found = name_at(tokens, first, text.passage)
            if (
                found is not None
                and found[1] < len(tokens)
                and tokens[found[1]].text == "-"
                and tokens[found[1]].start == tokens[found[1] - 1].end
            ):
                found = text_at(tokens, first, text.passage)
            if found is None and slot.spoken == "name" and not slots.thing:
                found = text_at(tokens, first, text.passage)
        elif token.mention is not None and token.mention.kind == "code":
            found = (text_value(token.text), first + 1)
        else:
            found = text_at(tokens, first, text.passage)
        if found is not None and not any(token.unsettles for token in tokens[first : found[1]]):
            end = _verb_cut(text, first, found[1])
            if end <= first:
                continue
            value = text_value(text.passage.written(tokens[first], tokens[end - 1]))
            return ToldMembers(((name, value),), end)
    return None


def _quoted(text: _Text, at: int, name: str) -> ToldMembers | None:
    """What stands in quotation marks."""
    tokens = text.tokens
    end = next(
        (
            place
            for place in range(at + 1, min(len(tokens), at + _LONGEST_QUOTE))
            if tokens[place].text in _QUOTES
        ),
        0,
    )
    if end <= at + 1:
        return None
    said = text.passage.prompt[tokens[at].end : tokens[end].start].strip()
    return ToldMembers(((name, text_value(said)),), end + 1) if said and BLANK not in said else None


def _verb_cut(text: _Text, first: int, end: int) -> int:
    """Where a thing ends before a word that begins the turn of a member."""
    tokens = text.tokens
    for at in range(first + 1, end):
        if next(iter(told_at(tokens, at, text.slots, frozenset(), text.passage)), None) is not None:
            return at
    return end


def _coded(text: _Text, first: int, name: str) -> ToldMembers | None:
    """«Room 12», «sensor A»: a noun of the list and what tells one from another."""
    tokens = text.tokens
    if tokens[first].word not in text.nouns or first + 1 >= len(tokens):
        return None
    found = code_at(tokens, first + 1, text.passage)
    if found is None or (found[0].value.isalpha() and len(found[0].value) > _LEAST):
        return None
    spoken = text.slots.members[name].spoken
    is_id = spoken.split(" ")[-1] in ("id", "number", "no", "code", "nr") or spoken == tokens[first].word
    value = found[0].value if is_id else text.passage.written(tokens[first], tokens[found[1] - 1])
    return ToldMembers(((name, text_value(value)),), found[1])


def _bare(text: _Text, at: int, row: dict[str, Any]) -> ToldMembers | None:
    """A figure or a text without a word beside it, for the only member that it can be."""
    tokens, slots = text.tokens, text.slots
    if not row or at == 0:
        return None
    is_apart = tokens[at - 1].text in "(,:-–—|/" or tokens[at - 1].word in ("with",)
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    is_last = behind is None or behind.word in _JOINS or behind.text in ")|-–—/"
    numbers = [slot for slot in slots.members.values() if slot.sort == "number"]
    number = number_of(tokens[at])
    if number is not None and len(numbers) == 1 and is_last and numbers[0].name not in row:
        is_behind = tokens[at - 1].is_word and tokens[at - 1].is_capital
        is_apart = is_apart and (tokens[at - 1].text != "," or not is_money(numbers[0]))
        is_aged = numbers[0].spoken != "age" or 0 <= number < 120  # as old as persons get
        if (is_apart or (is_behind and not is_money(numbers[0]))) and is_aged:
            return ToldMembers(((numbers[0].name, Value(number, tokens[at].mention)),), at + 1)
    texts = [
        slot
        for slot in slots.members.values()
        if slot.sort == "text" and slot.name not in (slots.person, slots.thing)
    ]
    if len(texts) == 1 and texts[0].name not in row and is_apart and tokens[at].is_word:
        found = text_at(tokens, at, text.passage)
        if found is not None and (
            found[1] >= len(tokens) or tokens[found[1]].word in _JOINS or tokens[found[1]].text in ")|"
        ):
            is_closed = tokens[at - 1].text != "," or len(found[0].value.split()) <= _LEAST + 1
            if is_closed and not set(words_of(found[0].value)) & text.nouns:
                return ToldMembers(((texts[0].name, found[0]),), found[1])
    return None
