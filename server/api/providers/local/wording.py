"""Words of a prompt as answers: which of several values it names, and whether it says that something is so."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from server.api.providers.local.assertion.another_person import is_another_persons
from server.api.providers.local.assertion.elliptic_condition import is_condition
from server.api.providers.local.assertion.predicate import (
    is_predicated,
    is_said_of_others_too,
    is_title,
    is_told,
    is_topic,
    is_unspaced,
    stands_free,
)
from server.api.providers.local.evidence.ownership import is_thing_of_another
from server.api.providers.local.evidence.warrant import is_warranted_word
from server.api.providers.local.label import Label, behind_colon, labels_in
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property

_BEFORE = 4
"""So many words before a word may deny it."""
_TRUE = frozenset("yes true on ja oui sí si sì sim tak да evet はい 是 예 네 نعم हाँ 1 y".split())  # noqa: SIM905  # one list, one line
_FALSE = words_named("said_no")
_SWITCHED = frozenset({"on", "off", "1", "0", "y", "n"})
_NEED_A_LABEL = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "in",
        "on",
        "at",
        "by",
        "of",
        "or",
        "and",
        "all",
        "any",
        "other",
        "none",
        "one",
        "two",
        "new",
        "old",
        "high",
        "low",
        "open",
        "hot",
        "cold",
        "big",
        "small",
        "s",
        "m",
        "l",
        "xl",
        "top",
        "hard",
        "soft",
        "light",
        "free",
        "full",
        "do",
        "go",
        "get",
        "can",
        "may",
        "will",
        "us",
        "it",
        "me",
        "yes",
        "no",
        "true",
        "false",
        "first",
        "last",
        "next",
        "day",
        "week",
        "month",
        "year",
        "time",
        "man",
        "business",
    ]  # as above
)
"""Values that are words of every sentence: they count only beside the property's name."""


_DENIED_BEHIND = (
    r"^(?:-free\b|\s?(?:is|are|was|were|has been|have been|ist|sind|est|sont|es|è|é)?\s?"
    r"(?:(?:does|do|did|will|can|could|would|has|have|had)(?:n't|n’t| not)\b|cannot\b|not\b|n't|n’t|excluded|unavailable|missing|absent|nicht|kein|ausgeschlossen|pas\b|non\b|no\s|não|niet|nie\b|inte\b|ikke\b|не\b))"
)
"""What denies a word behind it: «breakfast not included», «smoke-free»."""
_NO_LONGER = r"^(?:[^,]{0,40}, ?)?\s?(?:but |aber |mais |pero |ma |mas )?(?:is|are|it is|it's|ist|es|è|é)?\s?(?:no longer|not any ?more|nicht mehr|ya no|non più|não mais|niet meer)"
_DENIED_THAT = r"\b(?:denie[sd]|denying|deny) (?:that|having|being)\b"
_WANTED = r"\b(?:want|wants|need|needs|require|requires|request|requests|would like|'d like|looking for|möchte\p{L}*|brauche\p{L}*|suche|veux|voudrais|cherche|quiero|necesito|busco|vorrei|cerco|quero|preciso|wil|zoek|chcę|szukam|vill|söker|хочу|нужен|нужна|ищу)\s(?:\p{L}+\s){0,2}$"
_WANTING = frozenset(
    {"needs", "need", "requires", "require", "required", "wants", "want", "wanted", "needed", "requested"}
)
_HAD = r"\b(?:has|have|had|with|hat|habe|mit|a|ai|avec|tiene|tengo|con|ha|ho|tem|tenho|com|heeft|heb|met|ma|mam|z|har|med|got)\s(?:\p{L}+\s){0,2}$"
_FORMER = r"(?:^|[^\p{L}])(?:former|ex|previous|once|future|aspiring|retired|would-be|so-called|ehemalig\p{L}*|früher\p{L}*|künftig\p{L}*|ancien(?:ne)?|futur|antigu[oa]|futur[oa]|vroeger\p{L}*|voormalig\p{L}*|były|była|tidigare|eski|бывш\p{L}+|formerly|sozusagen)[\s-]$"
_EXCEPT = r"^[^.!?;]{0,60}\b(?:exceeding|beyond|except|unless|apart from|other than|only if|only when|außer|es sei denn|sauf|excepto|salvo|tranne|exceto|behalve|oprócz|utom|кроме)\b"
_FROM = r"\b(?:from|von|de|du|da|dal|van|z|ze|från|с|из)\s$"
_TO = r"^\s(?:to|into|auf|zu|nach|à|a|para|naar|na|do|till|в|на)\s"
_TO_BE = r"\b(?:from|von|de|du|da|dal|van|z|ze|från|с|из)\s[\p{L} -]{1,24}\s(?:to|into|auf|zu|nach|à|a|para|naar|na|do|till|в|на)\s$"
_DID = r"\b(?:\p{L}{3,}ed|went|rose|fell|grew|wechselte|stieg|fiel|est passée?|cambió|pasó|è passat[oa]|passou|ging|zmieni\p{L}+|ändrades|измени\p{L}+)\s"
_WERE_IT_NOT = (
    r"(?:^|[.!?]\s|\n)\W*(?:without|ohne|sans|sin|senza|sem|zonder|bez|utan|без)\s(?:\p{L}+\s){0,2}$"
)
_A_NON = r"(?:^|[^\p{L}])(?:an?|the|eine?|une?|una?) non-$"
_EXCLUDED = (
    r"\b(?:rul(?:e|es|ed|ing) out|exclud\p{L}+|avoid\p{L}*|skip\p{L}*|drop(?:s|ped|ping)?|remov\p{L}+|replac\p{L}+|dislik\p{L}+|hate[sd]?|refus\p{L}+|reject\p{L}*|cancel\p{L}*|sold|return(?:s|ed|ing)?|lost|stop\p{L}*|quit|"
    r"vermeide\p{L}*|ausschließ\p{L}*|évit\p{L}+|evit\p{L}+|exclu\p{L}+|vermijd\p{L}*|unikaj\p{L}*|undvik\p{L}*|избега\p{L}+)\s(?:the |a |an |any |all |my |our |der |die |das |le |la |el )?$"
)
_OPINION = r"\b(?:sentiment|review|feedback|experience|opinion|mood|tone|attitude|feeling|impression|bewertung|stimmung|meinung|avis|opinión|opinione|opinião|mening|opinia|отзыв)"
_LIMITED_BEFORE = (
    r"\b(?:almost|nearly|half|partly|partially|to be|make it|too|less|fast|halb|teilweise|zu|weniger|presque|trop|moins|casi|"
    r"quasi|troppo|quase|wish (?:it|he|she|they|this|that) (?:was|were))\s$"
)
_LIMITED_BEHIND = (
    r"^\s(?:if|until|except|unless|only (?:if|when|until)|by (?:nobody|no one|none)|falls|bis|außer|sauf|jusqu|salvo|hasta|fino|"
    r"morning|afternoon|evening|night)\b"
)
_GREETED = (
    r"\b(?:good|gut\p{L}*|bon\p{L}*|buen[oa]s?|bo[ma]|goe\p{L}+|dobr\p{L}+|god|доброе|добрый|hyvää|iyi)\s$"
)
"""What makes a greeting of the time of a day."""
_NOT_WITH = r"(?:\bnot|n't|n’t|\bnicht|\bpas|\bno|\bnon|\bnão|\bniet)\s\p{L}+\s(?:with|mit|avec|con|com|met)\s(?:\p{L}{1,4}\s)?$"
"""What is denied before a word with which it would be: «the room is not booked with breakfast»."""
_NOT_FOR = (
    r"^[^.!?;\n]{0,60},\s(?:but |aber |mais |pero |ma |mas )?(?:not|nicht|pas|no|non|não|niet|nie|inte|не)\s"
)
"""What behind a word says that of something else it is not so: «I paid for the lamp, not for the desk»."""
_EITHER = r"\s?(?:/|,? (?:or|oder|ou|o|lub|или|of|eller|to|bis|and/or) |[–—]|[-=]>|→|或|か)\s?"
_ALL_BUT = r"\b(?:any\p{L}* \p{L}+|every \p{L}+|no \p{L}+|anything|everything|everyone|all|far|alles|tout|todo|tutto) (?:but|except|from|außer|sauf|excepto|menos|tranne) (?:the |being )?$"
"""What denies a word behind it without a word of denial."""
_NEITHER_BEHIND = r"^,?\s(?:neither|either|auch nicht|non plus|tampoco|neanche|também não|ook niet|też nie|heller inte|тоже не)\b"
_COPULAS = (
    " should be",
    " set to",
    " is",
    " to",
    " as",
    " of",
    " ist",
    " auf",
    " est",
    " es",
    " è",
    " é",
    ":",
    "=",
)


class _Place(NamedTuple):
    value: Any
    start: int
    end: int


def value_named(text: str, masked: str, asked: Property, values: Sequence[Any]) -> Any:
    """The one value that ``text`` names without denying it; None where there is none, or several.

    ``masked`` is ``text`` with what it names covered.
    """
    words, labels = asked.words, asked.labels
    labelled = _labelled(text, labels, values)
    if labelled is not None:
        return labelled
    if "sentiment" in words and pattern(_OPINION).search(text) is None:
        # A test is negative too.
        return None
    named = [place for place in _certain(text, _named(text, values)) if not _is_refused(text, place)]
    said = [
        place
        for place in named
        if _is_said(text, place, words, labels)
        and not is_thing_of_another(text, place.start, place.end, asked)
        and (_beside(text, place, labels) or is_warranted_word(masked, place.start, place.end, asked))
    ]
    beside = list(dict.fromkeys(place.value for place in said if _beside(text, place, labels)))
    if len(beside) == 1:
        return beside[0]
    # A second value leaves it open which is meant, however it stands.
    several = len({repr(place.value) for place in named}) > 1
    return said[0].value if said and not several and not _needs_a_label(said[0].value) else None


def values_named(text: str, labels: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Every value that ``text`` names without denying it, in their order in the text."""
    places = [place for place in _named(text, values) if _stands(text, place, labels)]
    return list(dict.fromkeys(place.value for place in sorted(places, key=lambda place: place.start)))


def truth(text: str, masked: str, asked: Property) -> bool | None:
    """Whether ``text`` says that something is so; None where it does not say, asks, or says both.

    ``masked`` is ``text`` with what it names covered.
    """
    words, labels = asked.words, asked.labels
    for label in labels_in(text, labels):
        place = behind_colon(text, label)
        if place is not None:
            said = text[place[0] : place[1]].strip().lower().strip(".!\"'").split(" ")[0].strip(",.")
            every = {word.strip(",.;!()").lower() for word in text[place[0] : place[1]].split()[:6]}
            if said in _SWITCHED and len(every) > 1:
                # «parking: on request» is no switch that is on.
                return None
            if said in _TRUE or said in _FALSE:
                # «Active: yes and no» is neither.
                return None if every & _TRUE and every & _FALSE else said in _TRUE
    content = [
        word
        for word in words
        if word
        not in (
            "is",
            "has",
            "was",
            "are",
            "should",
            "needs",
            "need",
            "requires",
            "require",
            "required",
            "have",
            "with",
            "include",
            "includes",
            "wants",
            "allow",
            "allows",
            "flag",
        )
    ]
    if not content or (len(content) == 1 and (len(content[0]) < 3 or content[0] in _NEED_A_LABEL)):
        return None
    answers = set()
    for label in [*labels_in(text, [" ".join(content), "-".join(content)]), *_said_in_parts(text, content)]:
        if behind_colon(text, label) is not None or _asked(text, label.start) or _hedged(text, label.start):
            return None
        if (
            _supposed(text, label.start)
            or _is_over(text, label.end)
            or _is_limited(text, label.start, label.end)
        ):
            return None
        if is_another_persons(text, label.start, words) or _is_wanted_otherwise(text, label.start, words):
            return None
        if not is_warranted_word(masked, label.start, label.end, asked):
            return None
        if pattern(_NOT_WITH).search(text[max(0, label.start - 40) : label.start].lower()):
            return None
        if pattern(_NOT_FOR).search(text[label.end : label.end + 90].lower()):
            return None
        apart = " " not in label.phrase and len(content) > 1 and "-" not in label.phrase
        answers.add(_is_said_in_parts(text, label) if apart else _said_of(text, label))
    return answers.pop() if len(answers) == 1 else None


def _said_in_parts(text: str, content: Sequence[str]) -> list[Label]:
    """Where the thing of a name like ``breakfast_included`` is said to be so, or not: «breakfast is not included»."""
    if len(content) != 2 or content[1] not in words_named("offered"):
        return []
    things = (content[0], content[0].removesuffix("s"), content[0] + "s")
    said = rf"^\s(?:is|are|was|were)\s(?:not |also |already |always )?{content[1]}\s?(?:$|[.,;!\n]|\s(?:and|but|in|for)\s)|^\snot {content[1]}\b"
    return [
        label
        for label in labels_in(text, things)
        if pattern(said).search(text[label.end : label.end + 48].lower())
    ]


def _is_said_in_parts(text: str, label: Label) -> bool | None:
    if is_said_of_others_too(text, label.start, label.end) or not is_told(text, label.start):
        return None
    return not _denied(text, label.start, label.end)


def _is_wanted_otherwise(text: str, start: int, words: Sequence[str]) -> bool:
    """Whether something is wanted where it is asked whether it is there, or the other way round."""
    head = text[max(0, start - 40) : start].lower()
    wanted = pattern(_WANTED).search(head) is not None
    if _WANTING & set(words):
        had = pattern(_HAD).search(head) is not None
        return had and not wanted
    return wanted and words[:1] in (("has",), ("have",), ("is",), ("was",))


def _said_of(text: str, label: Label) -> bool | None:
    """Whether a word is said to be so at one place; None where it is only part of a name, denied twice, by half or of others."""
    start, end = label.start, label.end
    before = text[max(0, start - 40) : start].lower()
    if is_condition(text, start):
        return None
    if (
        pattern(_ALL_BUT).search(before)
        or pattern(_WERE_IT_NOT).search(before)
        or pattern(_A_NON).search(before)
    ):
        return None
    if (
        not is_told(text, start)
        or not stands_free(text, start, end)
        or is_said_of_others_too(text, start, end)
    ):
        return None
    if not _denied(text, start, end):
        return True if is_predicated(text, start, end) else None
    return None if _is_denied_in_doubt(text, start, end) else False


def _is_denied_in_doubt(text: str, start: int, end: int) -> bool:
    """Whether what is denied may be something else: two denials, a weak one, one at a distance or of two things together."""
    head = text[_sentence_start(text, start) : start].lower().replace("’", "'")
    words = [match[0] for match in pattern(r"[\p{L}\p{M}'-]+").finditer(head)]
    places = [at for at, word in enumerate(words) if _denies(word)]
    if len(places) > 1 and not {"neither", "weder"} & set(words):
        return True
    if any(
        word in words_named("weak") or word in ("rather", "prefer", "lieber", "plutôt", "prefiero")
        for word in words[-_BEFORE:]
    ):
        return True
    if pattern(r"^ (?:and|und|et|y|e|en|i|och) \p{L}").search(text[end : end + 8].lower()) and places:
        return True
    if not places or {"neither", "weder", "ni", "nor", "noch"} & set(words):
        return False
    between = words[places[-1] + 1 :]
    if {"and", "und"} & set(between):
        return True
    return not all(_is_small(word) for word in between)


def _denies(word: str) -> bool:
    return word in words_named("not") or word.endswith("n't")


def _is_small(word: str) -> bool:
    return any(word in words_named(row) for row in ("denying", "copula", "having", "adverb", "determiners"))


def _labelled(text: str, labels: Sequence[str], values: Sequence[Any]) -> Any:
    """The value behind ``label:``, where it is one of the values and nothing else."""
    for label in labels_in(text, labels):
        place = behind_colon(text, label)
        if place is None:
            continue
        said = _plain(text[place[0] : place[1]].split(",")[0].split("(")[0])
        for value in values:
            if isinstance(value, str | int) and not isinstance(value, bool) and _plain(str(value)) == said:
                return value
    return None


def _named(text: str, values: Sequence[Any]) -> list[_Place]:
    """The places of the values as whole words; a value inside a longer one is the longer one."""
    found: list[_Place] = []
    for value in sorted((v for v in values if isinstance(v, str) and _plain(v)), key=len, reverse=True):
        for phrase in dict.fromkeys((_plain(value), value.lower().strip())):
            for label in labels_in(text, [phrase]):
                inside = any(place.start <= label.start and label.end <= place.end for place in found)
                if not inside and not _hyphened(text, label):
                    found.append(_Place(value, label.start, label.end))
    return found


def _certain(text: str, places: Sequence[_Place]) -> list[_Place]:
    """Those between which the text does not leave the choice: of «low or medium», «low to medium» it is neither."""
    ordered = sorted(places, key=lambda place: place.start)
    open_ones = set()
    for first, second in pairwise(ordered):
        moved = pattern(r"\b(?:from|von|de|da|od|из|с)\s$").search(
            text[max(0, first.start - 8) : first.start].lower()
        )
        if pattern(_EITHER).fullmatch(text[first.end : second.start].lower()) and moved is None:
            open_ones |= {first, second}
    return [place for place in ordered if place not in open_ones]


def _stands(text: str, place: _Place, labels: Sequence[str]) -> bool:
    return (
        not _is_refused(text, place)
        and _is_said(text, place, (), labels)
        and (not _needs_a_label(place.value) or _beside(text, place, labels))
    )


def _is_refused(text: str, place: _Place) -> bool:
    """Whether a value is named as what it is not, is no longer, or may be."""
    before = text[max(0, place.start - 40) : place.start].lower()
    return (
        _denied(text, place.start, place.end)
        or _hedged(text, place.start)
        or _asked(text, place.start)
        or _is_over(text, place.end)
        or _is_limited(text, place.start, place.end)
        or pattern(_ALL_BUT).search(before) is not None
        or pattern(_EXCLUDED).search(before) is not None
        or pattern(_GREETED).search(before) is not None
        or pattern(_NEITHER_BEHIND).search(text[place.end : place.end + 24].lower()) is not None
        or (pattern(_TO_BE).search(before) is not None and pattern(_DID).search(before) is None)
        or (
            pattern(_FROM).search(before) is not None
            and pattern(_TO).search(text[place.end : place.end + 12].lower()) is not None
        )
    )


def _is_said(text: str, place: _Place, words: Sequence[str], labels: Sequence[str]) -> bool:
    """Whether a value stands where it is said of something: beside its label, free, or before a noun that is had or wanted."""
    if not is_told(text, place.start) or is_said_of_others_too(text, place.start, place.end):
        return False
    if _beside(text, place, labels):
        return True
    if is_topic(text, place.end) or is_title(text, place.start, place.end):
        return False
    # Before a noun the values of a state are that noun's: «the delivered speech».
    return stands_free(text, place.start, place.end) or (
        not words_named("states") & set(words) and _is_described(text, place)
    )


def _is_described(text: str, place: _Place) -> bool:
    """Whether a word before a noun describes what is had, wanted or at hand: «I would like a red shirt», «this is a billing question»."""
    if is_unspaced(text, place.start):
        return True
    head = str(
        pattern(r"[.!?;:]\s|\n").sub("\x00", text[max(0, place.start - 60) : place.start].lower())
    ).rsplit("\x00", 1)[-1]
    words = [match[0] for match in pattern(r"[\p{L}\p{M}'’]+").finditer(head)]
    return not words or any(
        word in words_named("copula") or word in words_named("having") or word in words_named("requests")
        for word in words[-6:]
    )


def _needs_a_label(value: Any) -> bool:
    plain = _plain(str(value))
    return plain in _NEED_A_LABEL or len(plain) < 3


def _beside(text: str, place: _Place, labels: Sequence[str]) -> bool:
    """Whether the property's name stands in the same breath: «high priority», «priority is high»."""
    before = text[max(0, place.start - 40) : place.start].lower().rstrip(' "')
    after = text[place.end : place.end + 40].lower().lstrip(" -")
    for copula in _COPULAS:
        if before.endswith(copula):
            before = before.removesuffix(copula)
            break
    return any(_ends_with(before, label) or _begins_with(after, label) for label in labels)


def _ends_with(text: str, label: str) -> bool:
    return text.endswith(label) and not text[: len(text) - len(label)][-1:].isalpha()


def _begins_with(text: str, label: str) -> bool:
    if not text.startswith(label) or text[len(label) : len(label) + 1].isalpha():
        return False
    # «The active user count» is no active user.
    noun = pattern(r"^\s(\p{L}{3,})").search(text[len(label) :])
    return noun is None or noun[1] in words_named("follows") or noun[1] in words_named("predicates")


def _denied(text: str, start: int, end: int) -> bool:
    sentence = text[_sentence_start(text, start) : start].lower()
    clause = sentence.rsplit(",", 1)[-1].rsplit(" but ", 1)[-1].rsplit(" sondern ", 1)[-1]
    words = [match[0] for match in pattern(r"[\p{L}\p{M}'’-]+").finditer(clause)][-_BEFORE:]
    if any(word.replace("’", "'") in words_named("not") or word.endswith(("n't", "n’t")) for word in words):
        return True
    if clause.endswith(
        (
            "non-",
            "non ",
            "un",
            "nicht-",
            "不",
            "没",
            "没有",
            "沒有",
            "無",
            "非",
            "未",
            "لا ",
            "ليس ",
            "ليست ",
            "بدون ",
            "안 ",
        )
    ):
        return True
    if pattern(_DENIED_BEHIND).search(text[end : end + 30].lower()):
        return True
    behind = text[end : end + 12].lower()
    return any(word in behind.split(",")[0].split(".")[0] for word in words_named("not_behind"))


def _hedged(text: str, start: int) -> bool:
    sentence = text[_sentence_start(text, start) : start].lower()
    clause = sentence.rsplit(",", 1)[-1]
    return any(match[0] in words_named("hedge") for match in pattern(r"[\p{L}'-]+").finditer(clause))


def _supposed(text: str, start: int) -> bool:
    """Whether its clause says what somebody thinks, or what is to be: «should have been delivered»."""
    clause = text[_sentence_start(text, start) : start].lower().rsplit(",", 1)[-1]
    if pattern(_DENIED_THAT).search(clause):
        return True
    return any(match[0] in words_named("supposed") for match in pattern(r"[\p{L}'-]+").finditer(clause))


def _is_over(text: str, end: int) -> bool:
    """Whether the rest of its sentence says that it is so no longer."""
    rest = str(pattern(r"[.!?]\s|\n|[。！？]").sub("\x00", text[end : end + 200].lower())).partition("\x00")[
        0
    ]
    return pattern(_NO_LONGER).search(rest) is not None


def _is_limited(text: str, start: int, end: int) -> bool:
    """Whether it is so by half, too much, or under a condition: «almost delivered», «refundable if», «good morning»."""
    before = text[max(0, start - 30) : start].lower()
    return (
        pattern(_LIMITED_BEFORE).search(before) is not None
        or pattern(_FORMER).search(before) is not None
        or pattern(_EXCEPT).search(text[end : end + 90].lower()) is not None
        or pattern(_LIMITED_BEHIND).search(text[end : end + 16].lower()) is not None
    )


def _asked(text: str, start: int) -> bool:
    """Whether its sentence asks whether it is so."""
    first = _sentence_start(text, start)
    ends = [at for mark in ".!?？。\n" if (at := text.find(mark, start)) >= 0]
    end = min(ends, default=len(text) - 1)
    if text[end : end + 1] not in ("?", "？"):
        return False
    head = pattern(r"[\p{L}'’-]+").search(text[first:start].lower())
    polite = pattern(r"^\W*(?:can|could|would|will) (?:you|we|i)\b").search(text[first:start])
    return polite is None and (head is None or head[0] in words_named("asks") or text[end] == "？")


def _sentence_start(text: str, place: int) -> int:
    head = text[:place]
    return max(head.rfind(mark) for mark in (". ", "! ", "? ", "\n", "。", "！", "？", "; ")) + 1


def _hyphened(text: str, label: Label) -> bool:
    """Whether it is part of a word with a hyphen: «red-eye» is not red."""
    return (text[label.end : label.end + 1] == "-" and text[label.end + 1 : label.end + 2].isalpha()) or (
        text[label.start - 1 : label.start] == "-"
        and text[max(0, label.start - 2) : label.start - 1].isalpha()
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split()).strip(" .!\"'")
