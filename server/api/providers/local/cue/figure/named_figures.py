"""Numbers told by more than a noun: beside the property's own name, ages, ratings, years of make, quantities that are ordered."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.figure.counted_nouns import nouns_of
from server.api.providers.local.cue.figure.counts import is_elliptic
from server.api.providers.local.cue.figure.number_words import Figure, figure_at, figures_of
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_LINKS = frozenset("is are was were of : = at number no # stands".split())  # noqa: SIM905
_PERSONS = frozenset(
    "man woman boy girl male female patient student engineer nurse teacher driver person user customer client developer employee resident applicant lady gentleman".split()  # noqa: SIM905  # one list, one line
)
_SCALES = (5, 10, 100)
_RATED = frozenset(
    "give giving gave rate rated rating rates score scored stars deserves deserve gets".split()  # noqa: SIM905  # one list, one line
)
_OWNING = frozenset("a an my our the selling this for sale".split())  # noqa: SIM905
_ORDERS = frozenset(
    "order buy purchase need want send get like ordered bought purchased ordering buying require reorder supply deliver ship sending".split()  # noqa: SIM905  # one list, one line
)
_NO_GOODS = frozenset(
    "minutes hours days weeks months years times people persons guests adults children nights percent things questions reasons problems issues options ways".split()  # noqa: SIM905  # one list, one line
)
_STOP = frozenset("and or but to for at by with from in on of the a an".split())  # noqa: SIM905


def figures_named(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The numbers that stand behind the name of a property: «port 8080», «a score of 87»."""
    words = tuple(word for word in leaf.asked.words if word not in ("number", "num", "no", "count", "total"))
    if not words or len(words) > 3 or leaf.asked.kind in ("money", "percentage", "currency"):
        return
    nouns, bound = nouns_of(leaf)
    many = bool(nouns) and words[-1].endswith("s") and leaf.asked.kind in ("", "count")
    for sentence in passage.sentences if not bound else ():
        for at in range(len(sentence.tokens)):
            if (
                sentence.is_taken_back
                or tuple(token.word for token in sentence.tokens[at : at + len(words)]) != words
            ):
                continue
            yield from _behind_name(sentence, at, at + len(words), many)


def _behind_name(sentence: Sentence, at: int, end: int, many: bool) -> Iterator[Cued]:
    tokens = sentence.tokens
    place, linked = end, False
    while place < len(tokens) and place < end + 3 and tokens[place].word in _LINKS:
        linked, place = linked or tokens[place].word not in ("number", "no", "#"), place + 1
    figure = figure_at(tokens, place) if place < len(tokens) else None
    if figure is None and not many and place < len(tokens):
        figure = _measured(tokens, place)
    if (
        figure is None
        or (many and not linked)
        or not (_ends(sentence, figure) or _ends_in_unit(sentence, figure))
    ):
        return
    if not linked and figure.mention is None:
        return
    before = tokens[at - 1].word if at else ""
    if before not in ("per", "each", "every", "next", "last", "of") and is_certain(sentence, at, figure.end):
        yield _cued(sentence, figure)


def _ends(sentence: Sentence, figure: Figure) -> bool:
    """Whether no noun stands behind a number, which then counts that."""
    behind = sentence.tokens[figure.end] if figure.end < len(sentence.tokens) else None
    if behind is None:
        return True
    return behind.text in (",", ".", ";", ")", "!", "?", "\n") or (behind.is_word and behind.word in _CLOSING)


def _measured(tokens: Sequence[PassageToken], at: int) -> Figure | None:
    """A figure with its unit, of which the unit goes on behind a stroke: «11.2 g/dL»."""
    mention = tokens[at].mention
    goes_on = at + 1 < len(tokens) and tokens[at + 1].text == "/"
    is_figure = mention is not None and mention.kind == "quantity" and isinstance(mention.value, int | float)
    return (
        Figure(mention.value, at, at + 1, mention) if mention is not None and is_figure and goes_on else None
    )


_LONGEST_UNIT = 4
"""Letters of a unit that no list of units has."""


def _ends_in_unit(sentence: Sentence, figure: Figure) -> bool:
    """Whether a unit of two parts stands behind a figure: «18 ng/mL»."""
    units = sentence.tokens[figure.end : figure.end + 3]
    if figure.mention is not None and figure.mention.kind == "quantity":
        return len(units) > 1 and units[0].text == "/"
    return (
        len(units) == 3
        and units[1].text == "/"
        and len(units[0].text) <= _LONGEST_UNIT
        and len(units[2].text) <= _LONGEST_UNIT
    )


_CLOSING = frozenset(
    "and on in at for is was has to since with as from by which because but of this today now when points".split()  # noqa: SIM905  # one list, one line
)


def ages_told(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """Ages: «Eleanor Voss, 67, came in», «a 34-year-old nurse», «I am 34 and»."""
    if leaf.asked.kind != "age" and leaf.asked.words[-1:] != ("age",):
        return
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for figure in _ages(tokens) if not sentence.is_taken_back else ():
            if 0 < figure.value < 120 and is_certain(sentence, figure.first, figure.end, frozenset({"old"})):
                yield _cued(sentence, figure)


def _ages(tokens: Sequence[PassageToken]) -> Iterator[Figure]:
    for figure in figures_of(tokens):
        before = [token.word for token in tokens[max(0, figure.first - 3) : figure.first]]
        behind = [token.word for token in tokens[figure.end : figure.end + 5]]
        name = figure.first > 1 and tokens[figure.first - 2].is_capital
        beside_name = before[-1:] == [","] and name and behind[:1] == [","]
        of_person = _is_of_person(tokens, figure.first)
        said = of_person and behind[:1] in ([], [","], ["."], ["and"])
        said = said or (of_person and behind[:2] in (["years", "old"], ["year", "old"]))
        hyphened = behind[:4] == ["-", "year", "-", "old"]
        one = hyphened and (behind[4:] == [] or behind[4] in _PERSONS or bool({"i", "i'm"} & set(before)))
        aged = before[-1:] == ["aged"] and not set(before[:-1]) & _MANY
        aged = aged and behind[:1] not in (["and"], ["to"], ["-"], ["or"])
        if beside_name or said or one or aged:
            yield figure
    for at, token in enumerate(tokens):
        mention = token.mention
        if mention is None or mention.kind != "duration" or mention.unit != "year" or mention.value is None:
            continue
        behind = [word.word for word in tokens[at + 1 : at + 4]]
        noun = behind[2:3] if behind[:1] == ["-"] else behind[1:2]
        before = [word.word for word in tokens[max(0, at - 3) : at]]
        old = behind[:1] == ["old"] or behind[:2] == ["-", "old"]
        person = bool(set(noun) & _PERSONS) or bool({"i", "i'm"} & set(before))
        if old and (person or (behind[:1] == ["old"] and _is_of_person(tokens, at))):
            yield Figure(mention.value, at, at + 1, mention)


_MANY = frozenset({"children", "kids", "people", "adults", "anyone", "those", "persons", "students"})


def _is_of_person(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether «I am» or «Eleanor is» stands before a number."""
    before = [token.word for token in tokens[max(0, at - 2) : at]]
    if before[-1:] in (["i'm"], ["she's"], ["he's"]):
        return True
    if before[-1:] not in (["am"], ["is"]) or len(before) < 2:
        return False
    return before[0] in ("i", "she", "he", "patient", "applicant", "candidate") or (
        tokens[at - 2].is_capital and at > 2 and tokens[at - 3].is_capital
    )


def ratings_told(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """Ratings: «4 out of 5», «8/10», «I give it four stars»."""
    if leaf.asked.kind != "rating" and leaf.asked.words[-1:] not in (("rating",), ("stars",), ("score",)):
        return
    highest = leaf.node.schema.get("maximum")
    for sentence in passage.sentences:
        tokens = sentence.tokens
        words = {token.word for token in tokens}
        figures = {figure.first: figure for figure in figures_of(tokens)}
        for figure in figures.values() if not sentence.is_taken_back else ():
            behind = [token.word for token in tokens[figure.end : figure.end + 2]]
            skip = 2 if behind == ["out", "of"] else 1 if behind[:1] == ["/"] else 0
            scale = figures.get(figure.end + skip) if skip else None
            if scale is not None:
                told = (
                    scale.value in _SCALES and highest in (None, scale.value) and figure.value <= scale.value
                )
                told = told and (
                    skip == 1
                    or tokens[scale.end : scale.end + 1] == []
                    or not tokens[scale.end].is_word
                    or tokens[scale.end].word in _CLOSING
                    or tokens[scale.end].word == "stars"
                )
                told = told and not (
                    skip == 1
                    and words.isdisjoint(_RATED)
                    and tokens[scale.end : scale.end + 1] != []
                    and tokens[scale.end].is_word
                )
            else:
                told = (
                    behind[:1] in (["stars"], ["star"])
                    and not words.isdisjoint(_RATED - {"stars"})
                    and highest in (None, 5)
                )
            if told and is_certain(sentence, figure.first, figure.end, frozenset({"out", "would", "i'd"})):
                yield _cued(sentence, figure)


def years_done(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The year in which what the name says was done: «renovated in 2010»."""
    words = [word for word in leaf.asked.words if word not in ("year", "of", "in")]
    if len(words) != 1 or "year" not in leaf.asked.words:
        return
    done = {words[0], words[0] + "d", words[0] + "ed"}
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for figure in figures_of(tokens) if not sentence.is_taken_back else ():
            before = [token.word for token in tokens[max(0, figure.first - 2) : figure.first]]
            year = (
                isinstance(figure.value, int) and 1500 <= figure.value <= 2100 and figure.mention is not None
            )
            if (
                year
                and before[-1:] == ["in"]
                and before[0] in done
                and is_certain(sentence, figure.first, figure.end)
            ):
                yield _cued(sentence, figure)


def years_told(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The year of a make: «my 2017 Skoda Octavia»."""
    if leaf.asked.words not in (
        ("year",),
        ("model", "year"),
        ("vehicle", "year"),
        ("car", "year"),
        ("year", "of", "manufacture"),
        ("vintage",),
    ):
        return
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for figure in figures_of(tokens) if not sentence.is_taken_back else ():
            if (
                not isinstance(figure.value, int)
                or not 1900 <= figure.value <= 2099
                or figure.mention is None
                or len(figure.mention.text) != 4
            ):
                continue
            before = tokens[figure.first - 1].word if figure.first else ""
            named = figure.end < len(tokens) and tokens[figure.end].is_capital
            if (
                named
                and (before in _OWNING or not figure.first)
                and is_certain(sentence, figure.first, figure.end)
            ):
                yield _cued(sentence, figure)


def ordered(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """How many of the one thing are ordered: «order 12 oak dining chairs»."""
    if " ".join(leaf.asked.words) not in (
        "quantity",
        "qty",
        "order quantity",
        "item quantity",
        "number of items",
    ):
        return
    found: list[tuple[Sentence, Figure]] = []
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for figure in figures_of(tokens) if not sentence.is_taken_back else ():
            if _is_of_goods(sentence, figure):
                found.append((sentence, figure))
    if len(found) == 1 and not is_elliptic(found[0][0].tokens, found[0][1], figures_of(found[0][0].tokens)):
        sentence, figure = found[0]
        if figure.first and sentence.tokens[figure.first - 1].word in ("and", "for"):
            # «a desk and 3 chairs», «a lamp for 4 desks»
            return
        before = {token.word for token in sentence.tokens[max(0, figure.first - 4) : figure.first]}
        if not before.isdisjoint(_ORDERS) and is_certain(sentence, figure.first, figure.end + 1):
            yield _cued(sentence, figure)


def _is_of_goods(sentence: Sentence, figure: Figure) -> bool:
    """Whether a number counts things: a noun in the plural stands a few words behind it."""
    words: list[str] = []
    for token in sentence.tokens[figure.end : figure.end + 5]:
        if not token.is_word or token.word in _STOP:
            break
        words.append(token.word)
    behind = [token.word for token in sentence.tokens[figure.end : figure.end + 10]]
    if any(first == "and" and second in _MORE for first, second in pairwise(behind)):
        return False
    return (
        bool(words)
        and not set(words[:1]) & _NO_GOODS
        and any(word.endswith("s") and len(word) > 3 for word in words)
    )


_MORE = frozenset("a an some the one two three four five six another".split())  # noqa: SIM905


def _cued(sentence: Sentence, figure: Figure) -> Cued:
    first, last = sentence.tokens[figure.first], sentence.tokens[figure.end - 1]
    return Cued(Value(figure.value, figure.mention), first.start, last.end)
