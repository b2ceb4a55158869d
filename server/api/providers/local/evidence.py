"""What a prompt holds about a named thing: a labelled value, an entity of its kind, a word of a list."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.api.wire import Analysis

_KIND_OF_NAME = {
    "email": ("email", "mail", "e_mail"),
    "url": ("url", "link", "website", "uri", "homepage"),
    "phone": ("phone", "telephone", "mobile", "fax"),
    "date": ("date", "day", "deadline", "due", "birthday", "when"),
    "time": ("time", "hour"),
    "money": ("price", "amount", "cost", "total", "budget", "salary", "fee", "money"),
    "percentage": ("percent", "percentage", "rate", "share", "discount"),
    "duration": ("duration", "length", "period"),
    "language": ("target_language", "language_name", "to_language"),
    "name": ("name", "person", "customer", "client", "author", "recipient", "attendee", "people", "company", "city", "country", "place", "location"),
    "quoted": ("quote", "quotation", "phrase"),
    "number": ("number", "numbers", "values"),
}  # fmt: skip
_OWN = {
    "intent": "intent",
    "task": "intent",
    "action": "intent",
    "subject": "subject",
    "topic": "subject",
    "query": "subject",
    "output_format": "output_format",
    "format": "output_format",
    "original_language": "original_language",
    "language": "original_language",
    "source_language": "original_language",
}
_KIND_OF_FORMAT = {"email": "email", "uri": "url", "date": "date", "date-time": "date", "time": "time"}
_DIRECTION = {
    "destination": "to",
    "to": "to",
    "origin": "from",
    "from": "from",
    "location": "in",
    "place": "in",
    "city": "in",
    "country": "in",
}
_FIGURE = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?")
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%B %d %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y")
_TRUE, _FALSE = ("yes", "true", "on"), ("no", "false", "off")


class Evidence:
    """Answers about one prompt; None means that it does not say."""

    def __init__(self, prompt: str, understood: Analysis) -> None:
        self._prompt = prompt
        self._understood = understood
        self._entities = understood.entities

    def text(self, name: str, format: str) -> str | None:
        """A text for the property ``name``."""
        labelled = self._labelled(name)
        if format in ("date", "date-time"):
            return _iso(labelled or self._first("date"), format)
        if labelled is not None:
            return labelled
        if format in _KIND_OF_FORMAT:
            return self._first(_KIND_OF_FORMAT[format])
        own = _OWN.get(name.lower())
        if own is not None:
            return str(getattr(self._understood, own))
        directed = self._directed(name)
        return directed or self._first(self._kind(name))

    def texts(self, name: str, format: str) -> list[str]:
        """Every text of the kind that ``name`` names."""
        kind = _KIND_OF_FORMAT.get(format) or self._kind(name.removesuffix("s")) or self._kind(name)
        if kind:
            return list(self._entities.get(kind, ()))
        labelled = self._labelled(name)
        return (
            [part.strip() for part in re.split(r",|;|\band\b", labelled) if part.strip()] if labelled else []
        )

    def number(self, name: str, *, whole: bool) -> float | int | None:
        """The figure beside the words of ``name``; a prompt's only figure where it is of the right kind."""
        words = r"\W*".join(map(re.escape, _words(name)))
        beside = re.search(
            rf"\b{words}\b\W{{0,3}}(?:is|of|was|=|:)?\W{{0,3}}({_FIGURE.pattern})",
            self._prompt,
            re.IGNORECASE,
        )
        before = re.search(rf"({_FIGURE.pattern})\W{{0,2}}{words}\b", self._prompt, re.IGNORECASE)
        match = beside or before
        if match is not None:
            return _figure(match[1], whole)
        if name.lower() in ("confidence", "confidence_score") and not whole:
            return self._understood.confidence
        if self._kind(name) in ("money", "percentage", "number"):
            value = self._first(self._kind(name))
            figures = _FIGURE.findall(value) if value else []
            return _figure(figures[0], whole) if len(figures) == 1 else None
        if name.lower() == "age":
            years = re.search(r"(\d{1,3})(?:-| )years?(?:-| )old", self._prompt)
            return int(years[1]) if years else None
        return None

    def numbers(self, *, whole: bool) -> list[float | int]:
        """Every figure."""
        found = (_figure(text, whole) for text in _FIGURE.findall(self._prompt))
        return [figure for figure in found if figure is not None]

    def truth(self, name: str) -> bool | None:
        """Yes or no, where the prompt says so beside the name."""
        said = (self._labelled(name) or "").lower().split(" ")[0]
        return True if said in _TRUE else False if said in _FALSE else None

    def one_of(self, name: str, values: Sequence[Any]) -> Any:
        """The one listed value that the prompt names."""
        own = _OWN.get(name.lower())
        if own is not None and getattr(self._understood, own) in values:
            return getattr(self._understood, own)
        named = self.all_of(values)
        return named[0] if len(named) == 1 else None

    def all_of(self, values: Sequence[Any]) -> list[Any]:
        """The listed values that the prompt names as words."""
        return [
            v
            for v in values
            if isinstance(v, str)
            and v
            and re.search(rf"(?<!\w){re.escape(v)}(?!\w)", self._prompt, re.IGNORECASE)
        ]

    def _labelled(self, name: str) -> str | None:
        """A value written as ``name: value`` or ``name = value``."""
        words = r"[\W_]*".join(map(re.escape, _words(name)))
        match = (
            re.search(rf"(?<!\w){words}\s*[:=]\s*([^\n,;]+)", self._prompt, re.IGNORECASE) if words else None
        )
        value = match[1].strip().strip("\"'“”.") if match else ""
        return value[:500] or None

    def _directed(self, name: str) -> str | None:
        """The name behind ``to``, ``from`` or ``in``."""
        preposition = next((word for key, word in _DIRECTION.items() if key in _words(name)), None)
        if preposition is None:
            return None
        match = re.search(rf"\b{preposition}\s+((?:[A-Z][\w'-]+)(?:\s+[A-Z][\w'-]+)*)", self._prompt)
        return match[1] if match else None

    def _kind(self, name: str) -> str:
        words = set(_words(name)) | {name.lower()}
        return next((kind for kind, names in _KIND_OF_NAME.items() if words & set(names)), "")

    def _first(self, kind: str) -> str | None:
        values = self._entities.get(kind)
        return values[0] if values else None


def _words(name: str) -> list[str]:
    """``totalPrice`` and ``total_price`` are total, price."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def _figure(text: str, whole: bool) -> float | int | None:
    value = float(text.replace(",", ""))
    if value.is_integer():
        return int(value)
    return None if whole else value


def _iso(text: str | None, format: str) -> str | None:
    """A date as ISO 8601 writes it; None where the text leaves the year or the time open."""
    if text is None or format == "date-time":
        return (
            text
            if text and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", text)
            else None
        )
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text)
    for pattern in _DATES:
        try:
            return datetime.strptime(plain, pattern).date().isoformat()  # a date has no zone
        except ValueError:
            continue
    return None
