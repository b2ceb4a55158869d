"""Whether whole clauses of fifteen languages say that a thing is needed, welcome or not, or that something has not come or been paid.

«Einen Parkplatz brauchen wir nicht, aber ein Frühstück wäre schön» tells of ``parking`` and ``breakfast``: a wish is doubt everywhere else, so
a clause counts only where it is one of the wordings from end to end, and its sentence holds nothing but such clauses, greetings and what is plain.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.lexicon import need_wordings, need_words
from server.api.providers.local.mention import joins
from server.api.providers.local.pattern import pattern

_PARTS = r",\s(?:(?:aber|mais|pero|ma|mas|maar|ale|но|а|але|men|mutta|ama|und|et|y|e|en|i|и|og|och|ja)\s)?|;\s|\s(?:aber|mais|pero|ma|mas|maar|ale|но|але|men|mutta|ama|und|et|y|e|en|i|и|og|och|ja|ve)\s|[，、]"
_ARTICLE = r"(?:\b(?:der|die|das|den|dem|ein|eine|einen|meine|mein|meinen|unsere|unser|le|la|les|un|une|ma|mon|notre|el|los|las|una|mi|nuestro|nuestra|il|lo|gli|i|uno|mio|mia|il mio|la mia|o|a|os|as|um|uma|minha|meu|a minha|o meu|het|de|een|mijn|ons|onze|en|et|ei|ett|min|mitt|mit|moja|moje|moją|můj|moje|mou|minun) |мой |моя |моё |мое |мою |моє |наш |наша |нашу |l['’]|我的|私の)?"
_NUMBER = r"(?:,?(?: (?:nr\.?|no\.?|n°|nº|№|numer|numero|número|nummer|číslo|номер))? ?#?[\p{L}-]{0,6}\p{Nd}[\p{L}\p{Nd}-]*)?(?: (?:del pedido|de la commande|zur bestellung|van bestelling|voor bestelling|dell['’]ordine|do pedido|da encomenda|do zamówienia|к заказу|по заказу) (?:nr\.? |n° |№ )?[\p{L}\p{Nd}-]*\p{Nd}[\p{L}\p{Nd}-]*)?(?: (?:über|de|di|van|på|za|на|na) [\p{Nd}., ]+ ?(?:€|euros?|eur|zł|kr|kč|руб\p{L}*|грн|reais|tl))?"
_GREETING = r"(?:hallo|guten (?:tag|morgen|abend)|bonjour|bonsoir|hola|buen[oa]s (?:días|tardes|noches)|buongiorno|buonasera|ciao|salve|olá|bom dia|boa (?:tarde|noite)|goedemorgen|goedemiddag|goedendag|dzień dobry|cześć|здравствуйте|добрый день|привет|добрий день|вітаю|dobrý den|ahoj|hej|goddag|god (?:dag|morgen|morgon)|hei|moi|hyvää päivää|merhaba|您好|你好|こんにちは|안녕하세요|مرحبا|नमस्ते|danke|merci|gracias|grazie|obrigad[oa]|dank u|bedankt|dziękuję|спасибо|дякую|děkuji|tack|tak|takk|kiitos|teşekkürler)"
_CORRECTED = r"(?:^|[\s,])(?:sondern|sino|bensì|utan|lecz|nýbrž|vaan|plutôt|mas sim)\s"
"""What says behind a denial what is so instead: «keinen Parkplatz, sondern zwei»."""
_LONGEST = 240
"""Characters of a sentence of such clauses."""
_MARK = "\x01"
"""Stands for the thing of a clause."""
_STATES = ("received", "delivered", "paid")


def told_of_need(text: str, plain: str, name: str) -> bool | None:
    """Whether ``text`` says so of the property ``name``; ``plain`` is ``text`` with all blanked that does not plainly say that something is so."""
    things = need_words("thing").get(name, ())
    states = need_words("state").get(name, ())
    objects = _objects_of(name) if states else ()
    if not things and not states:
        return None
    answers: set[bool] = set()
    for sentence in sentences_of(text):
        lowered = sentence.text.lower()
        words = lowered.strip().strip(".!。！ \n")
        if len(words) > _LONGEST or "?" in lowered or "？" in lowered:
            continue
        if not any(word in words for word in (*things, *objects)) and "received" not in states:
            continue
        if pattern(_CORRECTED).search(words):
            continue
        clauses = _clauses(words)
        answered = [answer for clause in clauses for answer in _answers(clause, things, objects, states)]
        if answered and (
            BLANK not in plain[sentence.start : sentence.end] or all(map(_is_understood, clauses))
        ):
            answers |= set(answered)
        elif any(word in words for word in things):
            # What another sentence says of the thing is not understood.
            return None
    return answers.pop() if len(answers) == 1 else None


def _clauses(sentence: str) -> list[str]:
    if _is_understood(sentence):
        return [sentence]
    parts = str(pattern(_PARTS).sub("\x02", sentence)).split("\x02")
    return [part.strip() for part in parts if part.strip()]


def _answers(
    clause: str, things: Sequence[str], objects: Sequence[str], states: Sequence[str]
) -> Iterator[bool]:
    for marked in _marked(clause, things):
        for what in ("yes", "no"):
            if pattern(_wordings(what)).fullmatch(marked):
                yield what == "yes"
    for marked in (*_marked(clause, objects), clause):
        for state in states:
            if pattern(_wordings(state)).fullmatch(marked):
                yield False


def _objects_of(name: str) -> tuple[str, ...]:
    """What may be in the state that a name asks for: the object that it tells, or any of them."""
    every = need_words("object")
    own = [words for object_name, words in every.items() if object_name in name.split("_")]
    return tuple(word for words in own or every.values() for word in words)


def _is_understood(clause: str) -> bool:
    if pattern(_GREETING).fullmatch(clause) is not None:
        return True
    return any(
        pattern(_wordings(what)).fullmatch(marked) is not None
        for marked in (*_marked(clause, _every_word()), clause)
        for what in ("yes", "no", *_STATES)
    )


def _marked(clause: str, words: Sequence[str]) -> Iterator[str]:
    """``clause`` with a mark in the place of one of the words, its article and its number."""
    for word in words:
        at = clause.find(word)
        end = at + len(word)
        if at < 0 or (not joins(word[0]) and (clause[:at][-1:].isalpha() or clause[end : end + 1].isalpha())):
            continue
        yield str(pattern(f"{_ARTICLE}{_MARK}{_NUMBER}").sub(_MARK, clause[:at] + _MARK + clause[end:]))


@cache
def _every_word() -> tuple[str, ...]:
    rows = (*need_words("thing").values(), *need_words("object").values())
    return tuple(dict.fromkeys(word for words in rows for word in words))


@cache
def _wordings(what: str) -> str:
    """The wordings of one kind as one expression of clauses in which a mark stands for the thing."""
    return "|".join(
        expression.replace("{thing}", _MARK).replace("{object}", _MARK).replace("{number}", "")
        for kind, expression in need_wordings()
        if kind == what
    )
