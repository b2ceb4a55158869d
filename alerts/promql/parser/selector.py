"""The braces of a selector: matchers, quoted metric names, and what a selector must have."""

from typing import get_args

from alerts.matcher import Matcher, MatchOp
from alerts.promql.error import PromQLError
from alerts.promql.parser.syntax import Selector
from alerts.promql.parser.token_stream import TokenStream
from alerts.promql.pattern import check_pattern

_OPERATORS: dict[str, MatchOp] = {op: op for op in get_args(MatchOp)}


def parse_braces(stream: TokenStream, *, quoted: bool) -> tuple[Matcher, ...]:
    """``{a="b", …}``; with ``quoted`` also ``{"metric.name", "label.name"="x"}``."""
    stream.expect("{")
    found: list[Matcher] = []
    while not stream.at_op("}"):
        found.append(_matcher(stream, quoted=quoted))
        if not stream.skip_op(","):
            break
    stream.expect("}")
    return tuple(found)


def _matcher(stream: TokenStream, *, quoted: bool) -> Matcher:
    start = stream.peek
    name = stream.label_name(quoted=quoted)
    if start.kind == "string" and (stream.at_op(",") or stream.at_op("}")):
        return Matcher.of("__name__", "=", name)
    op = _OPERATORS.get(stream.peek.text) if stream.peek.kind == "op" else None
    if op is None:
        raise stream.unexpected(", expected label matching operator")
    stream.take()
    value = stream.peek
    if value.kind != "string":
        raise stream.unexpected(", expected string")
    stream.take()
    if op in ("=~", "!~"):
        check_pattern(value.text, value.position, stream.text)
    return Matcher.of(name, op, value.text)


def selector(name: str, matchers: tuple[Matcher, ...], position: int, stream: TokenStream) -> Selector:
    """The selector, if it is one that Prometheus accepts. Raises ``PromQLError``."""
    names = [m.value for m in matchers if m.name == "__name__" and m.op == "="]
    if name and names:
        raise PromQLError(
            f"metric name must not be set twice: {name!r} or {names[0]!r}", position, stream.text
        )
    if name:
        matchers = (*matchers, Matcher.of("__name__", "=", name))
    if all(m.accepts("", dot_all=True) for m in matchers):
        raise PromQLError(
            "vector selector must contain at least one non-empty matcher", position, stream.text
        )
    return Selector(name or (names[0] if names else ""), matchers, position=position)
