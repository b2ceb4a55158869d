"""Amounts of money beside what they are: «the rent is £1,150 a month», «a $500 deposit», «€12 for shipping»."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued, lines_of
from server.api.providers.local.cue.figure.periods import periods_said, units_of_periods
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.lexicon import currencies_before
from server.api.providers.local.values.leaf import Leaf

_FILLING = (
    "der die das den dem des ein eine einem le la les un une du l' el los las una il lo i gli um uma o os as het de den ett en nur mensuel mensuelle mensual mensile mensal monatlich "
    "monatliche maandelijkse total totale totalt hors charges comprises brut brutto bruto netto net lordo"
)
_FAR = 8
_LEAST_OF_A_YEAR = 10_000
"""Tokens between what an amount is and the amount, where a word links them."""
_LINKS = frozenset(
    [
        "is",
        "was",
        "are",
        "were",
        "of",
        "at",
        "to",
        ":",
        "=",
        "comes",
        "amounts",
        "came",
        "costs",
        "cost",
        "totals",
        "beträgt",
        "betragen",
        "betrug",
        "liegt",
        "kostet",
        "kosten",
        "lautet",
        "est",
        "sont",
        "s'élève",
        "de",
        "à",
        "es",
        "son",
        "asciende",
        "cuesta",
        "è",
        "sono",
        "ammonta",
        "costa",
        "di",
        "é",
        "são",
        "bedraagt",
        "kost",
        "är",
        "kostar",
        "uppgår",
        "till",
        "von",
        "bei",
        "auf",
        "a",
        "da",
        "d'",
        "av",
        "op",
        "om",
        "in",
    ]
)
_FILL = frozenset(
    [
        "extra",
        "additional",
        "the",
        "a",
        "an",
        "just",
        "only",
        "exactly",
        "now",
        "currently",
        "about",
        "in",
        "total",
        "currency",
        "sum",
        "amount",
        "cost",
        "price",
        "fee",
        "value",
        "paid",
        "due",
        "monthly",
        "annual",
        "yearly",
        *_FILLING.split(),
    ]
)
_TAILS = frozenset("amount price cost fee value sum total charge rate payment money paid due".split())  # noqa: SIM905
"""Words that say only that it is money; what it is for stands before them."""
_PERIODS = {
    "monthly": "month",
    "annual": "year",
    "yearly": "year",
    "weekly": "week",
    "daily": "day",
    "hourly": "hour",
    "nightly": "night",
}
_HEADS_OF_PERIODS = frozenset({"month", "year", "week", "day", "hour", "night", "annum"})
_BESIDE = frozenset(
    [
        "after",
        "before",
        "with",
        "without",
        "including",
        "excluding",
        "plus",
        "minus",
        "less",
        "incl",
        "excl",
        "inclusive",
        "exclusive",
        "beyond",
        "toward",
        "towards",
        "above",
        "below",
        "on",
    ]
)
"""Words before what an amount is, with which the amount behind it is another."""
_OTHER_PARTS = frozenset(
    [
        "purchase",
        "dream",
        "ideal",
        "target",
        "wholesale",
        "garage",
        "parking",
        "car",
        "bike",
        "storage",
        "boat",
        "equipment",
        "furniture",
    ]
)


class _Asked(NamedTuple):
    phrases: frozenset[tuple[str, ...]]
    period: str
    is_plain: bool = False
    """Whether only the period tells it from other amounts: the price per night."""


def amounts_beside(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The amounts that stand beside what a property asks the amount of."""
    asked = _asked(leaf.asked.words)
    for sentence in passage.sentences if asked.phrases else ():
        if sentence.is_taken_back:
            continue
        for at, token in enumerate(sentence.tokens):
            if token.mention is None or not _is_amount(sentence.tokens, at):
                continue
            if [word.word for word in sentence.tokens[at + 1 : at + 3]] == ["last", "time"]:
                continue
            if asked.is_plain and _period_of(sentence.tokens, at) != asked.period:
                continue
            span = _span(sentence, at, asked.phrases)
            if span is None and asked.is_plain and _period_behind(sentence.tokens, at) == asked.period:
                span = at, at + 1
            if (
                span is None
                or not _is_of_period(sentence.tokens, at, asked.period)
                or not is_certain(sentence, *span)
            ):
                continue
            yield Cued(Value(token.mention.value, token.mention), token.start, token.end)


def _is_amount(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a token is an amount, or a number as receipts write amounts: in hundredths at the end of its line."""
    mention = tokens[at].mention
    if mention is None or mention.kind == "money":
        return mention is not None
    last = at + 1 >= len(tokens) or tokens[at + 1].text == "\n"
    return mention.kind == "number" and last and mention.text[-3:-2] in (".", ",")


def is_money(leaf: Leaf) -> bool:
    """Whether a property asks for an amount of money."""
    words = leaf.asked.words
    if leaf.asked.kind == "money" or (len(words) == 2 and words[1] == "rate" and words[0] in _PERIODS):
        return True
    if len(words) == 2 and words[0] in _PERIODS and words[1] in _TAILS | {"wage", "pay"}:
        return True
    if leaf.asked.kind not in ("", "count") or not words:
        return False
    if len(words) == 3 and words[1] == "per" and words[0] in ("price", "cost", "rate", "fee"):
        return True
    spoken = " ".join(words)
    return (
        spoken in _words()
        or words[-1] in _MONEY_HEADS
        or words[-1] in ("eur", "usd", "gbp", "euros", "dollars")
    )


_MONEY_HEADS = frozenset(
    [
        "rent",
        "salary",
        "deposit",
        "fee",
        "price",
        "tax",
        "discount",
        "refund",
        "budget",
        "bonus",
        "revenue",
        "profit",
        "tuition",
        "wage",
        "premium",
        "valuation",
        "funding",
        "fine",
        "penalty",
        "allowance",
        "commission",
        "tip",
        "debt",
        "loan",
        "donation",
        "bid",
    ]
)


def phrases_of(words: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The phrases that tell what an amount is that a property with these words asks for."""
    return _asked(words).phrases or frozenset({words})


def _asked(named: tuple[str, ...]) -> _Asked:
    words = tuple(word for word in named if word not in ("eur", "usd", "gbp", "euros", "dollars"))
    period = ""
    told = _words().get(" ".join(words))
    if told is None and words and words[0] in _PERIODS and len(words) > 1:
        period, words = _PERIODS[words[0]], words[1:]
        if set(words) <= {"price", "cost", "rate", "fee", "amount", "payment", "charge", "wage", "pay"}:
            return _Asked(frozenset({words}) | _words().get(" ".join(words), frozenset()), period, True)
        told = _words().get(" ".join(words))
    if len(words) > 2 and words[-2] == "per":
        period, words = words[-1], words[:-2]
        if set(words) <= {"price", "cost", "rate", "fee", "amount"}:
            return _Asked(frozenset({words}), period, True)
    if told is None and len(words) > 1 and words[-1] in _TAILS:
        told = _words().get(" ".join(words[:-1]))
    if told is not None:
        return _Asked(told, period or _PERIODS.get(words[0], ""))
    bare = tuple(word for word in words if word not in _TAILS)
    return _Asked(frozenset({words, *([bare] if bare else [])}) if words and bare else frozenset(), period)


def _span(sentence: Sentence, at: int, phrases: frozenset[tuple[str, ...]]) -> tuple[int, int] | None:
    """The tokens from what an amount is to the amount at a place, or the other way round."""
    tokens = sentence.tokens
    end = _behind(tokens, at + 1, phrases)
    if end:
        return at, end
    if _is_for_some(tokens, at):
        return None
    begin = _before(tokens, at, phrases)
    return (begin, at + 1) if begin >= 0 else None


def _is_for_some(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether an amount is that for some, and another follows: «$50 for members and $80 for guests»."""
    behind = tokens[at + 1 : at + 7]
    if [token.word for token in behind[:1]] != ["for"]:
        return False
    return any(token.mention is not None and token.mention.kind == "money" for token in behind)


def _behind(tokens: Sequence[PassageToken], at: int, phrases: frozenset[tuple[str, ...]]) -> int:
    """Where the words end that tell what the amount before ``at`` is; 0 where none do."""
    words = [token.word for token in tokens[at : at + 8]]
    skip = 0
    if words[:1] == ["-"]:
        skip = 1
    if words[:1] and words[0] in _OF:
        skip = 1
        while (
            skip < 4
            and skip < len(words)
            and words[skip]
            in (
                "a",
                "an",
                "the",
                "each",
                "every",
                "your",
                "my",
                "our",
                "one",
                "die",
                "den",
                "der",
                "das",
                "le",
                "la",
                "les",
                "el",
                "los",
                "il",
                "o",
                "de",
                "het",
            )
        ):
            skip += 1
        if "each" in words[:skip] or "every" in words[:skip]:
            return 0
    elif words[:1] and words[0] in ("refundable", "security", "monthly", "one-time", "non", "annual", "cash"):
        skip = 1
    for phrase in phrases:
        if tuple(words[skip : skip + len(phrase)]) == phrase:
            after = words[skip + len(phrase) : skip + len(phrase) + 1]
            return 0 if after and after[0] in _TELLS_OTHER and skip == 0 else at + skip + len(phrase)
    return 0


_OF = frozenset("for in as of towards de di d' für pour por per para voor för an am als i".split())  # noqa: SIM905
_EACH = frozenset("a an per each every / pro par por al alla à i im om".split())  # noqa: SIM905
_TELLS_OTHER = frozenset({"is", "was", ":", "of", "comes", "to"})


def _before(tokens: Sequence[PassageToken], at: int, phrases: frozenset[tuple[str, ...]]) -> int:
    """Where the words begin that tell what the amount at ``at`` is; -1 where none do."""
    passed: list[str] = []
    for place in range(at - 1, max(-1, at - 2 - _FAR), -1):
        for phrase in phrases:
            begin = place - len(phrase) + 1
            if begin >= 0 and tuple(token.word for token in tokens[begin : place + 1]) == phrase:
                return begin if _is_linked(passed) and _is_subject(tokens, begin) else -1
        token = tokens[place]
        if not (token.is_word or token.text in (":", "=", "-", "(")) or token.word in _money_nouns():
            return -1
        passed.append(token.word)
    return -1


def _is_linked(passed: Sequence[str]) -> bool:
    """Whether words between, from the amount backwards, link it to what stands before them."""
    bare = [word for word in passed if word not in _FILL and word.upper() not in currencies_before()]
    if not bare:
        return True
    return bare[0] in _LINKS and not set(bare) & {"and", "but", "then", "while", "paid", "pay", "charged"}


def _is_subject(tokens: Sequence[PassageToken], begin: int) -> bool:
    before = [token.word for token in tokens[max(0, begin - 3) : begin]]
    while before and before[-1] in ("the", "a", "an", "my", "our", "your", "this", "that", "its", "any"):
        before.pop()
    return not before or before[-1] not in _BESIDE | _OTHER_PARTS


def _is_of_period(tokens: Sequence[PassageToken], at: int, period: str) -> bool:
    """Whether an amount for a month or a year is asked for by it."""
    said = _period_of(tokens, at)
    if period == "year" and not said:
        # «The salary is 3,000 EUR.»: most likely a month's.
        mention = tokens[at].mention
        value = mention.value if mention is not None else None
        return isinstance(value, int | float) and value >= _LEAST_OF_A_YEAR
    return not period or not said or said == period


def _period_behind(tokens: Sequence[PassageToken], at: int) -> str:
    behind = [token.word for token in tokens[at + 1 : at + 3]]
    each = len(behind) == 2 and behind[0] in _EACH
    return units_of_periods().get(behind[1], behind[1]) if each else ""


def _period_of(tokens: Sequence[PassageToken], at: int) -> str:
    behind = [token.word for token in tokens[at + 1 : at + 3]]
    if (
        len(behind) == 2
        and behind[0] in _EACH
        and (behind[1] in _HEADS_OF_PERIODS or behind[1] in units_of_periods())
    ):
        return units_of_periods().get(behind[1], behind[1])
    near = [token.word for token in tokens[max(0, at - 6) : at + 2]]
    return next((periods_said()[word] for word in near if word in periods_said()), "")


@cache
def _words() -> Mapping[str, frozenset[tuple[str, ...]]]:
    found: dict[str, frozenset[tuple[str, ...]]] = {}
    for names, words in (line.split("\t") for line in lines_of("money_words")):
        told = frozenset(tuple(word.split("_")) for word in words.split())
        for name in names.split(","):
            found[name] = found.get(name, frozenset()) | told
    return found


@cache
def _money_nouns() -> frozenset[str]:
    return frozenset(phrase[-1] for phrases in _words().values() for phrase in phrases) - {
        "hour",
        "day",
        "night",
    }
