"""Lists in a prompt: enumerations behind a label, and rows that each describe one thing."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from server.api.providers.local.label import behind_colon, labels_in
from server.api.providers.local.pattern import pattern

_MOST = 50
_BULLET = r"(?m)^[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+([^\n]+)$"
_ROW = r"^(?:\W*)(\d{1,6}(?:[.,]\d+)?)\s?(?:x|×|\*|pcs\.?|pieces? of|units? of|stück|kg|g)?\s+(?:of )?([\p{L}][^$€£¥@:()\d]{0,59}?)\s*(?:[@:(–-]|\bat\b|\bfor\b|\bà\b|\bfür\b|\bzu je\b|\bzu\b|\bcosting\b|$)\s*(.*)$"
_EACH = r"\beach\b|\bapiece\b|\bper \w+\b|/ ?(?:unit|pc|ea)|\bje\b|\bchacun\b|\bcada uno\b|\bcad[ao]\b|\bl'un\w*\b"

_DENIED = r"(?:no|not|without|except|excluding|but not|kein\p{L}*|nicht|ohne|außer|pas|sans|sauf|sin|no|excepto|non|senza|tranne|não|sem|exceto|geen|niet|zonder|nie|bez|ingen|inte|utan|нет|не|без|кроме)\s|不|没有|除"


class Row(NamedTuple):
    """One row: how many of what, and what it costs."""

    text: str
    quantity: float | int | None
    name: str
    rest: str
    """What stands behind the name."""
    each: bool
    """Whether a price in it is that of one."""


def enumeration(text: str, labels: Sequence[str]) -> list[str]:
    """What stands behind ``label:``, parted by commas or «and», or on the lines with bullets below it."""
    for label in labels_in(text, labels):
        place = behind_colon(text, label)
        if place is not None:
            return [
                part for part in map(_tidy, parts_of(text[place[0] : place[1]].strip().rstrip("."))) if part
            ][:_MOST]
        if pattern(r"^\s{0,3}[:：]\s*\n").match(text[label.end : label.end + 10]):
            lines = text[label.end :].split("\n")[1:]
            found = []
            for line in lines:
                bullet = pattern(_BULLET).match(line)
                if bullet is None:
                    break
                found.append(_tidy(bullet[1]))
            return [part for part in found if part][:_MOST]
    return []


def denied_part(part: str) -> bool:
    """Whether a part of an enumeration is named as what it does not hold: «no nuts»."""
    return pattern(_DENIED).match(part) is not None


def segments(text: str, labels: Sequence[str]) -> list[str]:
    """The parts of a prompt that may each describe one thing: lines with bullets, else what a colon or a sentence enumerates."""
    bullets = [match[1].strip() for match in pattern(_BULLET).finditer(text)]
    if len(bullets) >= 2:
        return bullets[:_MOST]
    for label in labels_in(text, labels):
        place = behind_colon(text, label)
        if place is not None:
            return parts_of(text[place[0] :].partition("\n")[0].strip().rstrip("."))[:_MOST]
    _, colon, rest = text.partition(":")
    introduced = colon and ":" not in rest and "\n\n" not in rest.strip()
    body = rest if introduced else text
    return parts_of(body.strip().rstrip("."))[:_MOST]


def parts_of(text: str) -> list[str]:
    """``text`` cut at semicolons where it has some, else at commas that are no decimal marks, and at «and»."""
    if ";" in text:
        return [part.strip() for part in text.split(";") if part.strip()]
    marked = pattern(
        r",\s+(?:and|und|et|y|e|en|og|och|i|и|ve)\s+|,\s+|\s+(?:and|und|et|y|og|och|и|ve)\s+|[、，]|和|\n"
    ).sub("\x00", text)
    return [part.strip() for part in marked.split("\x00") if part.strip()]


def row_of(segment: str) -> Row | None:
    """A segment that begins with how many of something; what leads up to the number is left out."""
    start = pattern(r"\d").search(segment)
    if start is None or segment[: start.start()].count(" ") > 6 or ":" in segment[: start.start()]:
        return None
    found = pattern(_ROW).match(segment[start.start() :])
    if found is None:
        return None
    figure = found[1].replace(",", ".")
    quantity = float(figure) if "." in figure else int(figure)
    name = found[2].strip(" -–:,.")
    return (
        Row(segment, quantity, name, found[3], pattern(_EACH).search(segment) is not None) if name else None
    )


def pairs_of(text: str) -> dict[str, str]:
    """``key: value`` and ``key=value`` in an enumeration."""
    found: dict[str, Any] = {}
    for part in parts_of(text):
        pair = pattern(r"^([\p{L}\p{N}_. -]{1,40}?)\s?[:=]\s?(.{1,100})$").match(part)
        if pair is None:
            return {}
        found[pair[1].strip()] = pair[2].strip()
    return found


def _tidy(text: str) -> str:
    return text.strip().strip("\"'“”„«»").strip().rstrip(".").strip()
