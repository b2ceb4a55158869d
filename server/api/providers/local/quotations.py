"""What stands in quotation marks and code fences, found in one pass."""

from typing import NamedTuple


class Quotation(NamedTuple):
    """One quotation: its place with its marks, and what stands between them."""

    start: int
    end: int
    inside: str


_CLOSERS = {"“": '”"', "«": "»", "„": '“”"', "「": "」", "『": "』", '"': '"'}
_SINGLE = "'‘"
_AFTER_SINGLE = " \t\n\r.,:;!?)"


def quotations(text: str) -> list[Quotation]:
    """Every quotation in its order; one inside another belongs to the outer."""
    found: list[Quotation] = []
    gone: set[str] = set()
    at = 0
    while at < len(text):
        quotation = _at(text, at, gone)
        if quotation is None:
            at += 1
        else:
            found.append(quotation)
            at = quotation.end
    return found


def masked(text: str, found: list[Quotation], mask: str, *, longer_than: int) -> str:
    """``text`` with every quotation that is longer than so many characters in place of ``mask``."""
    parts, at = [], 0
    for quotation in found:
        if quotation.end - quotation.start > longer_than:
            parts += [text[at : quotation.start], mask]
            at = quotation.end
    return "".join([*parts, text[at:]])


def blanked(text: str, found: list[Quotation]) -> str:
    """``text`` with every quotation as so many NULs: places stay what they are."""
    parts, at = [], 0
    for quotation in found:
        parts += [text[at : quotation.start], "\0" * (quotation.end - quotation.start)]
        at = quotation.end
    return "".join([*parts, text[at:]])


def _at(text: str, at: int, gone: set[str]) -> Quotation | None:
    """The quotation that begins at ``at``; ``gone`` are the closing marks that no longer come."""
    mark = text[at]
    if mark == "`":
        return _fence(text, at, gone)
    if mark in _CLOSERS:
        return _closed(text, at, _CLOSERS[mark], gone)
    if mark in _SINGLE and (at == 0 or text[at - 1] in " \t\n\r:"):
        return _single(text, at)
    return None


def _fence(text: str, at: int, gone: set[str]) -> Quotation | None:
    if text.startswith("```", at) and "```" not in gone:
        end = text.find("```", at + 4)
        if end >= 0:
            body = text[at + 3 : end]
            head, newline, rest = body.partition("\n")
            inside = rest if newline and rest and (not head or head.isalnum()) else body
            return Quotation(at, end + 3, inside.strip())
        gone.add("```")
    end = text.find("`", at + 1)
    line = text.find("\n", at + 1, end if end >= 0 else len(text))
    return Quotation(at, end + 1, text[at + 1 : end].strip()) if end > at + 1 and line < 0 else None


def _closed(text: str, at: int, closers: str, gone: set[str]) -> Quotation | None:
    ends = []
    for closer in closers:
        if closer in gone:
            continue
        end = text.find(closer, at + 1)
        if end < 0:
            gone.add(closer)
        else:
            ends.append(end)
            if text[at] == "“":
                break
    end = min(ends, default=-1)
    return Quotation(at, end + 1, text[at + 1 : end].strip()) if end > at + 1 else None


def _single(text: str, at: int) -> Quotation | None:
    """Between single marks, which are apostrophes too: only where no letter stands before the first or after the last."""
    end = at + 1
    while end < len(text) and text[end] not in "'‘’\n":
        end += 1
    closed = end < len(text) and text[end] in "'’" and end - at > 2
    if not closed or not (end + 1 == len(text) or text[end + 1] in _AFTER_SINGLE):
        return None
    return Quotation(at, end + 1, text[at + 1 : end].strip())
