"""Numbers beside the noun that a property has for its name: «four bedrooms», «a 20-page contract», «25 seats»."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.figure.bounds import BOUND_WORDS, BOUNDS
from server.api.providers.local.cue.figure.counted_nouns import done_nouns, forms, is_done, nouns_of
from server.api.providers.local.cue.figure.number_words import Figure, figures_of, ordinal_at
from server.api.providers.local.cue.figure.periods import units_of_periods
from server.api.providers.local.cue.passage import Passage, PassageToken, Sentence
from server.api.providers.local.cue.settled import clause_of
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_BETWEEN = 2
"""Words that may stand between a number and its noun."""
_NO_COUNT = frozenset(
    [
        "of",
        "in",
        "per",
        "a",
        "an",
        "and",
        "or",
        "for",
        "to",
        "at",
        "with",
        "by",
        "the",
        "are",
        "is",
        "was",
        "were",
        "has",
        "have",
        "had",
        "than",
        "that",
        "which",
        "who",
        "on",
        "from",
        "as",
        "until",
        "since",
    ]
)
_NO_START = frozenset(
    [
        "-",
        "–",
        "/",
        "to",
        "out",
        "of",
        "auf",
        "von",
        "sur",
        "×",
        "x",
        "#",
        "no",
        "number",
        "first",
        "next",
        "last",
        "other",
        "another",
        "by",
        "room",
        "suite",
        "version",
        "further",
        "extra",
        "additional",
        *[
            "nr",
            "zimmer",
            "raum",
            "sala",
            "salle",
            "salón",
            "aula",
            "lokaal",
            "weitere",
            "weiteren",
            "autres",
            "otros",
            "altri",
            "outros",
            "andere",
            "andra",
            "version",
            "étage",
            "erste",
            "nächste",
        ],
    ]
)
"""Words before a number with which it is a part, a name, a difference."""
_SHARING = frozenset(
    [
        "each",
        "every",
        "apiece",
        "both",
        "respectively",
        "last",
        "zeszłym",
        "letzten",
        "dernier",
        "pasado",
        "jeweils",
        "jede",
        "jeder",
        "jedes",
        "je",
        "chaque",
        "chacun",
        "chacune",
        "cada",
        "ogni",
        "ciascuno",
        "elk",
        "elke",
        "ieder",
        "varje",
        "scorso",
        "passado",
        "vorig",
        "förra",
    ]
)
_ELLIPTIC = frozenset(
    [
        "and",
        "or",
        "but",
        "need",
        "needs",
        "needed",
        "want",
        "wants",
        "wanted",
        "take",
        "takes",
        "took",
        "got",
        "get",
        "use",
        "used",
        "only",
        "have",
        "has",
        "had",
        "keep",
        "kept",
        "bought",
        "sold",
    ]
)
"""Words behind which a bare number is one of the same things."""
_HOSTS = frozenset(
    [
        "table",
        "tables",
        "booking",
        "reservation",
        "dinner",
        "lunch",
        "breakfast",
        "brunch",
        "party",
        "stay",
        "trip",
        "tour",
        "catering",
        "event",
        "meal",
    ]
)
_REQUESTS = frozenset(
    [
        "need",
        "want",
        "book",
        "reserve",
        "like",
        "booking",
        "reserving",
        "looking",
        "require",
        "planning",
        "arrange",
    ]
)
_FOR = frozenset({"for", "pour", "für", "per", "para", "voor", "för"})
_ARTICLES = frozenset("the a an this my our la le die der das el".split())  # noqa: SIM905
_PEOPLE = frozenset({"people", "persons", "guests", "party", "pax", "headcount"})
_GROUPS = frozenset("company office team staff firm department society club village town city".split())  # noqa: SIM905
"""What people belong to who are no guests."""
_RATES = frozenset(
    {"day", "week", "month", "year", "hour", "night", "minute", "second", "time", "times", "daily", "weekly"}
)
_EACH = frozenset({"a", "an", "per", "/", "pro", "par", "por", "al", "alla", "à", "i", "om"})


def counts_beside(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """The numbers that stand before the noun of a property that asks how many there are."""
    nouns, bound = nouns_of(leaf)
    loose = done_nouns(leaf)
    own = frozenset(leaf.asked.words)
    people = not _PEOPLE.isdisjoint(leaf.asked.words)
    for sentence in passage.sentences if nouns else ():
        if sentence.is_taken_back:
            continue
        figures = figures_of(sentence.tokens)
        counts = [*figures, *_measured(sentence.tokens)]
        for figure in counts:
            end = _noun_end(
                sentence.tokens, figure.end - (figure.mention is not None and figure not in figures), nouns
            )
            if not end and len(loose) == 2:
                end = _noun_end(sentence.tokens, figure.end, loose[1:])
                end = end if is_done(sentence.tokens, figure, end, loose[0][0]) else 0
            if end and _is_count(sentence, figure, end, figures, bound, people, own):
                first = sentence.tokens[figure.first]
                yield Cued(
                    Value(figure.value, figure.mention), first.start, sentence.tokens[figure.end - 1].end
                )


def rates_beside(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """How many there are in each of something: «100 requests per minute»."""
    words = leaf.asked.words
    if len(words) < 3 or words[-2] != "per":
        return
    nouns = [(form,) for form in forms(words[-3])]
    for sentence in passage.sentences:
        tokens = sentence.tokens
        for figure in figures_of(tokens) if not sentence.is_taken_back else ():
            end = _noun_end(tokens, figure.end, nouns)
            behind = [token.word for token in tokens[end : end + 2]] if end else []
            told = (
                len(behind) == 2
                and behind[0] in ("a", "an", "per", "each", "every", "/")
                and behind[1] == words[-1]
            )
            if told and is_certain(sentence, figure.first, end):
                first = tokens[figure.first]
                yield Cued(Value(figure.value, figure.mention), first.start, tokens[end - 1].end)


def _measured(tokens: Sequence[PassageToken]) -> list[Figure]:
    """Lengths of time, which are counts where their unit is the noun: four nights."""
    return [
        Figure(token.mention.value, at, at + 1, token.mention)
        for at, token in enumerate(tokens)
        if token.mention is not None
        and token.mention.kind == "duration"
        and isinstance(token.mention.value, int)
        and (
            token.mention.unit == "night"
            or (at and tokens[at - 1].word in ("for", "lasts", "lasting", "stay"))
        )
    ]


def _noun_end(tokens: Sequence[PassageToken], at: int, nouns: Sequence[tuple[str, ...]]) -> int:
    """The end of the noun that stands at a token or a few words behind it; 0 where none does."""
    if at < len(tokens) and tokens[at].mention is not None:
        unit = tokens[at].text.replace("-", " ").split()[-1].lower()
        return at + 1 if (unit,) in nouns else 0
    for skip in range(_BETWEEN + 1):
        begin = at + skip
        if begin < len(tokens) and tokens[begin].text == "-":
            begin += 1
        for noun in nouns:
            if tuple(token.word for token in tokens[begin : begin + len(noun)]) == noun:
                return begin + len(noun)
        if begin >= len(tokens) or not tokens[begin].is_word or tokens[begin].word in _NO_COUNT:
            return 0
        at += begin - (at + skip)
    return 0


def _is_count(
    sentence: Sentence,
    figure: Figure,
    end: int,
    figures: Sequence[Figure],
    bound: str,
    nouns_are_people: bool,
    own: frozenset[str],
) -> bool:
    """Whether a number is that of all of a thing, and simply so."""
    tokens = sentence.tokens
    before = [token.word for token in tokens[max(0, figure.first - 4) : figure.first]]
    last = before[-1] if before else ""
    if bound:
        return bool(BOUNDS[bound] & set(before)) and is_certain(sentence, figure.first, end, BOUND_WORDS)
    if _is_of_some_firm(tokens, last, end):
        # «A company with 40 employees bought the desk.»
        return False
    start, stop = clause_of(sentence, figure.first, end)
    words = {token.word for token in tokens[start:stop]}
    if "had" in words or "wanted" in words:
        return False
    if "have" in words and any(start <= other.first < figure.first and other.value != 1 for other in figures):
        # «The 2 rooms have 3 beds»: each of them, or all together.
        return False
    if not words.isdisjoint({"customer", "client", "supplier", "vendor"}) and "has" in words:
        return False
    if (
        last in _NO_START
        or not words.isdisjoint(_SHARING)
        or not is_certain(sentence, figure.first, end, own)
    ):
        return False
    behind = [token.word for token in tokens[end : end + 2]]
    if len(behind) == 2 and behind[0] in _EACH and (behind[1] in _RATES or behind[1] in units_of_periods()):
        return False
    if behind[:1] and behind[0] in ("short", "ahead", "behind", "down", "apart", "daily", "weekly"):
        return False
    if any(
        token.text.isdecimal() or (token.mention is not None and token.mention.kind in ("number", "duration"))
        for token in tokens[end : end + 1]
    ):
        return False
    if nouns_are_people and (not words.isdisjoint(_GROUPS) or last in ("seats", "sleeps", "holds")):
        return False
    if (
        nouns_are_people
        and last in _FOR
        and behind[:1]
        and behind[0] in ("is", "measures", "costs", "weighs")
    ):
        # «The table for 10 people is 4 m long.»
        return False
    timed = tokens[end - 1].word.endswith(("night", "nights", "day", "days", "week", "weeks"))
    if "per" in {token.word for token in tokens[max(0, figure.first - 4) : end + 3]}:
        return False
    if last in _FOR and not timed and _is_host(tokens, figure.first - 2):
        return not _REQUESTS.isdisjoint(words)
    if (
        last == "for"
        and not words.isdisjoint({"have", "has", "offer", "offers"})
        and _REQUESTS.isdisjoint(words)
    ):
        return False
    hyphened = tokens[figure.end : figure.end + 1] != [] and tokens[figure.end].text == "-"
    return (hyphened or not _is_one_of_several(tokens, start, figure)) and not is_elliptic(
        tokens, figure, figures
    )


def _is_host(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a noun stands at a token that is for so many, and is no table or trip."""
    if at < 1 or not tokens[at].is_word or tokens[at].word in _HOSTS:
        return False
    return tokens[at].word.endswith("s") or tokens[at - 1].word in _ARTICLES


def _is_of_some_firm(tokens: Sequence[PassageToken], last: str, end: int) -> bool:
    begins = (
        [token.word for token in tokens[:1]] in (["a"], ["an"]) and last == "with" and end + 2 < len(tokens)
    )
    return begins and tokens[end - 1].word in (
        "employees",
        "people",
        "staff",
        "workers",
        "members",
        "students",
    )


def _is_one_of_several(tokens: Sequence[PassageToken], start: int, figure: Figure) -> bool:
    """Whether the clause tells of the second or of the third of something: «the 2nd floor has six offices»."""
    for at in range(start, figure.first - 1):
        if tokens[at].text[:1].isdecimal() and tokens[at].text[-2:] in ("st", "nd", "rd", "th"):
            return True
        if ordinal_at(tokens, at) is not None:
            return tokens[at + 1 : at + 2] != [] and at < figure.first - 2
        token = tokens[at]
        if (
            token.word in ("version", "room", "floor", "building", "unit", "group", "team", "page", "chapter")
            and at + 1 < figure.first
            and tokens[at + 1].text[:1].isdecimal()
        ):
            return True
    return False


def is_elliptic(tokens: Sequence[PassageToken], figure: Figure, figures: Sequence[Figure]) -> bool:
    """Whether another number of the sentence is one of the same things without their noun: «80 rooms, we need 2»."""
    for other in figures:
        if other.first == figure.first or other.first == 0:
            continue
        behind = tokens[other.end] if other.end < len(tokens) else None
        bare = behind is None or not behind.is_word or behind.word in _NO_COUNT
        if other.value == 1 and tokens[other.end : other.end + 1] and tokens[other.end].word == "of":
            return True
        bare = bare or tokens[other.end].word == "more" or tokens[other.end].word.endswith("ed")
        if bare and tokens[other.first - 1].word in ("only", ",", ";", "sent", "got"):
            return True
        if bare and tokens[other.first - 1].is_capital and tokens[other.first - 2].word == "and":
            return True
        if (
            bare
            and tokens[other.first - 1].word in _ELLIPTIC
            and not (behind is not None and behind.text in ("-", "/"))
        ):
            return True
    return False
