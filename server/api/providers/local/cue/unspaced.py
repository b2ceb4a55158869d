"""The words of text that is written without blanks, as far as the tables of cues know them: «预算是», «予算 は», «예산 은»."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_AND = "و"
"""«And» in Arabic, written with the word behind it."""
_LONGEST_WORD = 8
_SHORTEST_STEM = 2


def is_unspaced(character: str) -> bool:
    """Whether a character is of Chinese, Japanese or Korean script."""
    return (
        "\u3040" <= character <= "\u30ff"
        or "\u3400" <= character <= "\u9fff"
        or is_hangul(character)
        or character == "々"
    )


def is_hangul(character: str) -> bool:
    """Whether a character is of Korean script."""
    return "\uac00" <= character <= "\ud7af"


def pieces(run: str) -> Iterator[tuple[int, int]]:
    """Where the words of a run of letters stand; what no table knows stands together."""
    if not any(map(is_unspaced, run)):
        joined = run[0] == _AND and run[1:] in _arabic_words()
        yield from ((0, 1), (1, len(run))) if joined else ((0, len(run)),)
        return
    start = 0
    while start < len(run):
        end = start + 1
        kind = _kind(run[start])
        while end < len(run) and _kind(run[end]) == kind:
            end += 1
        cut = {"hangul": _korean, "unspaced": _known, "": _whole}[kind]
        yield from ((start + first, start + last) for first, last in cut(run[start:end]))
        start = end


def _kind(character: str) -> str:
    return "hangul" if is_hangul(character) else "unspaced" if is_unspaced(character) else ""


def _whole(run: str) -> Iterator[tuple[int, int]]:
    yield 0, len(run)


def _known(run: str) -> Iterator[tuple[int, int]]:
    at = unknown = 0
    after_known = True
    while at < len(run):
        end = next(
            (
                end
                for end in range(min(len(run), at + _LONGEST_WORD), at, -1)
                if run[at:end] in unspaced_words()
            ),
            0,
        )
        if end == at + 1 and _is_small(run[at]) and not after_known and _is_small(run[at - 1]):
            # A sign of the syllabary within a word that no table knows is no particle.
            end = 0
        if end == at + 1 and run[at] in _NUMERALS and not _counts(run, end):
            end = 0
        if not end:
            after_known = False
            at += 1
            continue
        if unknown < at:
            yield unknown, at
        yield at, end
        at = unknown = end
        after_known = True
    if unknown < len(run):
        yield unknown, len(run)


_NUMERALS = frozenset("两二三四五六七八九十")


def _counts(run: str, end: int) -> bool:
    """Whether a counter stands behind a numeral."""
    return any(run[end : end + size] in counters() for size in (1, 2))


def _is_small(character: str) -> bool:
    return "\u3041" <= character <= "\u3096"


def _korean(run: str) -> Iterator[tuple[int, int]]:
    """A noun and the particle behind it, where the noun is known, or the particle can be no part of a noun."""
    words = unspaced_words()
    for size in range(min(len(run) - 1, _LONGEST_WORD), 0, -1):
        stem, particle = run[:-size], run[-size:]
        if particle not in particles():
            continue
        if stem in words or (len(stem) >= _SHORTEST_STEM and (size > 1 or particle in _SURE)):
            yield 0, len(stem)
            yield len(stem), len(run)
            return
    yield 0, len(run)


_SURE = frozenset("은는을를에의님씨")
"""Particles of one syllable that hardly end a noun."""


@cache
def _tables() -> Mapping[str, frozenset[str]]:
    rows = (line.split("\t") for line in _lines("far_words.tsv"))
    found: dict[str, set[str]] = {}
    for kind, words in rows:
        found.setdefault(kind, set()).update(words.split())
    return {kind: frozenset(words) for kind, words in found.items()}


def stops() -> frozenset[str]:
    """Words behind which and before which a name or a thing may stand, and that are part of none."""
    return _tables()["stop"]


def joints() -> frozenset[str]:
    """Words that join a name to another, or make it an owner."""
    return _tables()["joint"]


def counters() -> frozenset[str]:
    """Words behind the number of what is counted."""
    return _tables()["counter"]


def particles() -> frozenset[str]:
    """Endings of Korean nouns."""
    return _tables()["particle"]


def titles() -> frozenset[str]:
    """What stands behind the name of a person out of courtesy."""
    return _tables()["title"]


def clock_words(kind: str) -> frozenset[str]:
    """Words of hours: ``am``, ``pm``, ``hour``, ``half``, ``minute``."""
    return _tables()[kind]


@cache
def unspaced_words() -> frozenset[str]:
    """The words that a run of letters is cut into: those of its tables and of cues."""
    found = {word for words in _tables().values() for word in words}
    for table in _CUE_TABLES:
        for line in _lines(table):
            for part in line.split("\t")[-1].split():
                found.update(part.rstrip("?").lstrip("!~").split("|"))
    found.update(word for line in _lines("unsettling.tsv") for word in line.split("\t")[1].split())
    return frozenset(word for word in found if word and all(map(is_unspaced, word)))


@cache
def _arabic_words() -> frozenset[str]:
    found = set(stops())
    for line in _lines("cues_ar.tsv"):
        for part in line.split("\t")[-1].split():
            found.update(part.rstrip("?").lstrip("!~").split("|"))
    return frozenset(found)


def _lines(name: str) -> Iterator[str]:
    text = (resources.files("server.api.providers.local.cue") / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


_CUE_TABLES = ("cues_zh.tsv", "cues_ja.tsv", "cues_ko.tsv", "worded.tsv")
