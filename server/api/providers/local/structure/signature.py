"""Who signs a letter: the name behind the greeting at its end."""

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.pattern import pattern

_GREETINGS = frozenset(
    {
        "kind regards", "best regards", "warm regards", "many regards", "regards", "all the best", "best wishes", "best", "many thanks", "thanks",
        "thanks a lot", "thanks in advance", "thank you", "cheers", "sincerely", "yours sincerely", "yours faithfully", "yours truly", "sincerely yours",
        "mit freundlichen grüßen", "mit besten grüßen", "viele grüße", "beste grüße", "liebe grüße", "freundliche grüße", "herzliche grüße", "gruß",
        "cordialement", "bien cordialement", "bien à vous", "salutations", "merci", "merci d'avance", "saludos", "un saludo", "saludos cordiales",
        "atentamente", "gracias", "muchas gracias", "cordiali saluti", "distinti saluti", "saluti", "grazie", "grazie mille", "atenciosamente",
        "cumprimentos", "obrigado", "obrigada", "abraço", "abraços", "met vriendelijke groet", "met vriendelijke groeten", "groet", "groeten",
        "groetjes", "bedankt", "pozdrawiam", "z poważaniem", "dziękuję", "с уважением", "спасибо", "з повагою", "дякую", "saygılarımla",
        "teşekkürler", "vänliga hälsningar", "med vänliga hälsningar", "med vänlig hälsning", "hälsningar", "mvh", "tack", "s pozdravem",
        "děkuji", "ystävällisin terveisin", "terveisin", "kiitos", "مع التحية", "شكرا", "धन्यवाद", "सादर",
    }
)  # fmt: skip
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "herr", "frau", "mme", "m"})
_JOINING = frozenset({"de", "van", "von", "der", "den", "da", "di", "la", "del", "dos", "bin", "al"})
_LAST_LINES = 8
"""Lines at the end of a letter among which its greeting is looked for."""
_WORKED_ON = frozenset(
    {"with", "as", "by", "like", "say", "says", "sign", "mit", "par", "con", "com", "met", "med"}
)
_WORDS = 5
_LONGEST = 24
"""Letters of one part of a name."""


def signed_by(text: str) -> str | None:
    """The name of who signs; None where nobody does."""
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()][-_LAST_LINES:]
    for place, line in enumerate(lines):
        if BLANK in line:
            continue
        above = lines[place - 1].split() if place else []
        if _is_greeting(line) and place + 1 < len(lines):
            if above and above[-1].lower().strip(":") in _WORKED_ON:
                # «… that ends with» asks for a letter.
                return None
            return _name(lines[place + 1])
        if place == len(lines) - 1:
            # «… Kind regards, Felix Brandt» in one line.
            head, comma, name = line.rpartition(",")
            greeting = pattern(r"[.!?]\s").sub("\x01", head).rsplit("\x01", 1)[-1]
            return _name(name) if comma and _is_greeting(greeting) else None
    return None


def _is_greeting(line: str) -> bool:
    return line.strip(" ,.!").lower().replace("’", "'") in _GREETINGS


def _name(line: str) -> str | None:
    words = line.split(",")[0].split("(")[0].strip(" .-–").split()
    if words and words[0].lower().rstrip(".") in _TITLES:
        words = words[1:]
    whole = 0 < len(words) < _WORDS and all(word in _JOINING or _is_name(word) for word in words)
    return " ".join(words) if whole and words[0] not in _JOINING else None


def _is_name(word: str) -> bool:
    letters = word.replace("'", "").replace("’", "").replace("-", "").rstrip(".")
    cased = word[:1].isupper() or word[:1].lower() == word[:1].upper()
    return letters.isalpha() and cased and len(word) <= _LONGEST
