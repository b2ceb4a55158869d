"""The filter language of the board: words AND, ``!word``, ``sev:>=warning``, ``svc:x``, ``is:acked``, ``/regex/``."""

import re
from collections.abc import Callable

from alerts.annotations import summary_of
from alerts.wire import AlertView

Predicate = Callable[[AlertView], bool]
TextOf = Callable[[AlertView], str]
_PLAIN = re.compile(r"[^!:/]*")
"""A filter of plain words: one letter more can only let less through."""
SEVERITIES = ("none", "info", "warning", "critical")
_SHORT = {"crit": "critical", "warn": "warning"}
_OPERATORS = (">=", "<=", ">", "<", "=")
_IS: dict[str, Predicate] = {
    "acked": lambda alert: alert.acknowledged_by is not None,
    "firing": lambda alert: alert.state == "firing",
    "pending": lambda alert: alert.state == "pending",
    "resolved": lambda alert: alert.state == "resolved",
    "stale": lambda alert: alert.state == "stale",
    "silenced": lambda alert: bool(alert.silenced_by),
    "inhibited": lambda alert: bool(alert.inhibited_by),
    "maintenance": lambda alert: bool(alert.maintenance),
    "flapping": lambda alert: alert.flapping > 0,
}


class FilterError(ValueError):
    """A filter that cannot be understood; the message says which word and what would be right."""


def parse_filter(text: str, text_of: TextOf | None = None) -> Predicate:
    """A predicate for the whole filter; an empty one takes everything. Raises ``FilterError``.

    ``text_of`` gives the text in which words are looked for, where somebody has it at hand.
    """
    predicates = [_negatable(word, text_of or searched_text) for word in _words(text)]
    if len(predicates) == 1:
        return predicates[0]
    return lambda alert: all(predicate(alert) for predicate in predicates)


def narrows(before: str, after: str) -> bool:
    """Whether whatever passes ``after`` passes ``before`` too, as when a person types on."""
    return bool(_PLAIN.fullmatch(before)) and bool(_PLAIN.fullmatch(after)) and after.startswith(before)


def plain_words(text: str) -> tuple[str, ...] | None:
    """The words of a filter that has nothing else, each to be looked for in ``searched_text``; None for any other."""
    return tuple(text.lower().split()) if _PLAIN.fullmatch(text) else None


def _words(text: str) -> list[str]:
    """Words, ``/regular expressions/`` with their spaces kept together."""
    return re.findall(r"!?/(?:[^/\\]|\\.)+/|\S+", text)


def _negatable(word: str, text_of: TextOf) -> Predicate:
    if word.startswith("!") and len(word) > 1:
        predicate = _term(word[1:], text_of)
        return lambda alert: not predicate(alert)
    return _term(word, text_of)


def _term(word: str, text_of: TextOf) -> Predicate:
    if len(word) > 2 and word.startswith("/") and word.endswith("/"):
        return _matching(word[1:-1], text_of)
    name, colon, value = word.partition(":")
    if colon and name in ("sev", "severity"):
        return _severity(value)
    if colon and name in ("svc", "service"):
        return lambda alert: alert.service.startswith(value)
    if colon and name == "is":
        if value not in _IS:
            raise FilterError(f"is:{value} is unknown; one of {', '.join(_IS)}")
        return _IS[value]
    if colon and name and value and re.fullmatch(r"[A-Za-z_]\w*", name):
        return lambda alert: value in alert.labels.get(name, "")
    lower = word.lower()
    return lambda alert: lower in text_of(alert)


def _matching(pattern: str, text_of: TextOf) -> Predicate:
    # Imported when a filter asks for it: the command line and the console's first paint do without.
    from alerts.pattern import PatternError, compile_pattern

    try:
        expression = compile_pattern(pattern, ignore_case=True)
    except PatternError as error:
        raise FilterError(f"/{pattern}/ is no regular expression: {error}") from error
    return lambda alert: expression.search(text_of(alert)) is not None


def _severity(value: str) -> Predicate:
    operator = next((o for o in _OPERATORS if value.startswith(o)), "=")
    name = value.removeprefix(operator)
    name = _SHORT.get(name, name)
    if name not in SEVERITIES:
        raise FilterError(f"sev:{value} is unknown; write for instance sev:>=warning")
    wanted = SEVERITIES.index(name)
    tests: dict[str, Callable[[int], bool]] = {
        ">=": lambda rank: rank >= wanted,
        "<=": lambda rank: rank <= wanted,
        ">": lambda rank: rank > wanted,
        "<": lambda rank: rank < wanted,
        "=": lambda rank: rank == wanted,
    }
    test = tests[operator]
    return lambda alert: test(SEVERITIES.index(alert.severity))


def searched_text(alert: AlertView) -> str:
    """What words and regular expressions are looked for in, in lower case."""
    summary = summary_of(alert.annotations)
    return f"{alert.alertname} {alert.service} {summary} {alert.acknowledged_by or ''}".lower()
