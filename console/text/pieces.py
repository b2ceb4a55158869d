"""A long Markdown text in pieces, each of which is typeset by itself as it would be within the whole."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NO_BEGIN = re.compile(r"\s|[-*+>|]\s|\d+[.)]\s")
"""A line that may go on with what stands before the blank line: a list, a quote, an indented text."""


def pieces_of(markdown: str, size: int) -> Iterator[str]:
    """Parts of about ``size`` characters, cut at blank lines between paragraphs only; joined, they are the text.

    A text with link definitions is left whole: any part of it may need them.
    """
    if len(markdown) <= size or re.search(r"^ {0,3}\[[^]]+\]:", markdown, re.MULTILINE):
        yield markdown
        return
    piece: list[str] = []
    length, fence, was_blank = 0, "", False
    for line in markdown.splitlines(keepends=True):
        if length >= size and was_blank and not fence and not _NO_BEGIN.match(line):
            yield "".join(piece)
            piece, length = [], 0
        piece.append(line)
        length += len(line)
        was_blank = not line.strip()
        fence = _fence_after(line, fence)
    yield "".join(piece)


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open behind a line; empty where none is."""
    found = _FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found[1]
    closes = found[1][0] == fence[0] and len(found[1]) >= len(fence) and not line[found.end() :].strip()
    return "" if closes else fence
