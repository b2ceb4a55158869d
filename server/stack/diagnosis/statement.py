"""The text of a statement as it may be shown: one line, its values masked."""

import re

from server.runner.redaction import Redaction

_TOKEN = re.compile(
    r"""
      (?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<name>"(?:[^"]|"")*(?:"|\Z))
    | [eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)          # E'it\'s'
    | '(?:[^']|'')*(?:'|\Z)                    # 'it''s', or cut off within
    | \$(?P<tag>[A-Za-z_]\w*)?\$.*?(?:\$(?(tag)(?P=tag))\$|\Z)   # $tag$ … $tag$
    | (?<![\w$.])[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b           # numbers, but not $1 and not a1
    """,
    re.VERBOSE | re.DOTALL,
)
_SECRETS = Redaction()


def masked(statement: str) -> str:
    """The statement on one line, with ``?`` in the place of every value: values are customers' words and keys."""
    return _SECRETS.of(" ".join(_TOKEN.sub(_shown, statement).split()))


def _shown(token: re.Match[str]) -> str:
    if token["comment"]:
        return " "
    return token["name"] or "?"
