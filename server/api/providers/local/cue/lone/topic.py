"""What a message is about by the name with which it begins: «Hotel Miramar, Split: …», «The Harbour Jazz Night is on …», «The Norvik N2 desk lamp weighs …»."""

from collections.abc import Iterator, Sequence
from functools import cache

from server.api.providers.local.cue.cue_row import Cued, slot_ends, text_of
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import is_settled
from server.api.providers.local.cue.text.nouns import is_job
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_PRODUCTS = frozenset(
    [
        "product",
        "product_name",
        "product_title",
        "model",
        "model_name",
        "item",
        "item_name",
        "name",
        "device",
        "device_name",
        "title",
    ]
)
_DISHES = frozenset(
    [
        "meal",
        "dish",
        "food",
        "dish_name",
        "meal_name",
        "recipe",
        "recipe_name",
        "food_name",
        "product",
        "product_name",
        "item",
        "name",
    ]
)
_JOBS = frozenset("title job_title position role job position_title".split())  # noqa: SIM905
_EMPLOYERS = frozenset(
    [
        "employer",
        "employer_name",
        "company",
        "company_name",
        "organization",
        "organisation",
        "hiring_organization",
    ]
)
_PETS = frozenset("pet_name pet dog_name cat_name animal_name dog cat name animal".split())  # noqa: SIM905
_OF_PRODUCTS = frozenset(
    [
        "weighs",
        "measures",
        "costs",
        "is",
        "has",
        "comes",
        "runs",
        "offers",
        "lasts",
        "features",
        "delivers",
        "retails",
        "sells",
        "ships",
        "holds",
    ]
)
_IS = frozenset(
    [
        "is",
        "takes",
        "will",
        "runs",
        "has",
        "starts",
        "begins",
        "opens",
        "returns",
        "features",
        "offers",
        "serves",
        "closes",
    ]
)
_LONGEST = 6


def topics(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The one property that asks for what a message is about, with the name with which it begins."""
    if not passage.sentences or passage.sentences[0].is_taken_back:
        return
    sentence = passage.sentences[0]
    for names, first, end in _told(sentence, passage):
        asking = [leaf for leaf in leaves if _asks(leaf, names)]
        exact = [leaf for leaf in asking if leaf.path[-1] != "name"]
        asking = exact or asking
        if len(asking) == 1 and is_settled(sentence, first, end):
            yield asking[0], _cued(sentence.tokens, first, end, passage)


def _asks(leaf: Leaf, names: frozenset[str]) -> bool:
    if "string" not in (leaf.node.types or ("string",)) or "format" in leaf.node.schema:
        return False
    words = words_of(leaf.path[-1])
    if len(leaf.path) > 1:
        whole = "_".join((*words_of(leaf.path[-2]), *words))
        return whole in names if words != ["name"] else "_".join(words_of(leaf.path[-2])) in names
    return "_".join(words) in names


def _told(sentence: Sentence, passage: Passage) -> Iterator[tuple[frozenset[str], int, int]]:
    tokens = sentence.tokens
    first = 1 if tokens and tokens[0].word in ("the", "our") and len(tokens) > 1 else 0
    if not tokens:
        return
    yield from _job(tokens, passage)
    yield from _pet(tokens, passage)
    end = _name_end(tokens, first)
    if not end or end >= len(tokens):
        yield from _dish(tokens)
        return
    behind = tokens[end]
    goes_on = (
        behind.text in ",:("
        or behind.word in _IS
        or behind.word in ("on", "at")
        or behind.mention is not None
    )
    if goes_on and end - first > 1:
        last, head = tokens[end - 1].word, tokens[first].word
        for ends, starts, names in _rows():
            if last in ends or (head in starts and tokens[end - 1].is_capital):
                yield names, first, end
    if first == 0 and behind.word == "at" and end - first == 1:
        return
    figured = max(
        (place for place in range(first, end) if any(map(str.isdecimal, tokens[place].text))), default=-1
    )
    if figured > first and tokens[first].is_capital and tokens[figured].text[:1].isupper():
        stop = _noun_behind(tokens, figured + 1)
        if stop < len(tokens) and (tokens[stop].text == ":" or tokens[stop].word in _OF_PRODUCTS):
            yield _PRODUCTS, first, figured + 1
    yield from _dish(tokens)


def _name_end(tokens: Sequence[PassageToken], first: int) -> int:
    """The end of the words with capitals with which a sentence begins, and of the noun of an event behind them."""
    end = first
    while end < len(tokens) and end - first < _LONGEST:
        token = tokens[end]
        is_code = token.mention is not None and token.mention.kind in ("code", "number") and end > first
        glued = token.text in ("-", "&", "'") and end > first
        if not (token.is_capital or is_code or glued):
            break
        end += 1
    if end == first + 1 and first == 0 and end < len(tokens) and tokens[end].word in _events():
        # «Jazz night at the Boathouse»
        end += 1
    return end if end > first and not tokens[first].unsettles else 0


def _noun_behind(tokens: Sequence[PassageToken], at: int) -> int:
    end = at
    while end < len(tokens) and end - at < 3 and tokens[end].is_word and tokens[end].word not in _OF_PRODUCTS:
        end += 1
    return end


def _job(tokens: Sequence[PassageToken], passage: Passage) -> Iterator[tuple[frozenset[str], int, int]]:
    """«Senior Backend Engineer at Lumenly, …»."""
    at = next((at for at, token in enumerate(tokens[:_LONGEST]) if token.word in ("at", "-", "–", "@")), 0)
    if not at or not all(token.is_word for token in tokens[:at]) or not tokens[0].is_capital:
        return
    ends = list(slot_ends("O", tokens, at + 1, passage))
    if is_job(passage.written(tokens[0], tokens[at - 1])) and ends:
        end = max(ends)
        if end >= len(tokens) or not tokens[end].is_word or tokens[end].word in ("in", "based"):
            yield _JOBS, 0, at
            yield _EMPLOYERS, at + 1, end


def _pet(tokens: Sequence[PassageToken], passage: Passage) -> Iterator[tuple[frozenset[str], int, int]]:
    """«Luna is a four-year-old beagle»."""
    words = [token.word for token in tokens[:8]]
    if len(words) > 4 and tokens[0].is_capital and words[1:3] == ["is", "a"] and "old" in passage.text:
        aged = any(
            "year-old" in token.text or token.word in ("old", "month", "year") for token in tokens[3:9]
        )
        if aged and not {"man", "woman", "patient", "boy", "girl", "student"} & {
            t.word for t in tokens[3:12]
        }:
            yield _PETS - {"name", "title"}, 0, 1


def _dish(tokens: Sequence[PassageToken]) -> Iterator[tuple[frozenset[str], int, int]]:
    """«Quinoa bowl: 540 kcal»."""
    colon = next((at for at, token in enumerate(tokens[:_LONGEST]) if token.text == ":"), 0)
    if not colon or not all(token.is_word for token in tokens[:colon]) or not tokens[0].is_capital:
        return
    energy = any(
        token.word in ("kcal", "calories", "kj") or (token.mention is not None and "kcal" in token.text)
        for token in tokens[colon : colon + 8]
    )
    if energy and {"calories", "energy", "nutrition", "per", "total"}.isdisjoint(
        t.word for t in tokens[:colon]
    ):
        yield _DISHES, 0, colon


def _cued(tokens: Sequence[PassageToken], first: int, end: int, passage: Passage) -> Cued:
    text, start = passage.written(tokens[first], tokens[end - 1]), tokens[first].start
    return Cued(Value(text, Mention("text", start, start + len(text), text)), start, start + len(text))


@cache
def _rows() -> tuple[tuple[frozenset[str], frozenset[str], frozenset[str]], ...]:
    found = []
    for line in text_of("subject_words.tsv"):
        words, names = line.split("\t")
        told = words.split()
        found.append(
            (
                frozenset(word for word in told if word[0] != "^"),
                frozenset(word[1:] for word in told if word[0] == "^"),
                frozenset(names.split()),
            )
        )
    return tuple(found)


@cache
def _events() -> frozenset[str]:
    """The words for what is held."""
    return _rows()[0][0]
