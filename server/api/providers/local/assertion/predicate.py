"""How a word stands in its clause: said of something, or only part of what something is called.

«Parking is included» and «with parking» say that there is parking; «the parking fee» does not, nor does «I read about parking».
"""

from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern

_CLOSE = r"^[\s\"'”»*_]*(?:$|[.,;!?)\]\n:…。，、！？；|/–—()\x00-]|\p{Nd})"
_WORDS = r"[\p{L}\p{M}'’]+"
_IS = r"^\s(?:is|are|was|were|has been|have been|ist|sind|war|est|sont|était|es|está|son|è|sono|é|são|zijn|jest|są|är|var)\s(?:not |nicht |pas |no |non |não |niet |nie |inte |не |all |also |always |already |fully |auch |toujours |también |sempre |ook )?(\p{L}+)"
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]"
_UNSPACED_CLOSE = r"^(?:$|[^\p{Han}\p{Katakana}\p{L}]|[了是有可已的。，です]|\p{Hiragana}|\p{Hangul}|\s)"
_ELSEWHERE = r"[,;]\s[^,;.!?]{1,40}(?:\bnot|n't|n’t|\bnicht|\bnein|\bkein\p{L}*|\bpas|\bno|\bnon|\bnão|\bniet|\bnie|\binte|\bне|\bнет)\s*(?:[.!]|$)"
_ARTICLES = (
    "the",
    "my",
    "your",
    "our",
    "their",
    "his",
    "her",
    "der",
    "die",
    "das",
    "le",
    "la",
    "les",
    "el",
    "los",
    "las",
    "il",
    "lo",
    "o",
    "os",
    "as",
    "de",
    "het",
)
_THEN = r"[,;]?\s(?:and |but |und |aber |et |mais |y |e |en |i |och |и )?(?:then|later|afterwards|dann|danach|später|puis|ensuite|luego|después|poi|dopo|depois|daarna|potem|później|sedan|потом|затем|позже)\s"
_ONE_OF = r"\b(?:one|two|three|\p{Nd}+|einer|eine|eines|une?|uno|una|um|uma|één|jeden|jedna|jedno|en|ett|один|одна)\s(?:of|der|des|de|dei|delle|dos|das|van|z|av|из)\s"
_UNDONE = r"\s(?:and|but|then|und|aber|et|mais|y|pero|e|ma|mas|en|maar|i|ale|och|men|и|но)\s(?:\p{L}+\s){0,2}(?:revoked|withdrawn|reversed|undone|rescinded|retracted|overturned|cancelled|canceled|reopened|rejected|widerrufen|zurückgezogen|storniert|révoqué|annulé|revocad|anulad|cancelad|revocat|annullat|revogad|ingetrokken|geannuleerd|cofnięt|anulowan|återkalla|отозван|отмен)"
_NONE_THERE = r"[,;]\s[^,;.!?]{1,40}\s(?:none|neither|keine[nrs]?|keins|aucune?|ninguno|ninguna|nessuno|nessuna|nenhum|nenhuma|geen|żaden|żadnego|ingen|inget|нет)\s*(?:[.!]|$)"
_NUMBERED = r"(\p{L}{3,})\s#?\p{Nd}+\s\p{L}+(?:\s\p{L}+)?\s$"
_EXCEPTED = r"^\W*(?:all|every\p{L}*|everything|everyone|alle|alles|tous|todos|tutti|todas)\b.*\b(?:but|except|außer|sauf|excepto|menos|tranne|exceto)\b"


def stands_free(text: str, start: int, end: int) -> bool:
    """Whether a word ends what is said there: no noun follows that it would only qualify."""
    behind = text[end : end + 60]
    if pattern(_UNSPACED).search(text[end - 1 : end]):
        return pattern(_UNSPACED_CLOSE).search(behind[:1]) is not None
    if pattern(_CLOSE).search(behind):
        return True
    if _is_subject(behind):
        return _is_offered(behind)
    word = pattern(_WORDS).search(behind)
    return word is not None and word[0].lower() in words_named("follows")


def is_predicated(text: str, start: int, end: int) -> bool:
    """Whether a word that stands free is said of something: behind «is», «has», «with», or alone."""
    if pattern(_UNSPACED).search(text[start : start + 1]) or _is_offered(text[end : end + 60]):
        return True
    head = _clause_head(text, start)
    words = [match[0].lower().replace("’", "'") for match in pattern(_WORDS).finditer(head)]
    while words and words[-1] in words_named("adverb"):
        words.pop()
    if not words:
        return _stands_alone(text[end : end + 24])
    last = words[-1]
    if (
        last in words_named("copula")
        or last in words_named("having")
        or last in words_named("subjects")
        or last.endswith(("'s", "'m", "'re"))
    ):
        return not (last.endswith("'s") and last not in words_named("copula"))
    if last in words_named("articles"):
        return _held(
            words[:-1], definite=last in ("the", "der", "die", "das", "le", "la", "el", "il", "o", "os")
        )
    return len(words) >= 2 and (
        words[-2] in words_named("having")
        or (words[-2] in words_named("articles") and _held(words[:-2], definite=True))
    )


def is_said_of_others_too(text: str, start: int, end: int) -> bool:
    """Whether the rest of the sentence says the opposite of somebody else («Bob's is not»), or excepts some («all but one»)."""
    rest = text[end : end + 120].split("\n")[0]
    head = text[max(0, start - 120) : start].rsplit("\n", 1)[-1].rsplit(". ", 1)[-1]
    if (
        pattern(_NONE_THERE).search(rest) is not None
        or pattern(_THEN).search(_to_stop(rest.lower())) is not None
        or pattern(_UNDONE).search(_to_stop(rest.lower())) is not None
    ):
        return True
    if pattern(_ELSEWHERE).search(rest) is not None or pattern(_EXCEPTED).search(head.lower()) is not None:
        return True
    numbered = pattern(_NUMBERED).search(head)
    if numbered is None:
        return False
    # One of several that have numbers: «sensor 5 is online» says nothing of sensor 3.
    others = {
        match[1] for match in pattern(rf"{numbered[1][:4]}\p{{L}}*\s#?(\p{{Nd}}+)").finditer(head + rest)
    }
    return len(others) > 1


def is_unspaced(text: str, start: int) -> bool:
    """Whether a word stands in a script that does not part its words."""
    return pattern(_UNSPACED).search(text[start : start + 1]) is not None


def is_told(text: str, start: int) -> bool:
    """Whether the clause of a word tells of one thing that is so: not of some or most of many, nor of what holds when or until something is."""
    head = _whole_clause_head(text, start)
    words = [match[0].lower() for match in pattern(_WORDS).finditer(head)]
    return (
        not any(word in words_named("blockers") for word in words)
        and pattern(_ONE_OF).search(head.lower()) is None
    )


def is_title(text: str, start: int, end: int) -> bool:
    """Whether a word begins its clause behind an article, so that the clause speaks of it: «the support for large files is missing»."""
    head = _clause_head(text, start).strip().lower()
    return head in _ARTICLES and pattern(_CLOSE).search(text[end : end + 8]) is None


def is_topic(text: str, end: int) -> bool:
    """Whether something is said of the word itself, and not with it of something else: «cash is king»."""
    behind = text[end : end + 60]
    return _is_subject(behind) and not _is_offered(behind)


def _held(words: list[str], *, definite: bool) -> bool:
    while words and (words[-1] in words_named("adverb") or words[-1] in words_named("articles")):
        words = words[:-1]
    return bool(words) and (
        words[-1] in words_named("having") or (not definite and words[-1] in words_named("copula"))
    )


def _stands_alone(behind: str) -> bool:
    word = pattern(r"^[\s]*(\p{L}+)").search(behind)
    return word is None or word[1].lower() in (
        "and",
        "or",
        "please",
        "und",
        "et",
        "y",
        "e",
        "i",
        "och",
        "en",
        "bitte",
        "too",
        "also",
        "only",
        "since",
        "included",
        "available",
        "required",
        "now",
        "today",
    )


def _is_subject(behind: str) -> bool:
    return pattern(_IS).search(behind) is not None


def _is_offered(behind: str) -> bool:
    """Whether it is said that a thing is there: «is included», «available», «required»."""
    found = pattern(_IS).search(behind)
    word = found[1] if found is not None else None
    if word is None:
        plain = pattern(r"^\s(\p{L}+)").search(behind)
        word = plain[1] if plain is not None else ""
    return word.lower() in words_named("offered")


def _whole_clause_head(text: str, start: int) -> str:
    head = text[max(0, start - 120) : start]
    return str(
        pattern(
            r"[.!?;:]\s|\n|[。！？；\x00(]|,\s(?:and|but|so|und|aber|et|mais|y|pero|e|ma|mas|en|maar|i|ale|och|men|и|но)\s"
        ).sub("\x00", head)
    ).rsplit("\x00", 1)[-1]


def _to_stop(text: str) -> str:
    return str(pattern(r"[.!?]\s").sub("\x00", text)).partition("\x00")[0]


def _clause_head(text: str, start: int) -> str:
    head = text[max(0, start - 80) : start]
    return str(pattern(r"[.!?;:]\s|\n|[,，、(\x00]|\s[-–—]\s").sub("\x00", head)).rsplit("\x00", 1)[-1]
