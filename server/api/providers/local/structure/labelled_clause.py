"""Clauses that are a label and its value: «applicant Grace Obi, annual income $62,000», as forms are dictated.

One such clause may be anything («order books»); two or more in one sentence are a list of labelled values. They are read as if each
had its colon, whatever the sentence around them says.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.introduction import leaves_it
from server.api.providers.local.structure.json_text import SHOWN

_FEWEST = 2
"""Labelled clauses that make a list."""
_ASSIGNED = r"(?:^|[\s,;&?\[(])([\p{L}_][\p{L}\p{N}_.-]*)=(\"[^\"\n]*\"|[^\s,;&\])]+)"
_BEHIND = frozenset(" :：=")
_COLONS = frozenset(":：=")
_LONGEST = 5
"""Words of a value."""
_LONGEST_FIGURE = 3
"""Words of a value that begins with a digit."""
_MOST = 200
"""Sentences that are looked at."""
_PARTS = r",\s+|，|、|;\s*|；|\s\|\s|\s[–—]\s|[.。]\s*$"
_INTRODUCED = r"^[^:：=]{0,60}[^:：=\p{N}][:：=]\s*"
_OPENING = r"^\s*(?:and |with |und |mit |et |avec |y |con |e |com |met |en |i |z |och |med |и |с |the |my |our |der |die |das |mein |meine |le |la |el |il |o |a |mi |il mio |meu |minha )*"
_SMALL = words_named("small_labels")
_OPEN = r"^(?:of|per|for|from|to|in|on|at|by|and|or|is|are|was|were|will|has|have|not|no|than|that|which|von|für|pro|und|oder|ist|war|nicht|kein\p{L}*|de|du|des|par|et|ou|est|pas|por|y|o|es|no|di|per|e|è|non|do|em|é|não|van|voor|en|of|niet|z|i|lub|nie|och|eller|är|inte|и|или|не|на|в|с)\s|^[^\p{L}\p{N}]*$"
_CHOICE = r"\s(?:or|oder|ou|o|lub|of|eller|или|veya|but|aber|mais|pero|ma|mas|if|unless|not|nicht|pas|non|não|niet|nie|inte|не)\s"


class _Clause(NamedTuple):
    start: int
    colon: int
    """Where the blank between its label and its value stands."""
    end: int


def labelled_clauses(
    said: str, labels: Sequence[str], with_colon: frozenset[str] = frozenset()
) -> list[tuple[int, int, int]]:
    """Start, place of what stands behind the label, and end of every clause in a list of such clauses.

    Labels of ``with_colon`` name a value only behind a colon: «Room 7» is one of the rooms, not their number.
    """
    by_word: dict[str, list[str]] = {}
    every = {*labels, *with_colon}
    for label in sorted((label for label in every if _is_label(label)), key=len, reverse=True):
        by_word.setdefault(label.partition(" ")[0], []).append(label)
    found: list[tuple[int, int, int]] = []
    for sentence in sentences_of(said)[:_MOST]:
        clauses = (
            list(_clauses(sentence.text, sentence.start, by_word, with_colon)) if " " in sentence.text else []
        )
        names = [
            sentence.text[clause.start - sentence.start : clause.colon - sentence.start] for clause in clauses
        ]
        # One label twice is said of two things.
        lead = sentence.text[: clauses[0].start - sentence.start] if clauses else ""
        if pattern(SHOWN).search(lead) is not None or not leaves_it(lead):
            continue
        if len(clauses) >= _FEWEST and len({name.lower() for name in names}) == len(names):
            found += clauses
    return found


def assigned(said: str, labels: Sequence[str]) -> list[tuple[int, int, int]]:
    """The same for every ``key=value`` of a line that has several: a log's, a query's."""
    known = set(labels)
    found: list[tuple[int, int, int]] = []
    at = 0
    for line in said.split("\n"):
        pairs = list(pattern(_ASSIGNED).finditer(line)) if line.count("=") > 1 and BLANK not in line else []
        lead = line[: pairs[0].start()] if pairs else ""
        names = [pair[1].lower() for pair in pairs]
        single = len(pairs) > 1 and len(set(names)) == len(names)
        if single and pattern(SHOWN).search(lead) is None and leaves_it(lead):
            found += [
                (at + pair.start(1), at + pair.end(1), at + pair.end(2))
                for pair in pairs
                if pair[1].lower().replace("_", " ") in known or pair[1].lower() in known
            ]
        at += len(line) + 1
    return found


def with_colons(said: str, clauses: Sequence[tuple[int, int, int]]) -> str:
    """``said`` with a colon for the blank behind each clause's label; nothing else moves."""
    characters = list(said)
    for _, colon, _ in clauses:
        if characters[colon] == " " and said[colon + 1 : colon + 2] not in _COLONS:
            characters[colon] = ":"
    return "".join(characters)


def with_clauses(plain: str, said: str, clauses: Sequence[tuple[int, int, int]]) -> str:
    """``plain`` with the clauses of ``said`` in their places."""
    # The comma behind a clause tells where its value ends.
    return with_spans(plain, said, [(start, min(len(said), end + 2)) for start, _, end in clauses])


def with_spans(plain: str, said: str, spans: Sequence[tuple[int, int]]) -> str:
    """``plain`` with parts of ``said`` in their places."""
    for start, end in spans:
        plain = plain[:start] + said[start:end] + plain[end:]
    return plain


def _is_label(label: str) -> bool:
    return len(label) > 1 and label not in _SMALL and label not in words_named("gap")


def _clauses(
    text: str, offset: int, by_word: Mapping[str, Sequence[str]], with_colon: frozenset[str]
) -> Iterator[_Clause]:
    at = 0
    ends = [(match.start(), match.end()) for match in pattern(_PARTS).finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        yield from _clause(text[at:end], offset + at, by_word, with_colon)
        at = following


def _clause(
    part: str, offset: int, by_word: Mapping[str, Sequence[str]], with_colon: frozenset[str]
) -> Iterator[_Clause]:
    """The label and value that a part of a sentence is, or that it ends in behind a colon."""
    introduced = pattern(_INTRODUCED).match(part)
    for start in (0, introduced.end() if introduced is not None else 0):
        opening = pattern(_OPENING).match(part[start:])
        start += opening.end() if opening is not None else 0
        lowered = part[start:].lower()
        first = pattern(r"^[^\s:：=]+").match(lowered)
        labels = by_word.get(first[0], ()) if first is not None else ()
        label = next(
            (label for label in labels if lowered.startswith(label) and lowered[len(label) :][:1] in _BEHIND),
            None,
        )
        if label is None or len(lowered) != len(part) - start:
            continue
        colon = start + len(label)
        if label in with_colon and part[colon : colon + 2].strip()[:1] not in _COLONS:
            continue
        if (
            start
            and part[colon] == " "
            and part[start].isupper()
            and part[colon + 1 : colon + 2].isupper()
            and not part[:start].rstrip().endswith((":", "："))
        ):
            # «Hospital San Rafael» is a name.
            continue
        if _is_value(part[colon:].lstrip(" :：=").strip()):
            yield _Clause(offset + start, offset + colon, offset + len(part))
            return


def _is_value(value: str) -> bool:
    if value[:1].isdecimal() and len(value.split()) > _LONGEST_FIGURE:
        return False
    return (
        bool(value)
        and BLANK not in value
        and len(value.split()) <= _LONGEST
        and pattern(_OPEN).search(value + " ") is None
        and pattern(_CHOICE).search(f" {value} ") is None
        and "?" not in value
        and pattern(_INTRODUCED).match(value) is None
    )
