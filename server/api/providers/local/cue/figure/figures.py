"""Numbers, amounts and measures that a cue beside them gives to a property that asks for a number."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.cue_row import Cued, one_name
from server.api.providers.local.cue.figure.amounts import amounts_beside, is_money
from server.api.providers.local.cue.figure.counts import counts_beside, rates_beside
from server.api.providers.local.cue.figure.measures import measures_beside
from server.api.providers.local.cue.figure.named_figures import (
    ages_told,
    figures_named,
    ordered,
    ratings_told,
    years_done,
    years_told,
)
from server.api.providers.local.cue.figure.ordinals import ordinals_beside
from server.api.providers.local.cue.figure.span import asks_for_an_end, ends_of_ranges
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.settled import clause_of
from server.api.providers.local.evidence.exactness import inexact, is_loose
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_NEAR = 48
"""Characters from a figure to what may make it an end of a range, or one of two."""


def figures_beside(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The numbers that cues other than those of the tables give to a property."""
    if leaf.asked.kind == "currency":
        yield from _currency(passage)
        return
    if not set(leaf.node.types) & {"integer", "number"}:
        if "string" in leaf.node.types and is_money(leaf):
            yield from amounts_beside(leaf, passage)
        return
    if asks_for_an_end(leaf):
        yield from ends_of_ranges(leaf, passage)
        yield from counts_beside(leaf, passage)
        yield from measures_beside(leaf, passage)
        return
    if is_money(leaf):
        yield from amounts_beside(leaf, passage)
        return
    for told in (
        measures_beside,
        counts_beside,
        rates_beside,
        ordinals_beside,
        figures_named,
        ages_told,
        ratings_told,
        years_done,
        years_told,
        ordered,
    ):
        yield from told(leaf, passage)


def exact(answers: Sequence[Cued], leaf: Leaf, passage: Passage) -> list[Cued]:
    """Those of ``answers`` whose figure is no bound, no part and not about so much, where no bound is asked for."""
    if _is_plain_amount(leaf):
        amounts = [mention for mention in passage.named if mention.kind == "money"]
        answers = (
            [answer for answer in answers if _is_only_price(answer, passage)] if len(amounts) < 2 else []
        )
    if leaf.asked.kind == "money" and "per" not in leaf.asked.words:
        answers = [answer for answer in answers if not _is_of_one(answer, passage)]
    if (
        asks_for_an_end(leaf)
        or {"systolic", "diastolic"} & set(leaf.asked.words)
        or not any(_is_figure(answer) for answer in answers)
    ):
        return list(answers)
    places = [answer.start for answer in answers if _is_figure(answer)]
    near = [named for named in passage.named if any(abs(named.start - place) <= _NEAR for place in places)]
    loose = inexact(passage.text, near)
    return [answer for answer in answers if not _is_figure(answer) or not _is_loose(answer, loose, passage)]


def _is_plain_amount(leaf: Leaf) -> bool:
    """Whether the name of a property says only that it is an amount or a price, not of what."""
    spoken = " ".join(leaf.asked.words)
    return leaf.asked.kind == "money" and (
        set(leaf.asked.words) <= _PLAIN or one_name().get(spoken, spoken) in _PLAIN
    )


_PLAIN = frozenset(
    {
        *[
            "betrag",
            "montant",
            "importe",
            "importo",
            "valor",
            "bedrag",
            "belopp",
            "preis",
            "prix",
            "precio",
            "prezzo",
            "preço",
            "prijs",
            "pris",
        ],
        "price",
        "amount",
        "cost",
        "value",
        "sum",
        "eur",
        "usd",
        "gbp",
        "product",
        "item",
    }
)
_PARTS = frozenset(
    [
        "delivery",
        "shipping",
        "breakfast",
        "night",
        "parking",
        "entry",
        "first",
        "second",
        "third",
        "next",
        "last",
        "time",
        "warranty",
        "insurance",
        "garage",
        "tip",
        "postage",
        "upgrade",
        "extra",
        "детей",
        "дітей",
        "dzieci",
        "dětí",
        "儿童",
        "子供",
        "어린이",
        "أطفال",
        "बच्चों",
        "parkowanie",
        "śniadanie",
        "dostawa",
        "wysyłka",
        "парковка",
        "паркування",
        "завтрак",
        "сніданок",
        "доставка",
        "snídaně",
        "parkování",
        "doprava",
        "kahvaltı",
        "otopark",
        "kargo",
        "早餐",
        "停车",
        "停车费",
        "运费",
        "朝食",
        "駐車場",
        "駐車",
        "送料",
        "조식",
        "주차",
        "배송비",
        "الإفطار",
        "الفطور",
        "التوصيل",
        "الشحن",
        "नाश्ता",
        "पार्किंग",
        "डिलीवरी",
        "versand",
        "lieferung",
        "livraison",
        "envío",
        "spedizione",
        "frete",
        "bezorging",
        "frakt",
        "frühstück",
        "petit-déjeuner",
        "desayuno",
        "colazione",
    ]
)


def _is_only_price(answer: Cued, passage: Passage) -> bool:
    """Whether an amount is that of the whole thing, once."""
    for sentence in passage.sentences:
        tokens = sentence.tokens
        at = next((at for at, token in enumerate(tokens) if token.start == answer.start), None)
        if at is not None:
            near = {token.word for token in tokens[clause_of(sentence, at, at + 1)[0] : at]}
            behind = [token.word for token in tokens[at + 1 : at + 3]]
            each = behind[:1] in (["per"], ["each"], ["a"], ["/"], ["monthly"])
            some = behind[:1] == ["for"] and behind[1:] and behind[1] in _SOME
            return near.isdisjoint(_PARTS) and not (each or some) and behind != ["last", "time"]
    return True


_SOME = frozenset("adults children members students kids seniors guests groups".split())  # noqa: SIM905
_ONES = frozenset({"person", "head", "guest", "piece", "item", "unit", "adult", "child"})


def _is_of_one(answer: Cued, passage: Passage) -> bool:
    """Whether an amount is that for each of several: «500 EUR per person»."""
    behind = passage.text[answer.end : answer.end + 20].lower().split()
    return behind[:1] == ["per"] and behind[1:2] != [] and behind[1].strip(".,;!") in _ONES


def _is_figure(answer: Cued) -> bool:
    return isinstance(answer.value.value, int | float)


_LATE_BY = ("delayed by ", "late by ", "overdue by ")


def _is_loose(answer: Cued, loose: frozenset[int], passage: Passage) -> bool:
    mention = answer.value.mention
    if mention is not None:
        by = passage.text[max(0, answer.start - 12) : answer.start].lower().endswith(_LATE_BY)
        return mention.start in loose and not by
    # «a three-year warranty» is no «to three», and «a team of six» no «or six».
    start = answer.start
    for word in (" a ", " of "):
        if passage.text[max(0, start - len(word)) : start].lower() == word:
            start -= len(word) - 1
    return is_loose(passage.text, start)


def _currency(passage: Passage) -> Iterator[Cued]:
    """The one currency of all amounts."""
    amounts = [
        token
        for sentence in passage.sentences
        for token in sentence.tokens
        if token.mention is not None and token.mention.kind == "money"
    ]
    every = {mention.unit for mention in passage.named if mention.kind == "money"}
    if amounts and len(every) == 1:
        yield Cued(Value(every.pop()), -1 - amounts[0].start, amounts[0].end)
