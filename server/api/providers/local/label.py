"""Where a prompt says the name of a property, and what stands beside it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import all_labels

_MOST = 40
"""Places at which one label is looked at."""
_COLON = r"[ \t]{0,3}(?:\([^()\n]{1,12}\) ?)?[:=：][ \t]{0,3}"
_SENTENCE_ENDS = "\n。！？!?;；"


class Label(NamedTuple):
    """One place where a label stands."""

    phrase: str
    start: int
    end: int


def labels_in(text: str, phrases: Sequence[str]) -> list[Label]:
    """Every place of every phrase that is no part of another property's longer label; the longest at each place."""
    lowered = _lowered(text)
    found: dict[int, Label] = {}
    own = frozenset(phrases)
    for phrase in phrases:
        for start, end in _occurrences(lowered, phrase):
            known = found.get(start)
            if (known is None or known.end < end) and not _part_of_longer(lowered, start, end, own):
                found[start] = Label(phrase, start, end)
    return [found[start] for start in sorted(found)]


def behind_colon(text: str, label: Label) -> tuple[int, int] | None:
    """The place of what stands behind ``label: `` up to the end of its line or the next label; None without one."""
    if not _begins(text, label.start) and text[label.end : label.end + 1] != "=":
        return None
    colon = pattern(_COLON).match(text[label.end : label.end + 24])
    if colon is None:
        return None
    start = label.end + colon.end()
    # A value of «name=Ida&age=52» ends at the sign that parts it from the next.
    parted = "&" if text[label.end : label.end + 1] == "=" and " " not in text[label.end : start] else ""
    line = _first(text, "\n;；|\t\x00" + parted, start)
    # «name: Anna, email: a@b.org» holds two; commas inside an address part nothing.
    another = pattern(
        r"(?:[,，、،;；]\s?|\s)\p{L}[\p{L}\p{M}\p{N}_-]*(?: \p{L}[\p{L}\p{M}\p{N}_-]*)?\s?[:=：]\s?[^/\s]"
    ).search(text[start:line])
    end = start + another.start() if another is not None else line
    return (start, end) if text[start:end].strip() else None


def before_mention(text: str, label: Label, mention: Mention, others: Sequence[Mention]) -> bool:
    """Whether nothing but small words (and things of other kinds) stands between a label and what it names."""
    if not 0 <= mention.start - label.end <= 80:
        return False
    between = _without(text, label.end, mention.start, others)
    if any(mark in between for mark in _SENTENCE_ENDS) or ". " in between:
        return False
    if mention.kind not in ("date", "datetime") and any(mark in between for mark in ",，、"):
        return False
    words = pattern(r"[^\s:=：,()\"'“„«#.\[\]]+").finditer(between.lower())
    return all(word[0] in words_named("gap") for word in words)


def behind_mention(text: str, label: Label, mention: Mention) -> bool:
    """Whether a label follows at once on what it names: «4 guests», «$20 deposit», «20 % for tax»."""
    if not 0 <= label.start - mention.end <= 12:
        return False
    between = text[mention.end : label.start].lower()
    return (
        between.strip(" -\u00a0")
        in ("", "for", "of", "in", "as", "x", "de", "für", "an", "pour", "di", "для", "的")
        and "\n" not in between
    )


def _without(text: str, start: int, end: int, others: Sequence[Mention]) -> str:
    parts, at = [], start
    for other in others:
        if other.start >= at and other.end <= end:
            parts.append(text[at : other.start])
            at = other.end
    return " ".join([*parts, text[at:end]])


def _occurrences(lowered: str, phrase: str) -> Iterator[tuple[int, int]]:
    at, count = lowered.find(phrase), 0
    while at >= 0 and count < _MOST:
        end = at + len(phrase)
        if _free(lowered, at, end):
            count += 1
            yield at, end
        at = lowered.find(phrase, at + 1)


def _free(text: str, start: int, end: int) -> bool:
    """Whether no letter goes on at either end, in scripts that part their words."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if text[start] > "\u2e80":
        return True
    return not (before.isalnum() or before == "_") and not (after.isalnum() or after == "_")


def _part_of_longer(lowered: str, start: int, end: int, own: frozenset[str]) -> bool:
    left = [
        match.start() for match in pattern(r"[\p{L}\p{N}_-]+").finditer(lowered[max(0, start - 30) : start])
    ][-2:]
    starts = [start, *(max(0, start - 30) + at for at in left)]
    right = [match.end() for match in pattern(r"[\p{L}\p{N}_-]+").finditer(lowered[end : end + 30])][:2]
    ends = [end, *(end + at for at in right)]
    for first in starts:
        for last in ends:
            phrase = " ".join(lowered[first:last].split())
            if (first, last) != (start, end) and phrase in all_labels() and phrase not in own:
                return True
    return False


def _begins(text: str, start: int) -> bool:
    """Whether a label before a colon begins its phrase: «file name: x» is not labelled «name»."""
    before = text[max(0, start - 30) : start]
    stripped = before.rstrip(" *_\"'`-#•·\t>")
    if not stripped or stripped[-1] in ",.;:!?\n(){}[]|，。；：、/\"'" or before.endswith("\n"):
        return True
    word = pattern(r"[\p{L}\p{M}\p{N}_'-]+$").search(stripped)
    return word is not None and (
        word[0].lower() in words_named("determiners") or any(map(str.isdecimal, word[0]))
    )


def _first(text: str, marks: str, start: int) -> int:
    places = [at for mark in marks if (at := text.find(mark, start)) >= 0]
    return min(places, default=len(text))


def _lowered(text: str) -> str:
    """In small letters, each character in its place."""
    lowered = text.lower()
    return (
        lowered
        if len(lowered) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )
