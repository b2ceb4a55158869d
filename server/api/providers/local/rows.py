"""Lists in a prompt: enumerations behind a label, and rows that each describe one thing."""

from collections.abc import Sequence
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.label import behind_colon, labels_in
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.introduction import lead_of, leaves_it

_MOST = 50
_BULLET = r"^[ \t]*(?:[-*•–]|\d{1,2}[.)]|[A-Za-z]\))[ \t]+([^\n]+)$"
_COUNTED = r"^[ \t]*(\d{1,4}\s?[x×]\s?\p{L}[^\n]*|\p{L}[^\d\n:.]{0,59}\s[x×]\s?\d{1,4}\b[^\n]*)$"
_MEASURE = r"mg|kg|dag|g|ml|cl|dl|l|oz|lbs?|cups?|tbsps?|tsps?|tablespoons?|teaspoons?|pinch(?:es)?|cloves?|cans?|slices?|el|tl"
_PIECES = r"x|×|\*|pcs\.?|pieces?|units?|stück|stk\.?|st\.?|szt\.?|kpl|ks|uds?\.?|pz\.?|шт\.?|adet|stuks"
_ROW = (
    rf"^(\d{{1,6}}(?:[.,]\d+)?)\s?(?:({_MEASURE})|(?:{_PIECES}))?\s+(?:of |de |di |von |d['’])?([\p{{L}}][^$€£¥@:()\d]{{0,59}}?)\s*"
    r"(?:[@:(–-]|\s(?:at|for|a|à|für|zu je|zu|je|costing|po|за|по|za|per|voor|för)\s|$)\s*(.*)$"
)
_TIMES = r"^([\p{L}][^\d@:()]{0,59}?)\s*[x×]\s?(\d{1,5})\b\s*(.*)$"
"""Rows that count behind the thing: «Yoga Mat x 2 @ $25»."""
_COUNTED_BEHIND = r"^([^\p{N}\s:：,，、()（）]{1,20})\s?(\p{Nd}{1,5})\s?(?:個|个|개|本|枚|件|台|箱|袋|瓶|杯|冊|册|張|张|點|点|명|名)\s*(.*)$"
"""Rows of scripts that count behind the thing."""
_EACH = r"\beach\b|\bapiece\b|\bper \w+\b|/ ?(?:unit|pc|ea)|\bje\b|\bchacun\b|\bcada uno\b|\bcad[ao]\b|\bl'un\w*\b|\s(?:po|по|à|at)\s|\sa\s(?:[$€£]|R\$)?\s?\d|单价|単価|각"
_MODIFIERS = words_named("list_modifiers")
"""Words before the name of a list with which it is that list all the same."""
_PAIRS = (
    r"^([\p{L}\p{N}_. -]+?)\s?[:=：]\s?(.+)$",
    r"^([\p{L}\p{N}_. ]+?)\s[-–—→]\s(\S.*)$",
    r"^([\p{L}\p{N}_. ]+?)\s((?:[$€£¥]\s?)?[+-]?\p{Nd}.*)$",
    r"^([^\p{N}\s:：a-zA-Z]{1,12})(\p{Nd}{1,9})\s?[^\p{N}\s]{0,2}$",
)
"""How a part names a value by its key; the last in scripts that part no words."""
_LONGEST_KEY = 40
_LONGEST_VALUE = 100
"""Characters; asked of what was found, for a pattern that counts letters is as large as its count."""
_IN_BRACKETS = str.maketrans({"\x02": ",", "\x03": " ", "\x04": "、", "\x05": "，"})
_LEAST_PRICED = 2
_LONGEST_LEAD = 40
"""Characters that may lead up to the first thing that is counted."""
_LONGEST_HEADING = 6
"""Words of a line that names the list below it."""

_DENIED = r"(?:no|not|without|except|excluding|but not|kein\p{L}*|nicht|ohne|außer|pas|sans|sauf|sin|no|excepto|non|senza|tranne|não|sem|exceto|geen|niet|zonder|nie|bez|ingen|inte|utan|нет|не|без|кроме)\s|不|没有|除"


class Row(NamedTuple):
    """One row: how many of what, and what it costs."""

    text: str
    quantity: float | int | None
    unit: str
    """The measure in which it counts, as it is written; empty where it counts pieces."""
    name: str
    rest: str
    """What stands behind the name."""
    each: bool
    """Whether a price in it is that of one."""


class Group(NamedTuple):
    """Lines one below the other that each begin a thing of their own."""

    heading: str
    """The line above them."""
    items: Sequence[str]


def groups_in(text: str) -> list[Group]:
    """Every list of lines with bullets, numbers or counts before them."""
    found: list[Group] = []
    heading, items = "", list[str]()
    for line in [*text.split("\n"), ""]:
        bullet = pattern(_BULLET).match(line) or pattern(_COUNTED).match(line)
        if bullet is not None:
            items.append(bullet[1].strip())
            continue
        if items:
            found.append(Group(heading, items[:_MOST]))
            heading, items = "", []
        if line.strip():
            heading = line.strip()
    return found


def enumeration(text: str, labels: Sequence[str], said: str = "") -> list[str]:
    """What stands behind ``label:``, parted by commas or «and», or in the one list below a line that begins so.

    ``said`` is what the prompt asserts, plainly or not: there a list is looked for, for its heading says what it is of.
    """
    for label in labels_in(text, labels):
        place = behind_colon(text, label)
        if place is not None:
            return [
                part
                for part in map(
                    _tidy, _tagged(text[place[0] : place[1]]) or _listed(_sentence(text[place[0] : place[1]]))
                )
                if part
            ][:_MOST]
    for label in labels_in(said, labels):
        before = said[: label.start].rsplit("\n", 1)[-1].rsplit(". ", 1)[-1].strip().lower()
        line = pattern(r"^\s?[:：]\s*([^\n\x00:]{2,300})(?:\n|$)").match(said[label.end : label.end + 310])
        if before in _MODIFIERS and leaves_it(before.replace("required", "")) and line is not None:
            return [part for part in map(_tidy, _listed(_sentence(line[1]))) if part][:_MOST]
    listed = [group for group in groups_in(said or text) if _is_headed(group, labels)]
    if len(listed) != 1 or any("\x00" in item for item in listed[0].items):
        return []
    return [part for part in map(_tidy, listed[0].items) if part]


def _is_headed(group: Group, labels: Sequence[str]) -> bool:
    heading = group.heading.rstrip(" :：").rsplit(". ", 1)[-1]
    return (
        leaves_it(heading)
        and len(heading.split()) <= _LONGEST_HEADING
        and any(
            label.start <= len("the ") or label.end == len(heading) for label in labels_in(heading, labels)
        )
    )


def _listed(text: str) -> list[str]:
    return parts_of(text.strip().rstrip("."))


def _tagged(text: str) -> list[str]:
    """The words of a text in which each has a hash mark before it."""
    words = text.split()
    tagged = len(words) > 1 and all(len(word) > 1 and word.startswith("#") for word in words)
    return [word.strip("#,;.") for word in words] if tagged else []


def denied_part(part: str) -> bool:
    """Whether a part of an enumeration is named as what it does not hold: «no nuts»."""
    return pattern(_DENIED).match(part) is not None


def segments(text: str, labels: Sequence[str], said: str) -> list[str]:
    """The parts of a prompt that may each describe one thing: the lines of a list, else what a colon or a sentence enumerates.

    Of several lists it is the one below its label. ``said`` is what the prompt asserts, plainly or not.
    """
    groups = groups_in(said)
    headed = [group for group in groups if _is_headed(group, labels)]
    if len(headed) == 1:
        return list(headed[0].items)
    if len(groups) == 1 and len(groups[0].items) > 1:
        return list(groups[0].items) if leaves_it(groups[0].heading.rsplit(". ", 1)[-1]) else []
    for label in labels_in(said, labels):
        place = behind_colon(said, label)
        if place is not None and leaves_it(lead_of(said, label.start)):
            return parts_of(_sentence(said[place[0] :].partition("\n")[0]))[:_MOST]
    if len(groups) > 1:
        return []
    priced = _priced(said)
    if priced:
        return priced
    _, colon, rest = text.partition(":")
    introduced = colon and ":" not in rest and "\n\n" not in rest.strip()
    head, stop, listed = said.strip().partition(":")
    if (
        stop
        and leaves_it(head)
        and "\n" not in listed
        and listed.count(":") == 0
        and len(parts_of(_sentence(listed))) > 1
    ):
        # All that the prompt says is this list; a row is taken only where all of it is understood.
        return parts_of(_sentence(listed))[:_MOST]
    body = rest if introduced else text
    parts = parts_of(body.strip().rstrip("."))[:_MOST]
    return [str(pattern(r"^\d{1,2}[.)]\s+").sub("", part)) for part in parts]


def _priced(text: str) -> list[str]:
    """The parts of the one sentence that counts several things each with its price: «2 lamps at $40 and 1 desk at $90»."""
    found: list[list[str]] = []
    for sentence in [part.text for part in sentences_of(text)[:_MOST]]:
        head, _, body = sentence.rpartition(": ")
        parts = parts_of(body.strip().rstrip("."))
        if BLANK in sentence or not _LEAST_PRICED <= len(parts) <= _MOST:
            continue
        start = pattern(r"\d").search(parts[0])
        at = start.start() if start is not None and start.start() < _LONGEST_LEAD else 0
        if not leaves_it(f"{head} {parts[0][:at]}"):
            continue
        parts[0] = parts[0][at:]
        rows = [row_of(part) for part in parts]
        if all(row is not None and pattern(r"\d").search(row.rest) is not None for row in rows):
            found.append(parts)
    return found[0] if len(found) == 1 else []


def _sentence(text: str) -> str:
    """``text`` up to the point that ends its first sentence."""
    end = pattern(r"[\p{L})\p{N}]\.\s+\p{Lu}", ignore_case=False).search(text)
    return (text[: end.start() + 1] if end is not None else text).strip().rstrip(".")


def parts_of(text: str) -> list[str]:
    """``text`` cut at semicolons where it has some, else at commas that are no decimal marks, and at «and»."""
    if ";" in text:
        return [part.strip() for part in text.split(";") if part.strip()]
    shown = text
    for bracket in pattern(r"\([^()]*\)").finditer(text):
        inside = (
            bracket[0].replace(",", "\x02").replace(" ", "\x03").replace("、", "\x04").replace("，", "\x05")
        )
        shown = shown[: bracket.start()] + inside + shown[bracket.end() :]
    marked = pattern(
        r",\s+(?:and|und|et|y|e|en|og|och|i|и|ve)\s+|,\s+|\s+(?:and|und|et|y|og|och|и|ve)\s+|[、，]|和|\n"
    ).sub("\x00", shown)
    marked = marked.translate(_IN_BRACKETS)
    return [part.strip() for part in marked.split("\x00") if part.strip()]


def row_of(segment: str) -> Row | None:
    """A segment that begins with how many of something; what leads up to the number is left out."""
    behind = pattern(_COUNTED_BEHIND).match(segment.strip())
    if behind is not None:
        one = int(behind[2]) == 1 or pattern(_EACH).search(behind[3]) is not None
        return Row(segment, int(behind[2]), "", behind[1].strip(), behind[3], one)
    times = pattern(_TIMES).match(segment.strip())
    if times is not None:
        each = int(times[2]) == 1 or "@" in times[3] or pattern(_EACH).search(times[3]) is not None
        return Row(segment, int(times[2]), "", times[1].strip(), times[3], each)
    start = pattern(r"\d").search(segment)
    if start is None or segment[: start.start()].count(" ") > 6 or ":" in segment[: start.start()]:
        return None
    found = pattern(_ROW).match(segment[start.start() :])
    if found is None:
        return None
    figure = found[1].replace(",", ".")
    quantity = float(figure) if "." in figure else int(figure)
    name = found[3].strip(" -–:,.")
    each = pattern(_EACH).search(segment) is not None
    return Row(segment, quantity, found[2] or "", name, found[4], each) if name else None


def pairs_of(text: str) -> dict[str, str]:
    """``key: value``, ``key=value``, ``key - value`` and «math 87» in an enumeration; none unless every part is such a pair, all of one kind."""
    found: dict[str, str] = {}
    kinds = set()
    for part in parts_of(text):
        kind, pair = next(
            (
                (kind, pair)
                for kind, form in enumerate(_PAIRS)
                if (pair := pattern(form).match(part)) is not None
            ),
            (None, None),
        )
        if pair is None or len(pair[1]) > _LONGEST_KEY or len(pair[2]) > _LONGEST_VALUE:
            return {}
        kinds.add(kind)
        key, value = pair[1].strip(), pair[2].strip()
        if key in found or not any(map(str.isalpha, key)) or len(kinds) > 1:
            return {}
        found[key] = value
    return found


def listed_pairs(text: str, labels: Sequence[str]) -> str:
    """The pairs below a line that a label begins, or behind the one colon that introduces all that the text says; parted by semicolons."""
    headed = [group for group in groups_in(text) if _is_headed(group, labels)]
    if len(headed) == 1:
        return ";".join(headed[0].items)
    lines = [line for line in text.strip().split("\n") if line.strip()]
    for place, line in enumerate(lines):
        if not leaves_it(line):
            continue
        named = line.strip().lower() in labels or (
            line.rstrip().endswith((":", "：")) and _is_headed(Group(line.strip(), ()), labels)
        )
        if named or (not place and len(lines) > 2 and line.rstrip().endswith((":", "："))):
            below: list[str] = []
            for other in lines[place + 1 :]:
                if pattern(r"^\s*[\p{L}\p{N}_.-]+\s?[=:：]\s?[^\s].*$").match(other) is None:
                    break
                below.append(other.strip())
            return ";".join(below)
    first, colon, rest = (
        lines[0].partition(":") if lines and ":" in lines[0] else (lines or [""])[0].partition("：")
    )
    if (
        len(lines) == 1
        and colon
        and leaves_it(first)
        and len(first.split()) <= _LONGEST_HEADING
        and len(parts_of(_sentence(rest))) > 1
    ):
        return _sentence(rest)
    return ""


def _tidy(text: str) -> str:
    return text.strip().strip("\"'“”„«»").strip().rstrip(".").strip()
