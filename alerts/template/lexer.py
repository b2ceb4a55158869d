"""Template text to tokens, by the rules of Go's text/template/parse (delimiters, trim markers, comments)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from alerts.template.error import TemplateError

_SPACE = " \t\r\n"
_OPEN, _CLOSE = "{{", "}}"
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<declare>:=)|(?P<assign>=)|(?P<pipe>\|)|(?P<left>\()|(?P<right>\))
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*")
    |(?P<raw>`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\[^\n])*')
    |(?P<variable>\$\w*)
    |(?P<number>[-+]?(?=\.?\d)(?:0[xX][\da-fA-F_.]*(?:[pP][-+]?[\d_]*)?|0[oObB][\d_]*|[\d_.]+(?:[eE][-+]?[\d_]*)?)i?)
    |(?P<field>\.(?=[^\W\d])\w+)
    |(?P<dot>\.)
    |(?P<word>\w+)
    |(?P<mark>[!-~])""",
    re.VERBOSE,
)
_KEYWORDS = frozenset(
    ("block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with")
)
_TERMINATED = frozenset(("variable", "field", "dot", "word"))
_TERMINATORS = frozenset((*_SPACE, ".", ",", "|", ":", "(", ")"))


@dataclass(frozen=True, slots=True)
class TemplateToken:
    """One token of an action, or a text between actions (kind ``text``), or the end of an action (``close``)."""

    kind: str
    text: str
    start: int
    """Characters before it in the template."""


def tokens(source: str) -> Iterator[TemplateToken]:
    """Every token of a template. Raises ``TemplateError``."""
    position, trims = 0, False
    while True:
        opens = source.find(_OPEN, position)
        plain = source[position : opens if opens >= 0 else len(source)]
        if trims:
            plain = plain.lstrip(_SPACE)
        if opens < 0:
            yield TemplateToken("text", plain, position)
            return
        inside = opens + len(_OPEN)
        if source[inside : inside + 1] == "-" and source[inside + 1 : inside + 2] in tuple(_SPACE):
            plain = plain.rstrip(_SPACE)
            inside += 2
        yield TemplateToken("text", plain, position)
        if source.startswith("/*", inside):
            position, trims = _comment_end(source, inside)
            continue
        for token in _action(source, inside):
            yield token
        position = token.start + len(token.text)
        trims = token.text.startswith("-") or token.text[:1] in _SPACE


def _comment_end(source: str, start: int) -> tuple[int, bool]:
    end = source.find("*/", start)
    if end < 0:
        raise TemplateError("unclosed comment")
    width, trims = _closing(source, end + 2)
    if not width:
        raise TemplateError("comment ends before closing delimiter")
    return end + 2 + width, trims


def _closing(source: str, at: int) -> tuple[int, bool]:
    """How long the right delimiter at a place is, 0 for none, and whether it trims what follows."""
    if source[at : at + 1] in tuple(_SPACE) and source.startswith("-" + _CLOSE, at + 1):
        return 2 + len(_CLOSE), True
    return (len(_CLOSE), False) if source.startswith(_CLOSE, at) else (0, False)


def _action(source: str, position: int) -> Iterator[TemplateToken]:
    depth = 0
    while True:
        width, _ = _closing(source, position)
        if width:
            if depth:
                raise TemplateError("unclosed left paren")
            yield TemplateToken("close", source[position : position + width], position)
            return
        token = _one(source, position)
        depth += {"left": 1, "right": -1}.get(token.kind, 0)
        if depth < 0:
            raise TemplateError("unexpected right paren")
        yield token
        position += len(token.text)


def _one(source: str, position: int) -> TemplateToken:
    found = _TOKEN.match(source, position)
    if found is None or found.lastgroup is None:
        if position >= len(source):
            raise TemplateError("unclosed action")
        raise TemplateError(f"unrecognized character in action: {source[position]!r}")
    kind, text = found.lastgroup, found.group()
    if kind == "space" and _closing(source, found.end() - 1)[1]:
        text = text[:-1]
    if kind == "mark" and text in "\"'`":
        raise TemplateError(f"unterminated quoted string: {source[position : position + 40]!r}")
    follows = source[found.end() : found.end() + 1]
    ends = not follows or follows in _TERMINATORS or source.startswith(_CLOSE, found.end())
    if kind in _TERMINATED and not ends:
        raise TemplateError(f"bad character {follows!r} after {text!r}")
    if kind == "number" and (follows.isalnum() or follows == "_"):
        raise TemplateError(f"bad number syntax: {text + follows!r}")
    if kind == "word":
        kind = "bool" if text in ("true", "false") else text if text in _KEYWORDS else kind
    return TemplateToken(kind, text, position)
