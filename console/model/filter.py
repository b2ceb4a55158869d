"""The filter language of the board: words AND, ``!word``, ``sev:>=warning``, ``svc:x``, ``is:acked``, ``/regex/``."""

import re
from collections.abc import Callable
from typing import TypeVar

from alerts.annotations import summary_of
from alerts.wire import AlertView

T = TypeVar("T")
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
    return all_words(text, lambda word: _term(word, text_of or searched_text))


def all_words(text: str, term: Callable[[str], Callable[[T], bool]]) -> Callable[[T], bool]:
    """What passes every word of a filter, each by what ``term`` makes of it; ``!`` before a word turns it round."""
    predicates = [_negatable(word, term) for word in _words(text)]
    if len(predicates) == 1:
        return predicates[0]
    return lambda one: all(predicate(one) for predicate in predicates)


def keys_in(text: str) -> list[str]:
    """The names before colons of a filter's words, each once: ``sev`` of ``!sev:critical``."""
    named = (re.match(r"!?([A-Za-z_]\w*):.", word) for word in _words(text))
    return list(dict.fromkeys(match[1] for match in named if match))


def narrows(before: str, after: str) -> bool:
    """Whether whatever passes ``after`` passes ``before`` too, as when a person types on."""
    return bool(_PLAIN.fullmatch(before)) and bool(_PLAIN.fullmatch(after)) and after.startswith(before)


def plain_words(text: str) -> tuple[str, ...] | None:
    """The words of a filter that has nothing else, each to be looked for in ``searched_text``; None for any other."""
    return tuple(text.lower().split()) if _PLAIN.fullmatch(text) else None


def _words(text: str) -> list[str]:
    """Words, ``/regular expressions/`` with their spaces kept together."""
    return re.findall(r"!?/(?:[^/\\]|\\.)+/|\S+", text)


def _negatable(word: str, term: Callable[[str], Callable[[T], bool]]) -> Callable[[T], bool]:
    if word.startswith("!") and len(word) > 1:
        predicate = term(word[1:])
        return lambda one: not predicate(one)
    return term(word)


def _term(word: str, text_of: TextOf) -> Predicate:
    name, colon, value = word.partition(":")
    if colon and name in ("sev", "severity"):
        fits = severity_test(value)
        return lambda alert: fits(alert.severity)
    if colon and name in ("svc", "service"):
        return lambda alert: alert.service.startswith(value)
    if colon and name == "is":
        if value not in _IS:
            raise FilterError(f"is:{value} is unknown; one of {', '.join(_IS)}")
        return _IS[value]
    if colon and name and value and re.fullmatch(r"[A-Za-z_]\w*", name):
        return lambda alert: value in alert.labels.get(name, "")
    return searched(word, text_of)


def searched(word: str, text_of: Callable[[T], str]) -> Callable[[T], bool]:
    """Whether a word, or a ``/regular expression/``, is in a text in lower case. Raises ``FilterError``."""
    if len(word) > 2 and word.startswith("/") and word.endswith("/"):
        return _matching(word[1:-1], text_of)
    lower = word.lower()
    return lambda one: lower in text_of(one)


def _matching(pattern: str, text_of: Callable[[T], str]) -> Callable[[T], bool]:
    # Imported when a filter asks for it: the command line and the console's first paint do without.
    from alerts.pattern import PatternError, compile_pattern

    try:
        expression = compile_pattern(pattern, ignore_case=True)
    except PatternError as error:
        raise FilterError(f"/{pattern}/ is no regular expression: {error}") from error
    return lambda one: expression.search(text_of(one)) is not None


def severity_test(value: str) -> Callable[[str], bool]:
    """Whether a severity is one that ``critical``, ``>=warning`` and the like mean. Raises ``FilterError``."""
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
    return lambda severity: test(SEVERITIES.index(severity))


def searched_text(alert: AlertView) -> str:
    """What words and regular expressions are looked for in, in lower case."""
    summary = summary_of(alert.annotations)
    return f"{alert.alertname} {alert.service} {summary} {alert.acknowledged_by or ''}".lower()
