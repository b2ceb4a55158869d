"""Matchers as amtool writes them in a query: ``alertname="APIDown"``, ``service=~"api|web"``."""

import re

from alerts.silence import Matcher, MatcherError, check_matchers

_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^"]*?)\s*')
_ESCAPE = re.compile(r"\\(.)")


def parse_matcher(text: str) -> Matcher:
    """One matcher; raises ``MatcherError``. Source: Alertmanager, ``pkg/labels/parse.go``."""
    match = _MATCHER.fullmatch(text)
    if match is None:
        raise MatcherError(f'{text!r} is no matcher; write for instance service="api" or alertname=~"API.*"')
    name, operator, value = match.groups()
    if value.startswith('"'):
        value = _ESCAPE.sub(lambda escaped: {"n": "\n"}.get(escaped[1], escaped[1]), value[1:-1])
    matcher = Matcher(name=name, value=value, is_regex="~" in operator, is_equal="!" not in operator)
    if matcher.is_regex:
        check_matchers((Matcher(name="x", value="x"), matcher))
    return matcher
