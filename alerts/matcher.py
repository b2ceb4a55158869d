"""One matcher for all that is matched by label: silences, inhibition, windows, filters, PromQL."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from alerts.pattern import PatternError, compile_pattern

MatchOp = Literal["=", "!=", "=~", "!~"]
_TEXT = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!=|!~|=)\s*", re.ASCII)
_SHAPE = 'write for instance service="api" or alertname=~"API.*"'
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


class MatcherError(ValueError):
    """A matcher that cannot be used; the message says why."""


class Matcher(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One condition on one label, with Alertmanager's four operators. A label that is not there is empty."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    @classmethod
    def of(cls, name: str, op: MatchOp, value: str) -> "Matcher":
        """The matcher ``name op value``."""
        return cls(name=name, value=value, is_regex="~" in op, is_equal=op in ("=", "=~"))

    @property
    def op(self) -> MatchOp:
        """The operator as people write it."""
        if self.is_regex:
            return "=~" if self.is_equal else "!~"
        return "=" if self.is_equal else "!="

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the label fits; a regular expression must match the whole value. Raises ``PatternError``."""
        return self.accepts(labels.get(self.name, ""))

    def accepts(self, value: str, *, dot_all: bool = False) -> bool:
        """Whether this value fits. ``dot_all``: as PromQL has it since Prometheus 3. Raises ``PatternError``."""
        if not self.is_regex:
            return (value == self.value) is self.is_equal
        pattern = compile_pattern(self.value, dot_all=dot_all)
        return (pattern.fullmatch(value) is not None) is self.is_equal

    @property
    def needs_nothing(self) -> bool:
        """Whether the matcher is a positive condition that an empty value fulfils; alone it would name nobody in particular.

        Source: Alertmanager 0.25, ``matchesEmpty``: a negative condition counts as one that names somebody.
        """
        if not self.is_equal:
            return False
        return compile_pattern(self.value).search("") is not None if self.is_regex else self.value == ""


def parse_matcher(text: str) -> Matcher:
    r"""One matcher as amtool writes it: ``alertname="APIDown"``, ``service=~api|web``. Raises ``MatcherError``.

    Within quotes and without, ``\n``, ``\"`` and ``\\`` are resolved and any other backslash stays what it is; a
    double quote that is not escaped may only stand at both ends. Source: Alertmanager 0.25, ``pkg/labels/parse.go``.
    """
    match = _TEXT.match(text)
    if match is None:
        raise MatcherError(f"{text!r} is no matcher; {_SHAPE}")
    name, op = match.groups()
    matcher = Matcher.of(name, op, _unquoted(text[match.end() :].rstrip(), text))  # type: ignore[arg-type]  # one of the four
    check_pattern(matcher)
    return matcher


def _unquoted(raw: str, whole: str) -> str:
    inner = raw
    if raw.startswith('"'):
        if len(raw) < 2 or not raw.endswith('"'):
            raise MatcherError(f"{whole!r}: the double quote is not closed; {_SHAPE}")
        inner = raw[1:-1]
    value, rest = [], iter(inner)
    for char in rest:
        if char == '"':
            raise MatcherError(f'{whole!r}: a double quote inside of a value is written \\"')
        if char != "\\":
            value.append(char)
            continue
        escaped = next(rest, "")
        if escaped == "" and inner is not raw:
            raise MatcherError(f"{whole!r}: the double quote is not closed; {_SHAPE}")
        value.append(_ESCAPES.get(escaped, "\\" + escaped))
    return "".join(value)


def check_pattern(matcher: Matcher) -> None:
    """Raises ``MatcherError`` for a regular expression that is none."""
    if matcher.is_regex:
        try:
            compile_pattern(matcher.value)
        except PatternError as error:
            raise MatcherError(
                f"{matcher.name}: {matcher.value!r} is no regular expression: {error}"
            ) from error


def check_matchers(matchers: Iterable[Matcher]) -> None:
    """Raises ``MatcherError`` for none, for an expression that is none, and for those that would fit everything.

    Source: Alertmanager 0.25, ``validateSilence``.
    """
    matchers = tuple(matchers)
    if not matchers:
        raise MatcherError("at least one matcher is needed")
    for matcher in matchers:
        if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", matcher.name, re.ASCII):
            raise MatcherError(f"{matcher.name!r} is no name of a label")
        check_pattern(matcher)
    if all(matcher.needs_nothing for matcher in matchers):
        raise MatcherError("these matchers would fit every alert; name at least one label that must be there")
