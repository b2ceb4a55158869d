"""Cues that the name of a property is itself: «ticket number 48», «inspected on», «the Atlas project», «approved by»."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from server.api.providers.local.cue.cue_row import CueRow
from server.api.providers.local.cue.stems import stem_of
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_OWN = frozenset({"name", "date", "time", "title"})
_DAYS = frozenset({"date", "datetime"})
_CODE_HEADS = frozenset({"number", "id", "code", "no", "ref", "reference", "key", "nr", "num"})
_PAPERS = frozenset({"invoice", "order", "bill", "purchase", "receipt", "document"})
"""Things that have a date which is not that of what is done with them."""
_NO_STEM = frozenset({"date", "day", "on", "at", "time", "by", "timestamp", "the", "is", "was", "datetime"})
_SET = "scheduled|planned|set|moved|confirmed|rescheduled|postponed|arranged|fixed?"
_MOVED = "moved|rescheduled|postponed|changed|shifted|extended?"
_MOST_LABELS = 16
_TOLD_KINDS = frozenset({"", "text", "person", "organization", "name", "city"})
_BEHIND_NAME = "is|was|in|on|at|for|by|,|.|with|and|to|from|will|has|;|)|:|;|!"
_DETERMINERS = "the|our|my|your|this"
_NO_NOUNS = frozenset(
    "name title date time type status description note notes comment message reason summary subject details text content body value person address email phone unit day first last full "  # noqa: SIM905  # one list, one line
    "middle given family nationality gender language currency country city author company model category kind state by to from for of on at in".split()
)
_NO_DOERS = frozenset(
    "number order letter paper water weather offer matter other over under after user member quarter character chapter computer printer offer tower color colour error door floor motor "  # noqa: SIM905  # as above
    "major minor sensor vector monitor folder header footer partner customer supplier server voucher router quarter semester sister brother mother father daughter minister master corner".split()
)
_MOST_WORDS = 2


def own_rows(leaf: Leaf) -> Sequence[CueRow]:
    """Cues that the name of a property is itself."""
    asked = leaf.asked
    words = tuple(words_of(leaf.path[-1]))
    if len(words) > 1 and words[-1] in _UNTIL:
        return _of_bound(words)
    if len(words) == _MOST_WORDS and words[-1] in _WITHIN:
        return _of_span(words)
    if len(leaf.path) > 1 and len(words) == 1:
        return ()
    if asked.kind == "code" or (len(words) > 1 and words[-1] in _CODE_HEADS and asked.kind in ("", "text")):
        return _of_number(words, asked.labels[:_MOST_LABELS])
    if asked.kind in _DAYS or leaf.node.schema.get("format") in ("date", "date-time"):
        return _of_event(words, "{D}")
    if asked.kind == "time" or leaf.node.schema.get("format") == "time":
        return _of_event(words, "{T}")
    if asked.kind in _TOLD_KINDS and "format" not in leaf.node.schema:
        spoken = words[:-1] if len(words) > 1 and words[-1] == "name" else words
        return (*_of_noun(spoken), *_of_doer(spoken)) if spoken and spoken[0] not in _OWN else ()
    return ()


@lru_cache(maxsize=64)
def _of_number(words: tuple[str, ...], labels: tuple[str, ...]) -> tuple[CueRow, ...]:
    told = [tuple(label.split()) for label in labels]
    if words and words[-1] in _CODE_HEADS and len(words) > 1:
        told.append(words[:-1])
    told = [label for label in dict.fromkeys(told) if label and all(map(str.isalpha, label))]
    return tuple(
        CueRow(frozenset(), (*label, ",?", "number|no|nr|id|code|reference|ref?", ".?", "#|is|:|,?", "{K}"))
        for label in told
    )


@lru_cache(maxsize=64)
def _of_event(words: tuple[str, ...], slot: str) -> tuple[CueRow, ...]:
    stem = [word for word in words if word not in _NO_STEM]
    if (
        not stem
        or len(stem) > 2
        or stem[-1] in _PAPERS
        or stem[-1] in ("start", "end", "due", "opening", "closing", "birth")
    ):
        return ()
    last = stem[-1]
    base = last.removesuffix("ed").removesuffix("ing")
    forms = {last, base, base + "e", base + "ed", base + "s", base + "es", base + "ing", last + "s"}
    before = tuple(stem[:-1])
    joint = "on|for|to|is|was|by|:" if slot == "{D}" else "at|is|:|to|for"
    written = "|".join(sorted(form for form in forms if len(form) > 2))
    done = last.endswith("ed") or words[-1] in ("on", "at")
    between = ("*",) if done else ("is|was|has|will|takes|taking?", "been|be|place|now?", _SET)
    return (
        CueRow(frozenset(), (*before, written, *between, joint, slot)),
        CueRow(frozenset(), (*before, written, slot)),
        CueRow(
            frozenset(), (*before, written, "has|was?", "been?", _MOVED, "from", slot, "to", "{=" + slot[1:])
        ),
    )


_UNTIL: Mapping[str, tuple[str, ...]] = {
    "until": ("until|till|through",), "till": ("until|till|through",), "by": ("by|before",), "from": ("from|starting",), "since": ("since",),
}  # fmt: skip
_WITHIN = {"year": "{N}", "month": "{MO}"}
_SYNONYMS = {
    "purchase": ("bought", "purchased"),
    "manufacture": ("made", "built"),
    "construction": ("built",),
    "birth": ("born",),
}


@lru_cache(maxsize=64)
def _of_bound(words: tuple[str, ...]) -> tuple[CueRow, ...]:
    """«closed until 3 May», «valid from 1 June»."""
    forms = "|".join(_forms_of(words[0]))
    rows = (
        [(forms, "**", *_UNTIL[words[-1]], slot) for slot in ("{D}", "{T}")]
        if len(words) == _MOST_WORDS
        else []
    )
    if words[-1] == "by":
        rows += [(forms, "**", "by", "{H}")]
    return tuple(CueRow(frozenset(), row) for row in rows)


@lru_cache(maxsize=64)
def _of_span(words: tuple[str, ...]) -> tuple[CueRow, ...]:
    """«planted in April», «bought in 2023»."""
    forms = "|".join((*_forms_of(words[0]), *_SYNONYMS.get(words[0], ())))
    return (CueRow(frozenset(), (forms, "*", "in", _WITHIN[words[1]])),) if len(words[0]) > 2 else ()


def _forms_of(word: str) -> list[str]:
    stem = stem_of(word)
    return sorted(
        {word, stem, stem + "e", stem + "ed", stem + "d", stem + "s", stem + "ing", stem + stem[-1] + "ed"}
    )


@lru_cache(maxsize=64)
def _of_noun(spoken: tuple[str, ...]) -> tuple[CueRow, ...]:
    """«the project is called Atlas», «the Atlas project», «project Atlas, …»."""
    rows = [
        (*spoken, "name?", "is|:", "called|named?", "{O}"),
        (*spoken, "called|named|titled", "{Y}"),
        (*spoken, "{Y}"),
    ]
    if (
        spoken[-1] not in _NO_NOUNS
        and len(spoken) <= _MOST_WORDS
        and spoken[-1].isascii()
        and spoken[-1].isalpha()
    ):
        rows.append((_DETERMINERS, "{=O}", *spoken, "!#|:|called|named"))
        rows.append((*spoken, "{K}"))
        rows.append((*spoken, "called|named", "{O}"))
    return tuple(CueRow(frozenset(), row) for row in rows)


@lru_cache(maxsize=64)
def _of_doer(spoken: tuple[str, ...]) -> tuple[CueRow, ...]:
    """«approved by Ann», «Ann approves»: whoever does what the name says."""
    is_by = len(spoken) == _MOST_WORDS and spoken[1] == "by"
    doer = spoken[0] if is_by else spoken[-1]
    if not is_by and (not doer.endswith(("er", "or")) or doer in _NO_DOERS or len(spoken) > 1):
        return ()
    stem = stem_of(doer)
    if len(stem) < 3 or not doer.isascii():
        return ()
    done = "|".join(sorted({stem + "ed", stem + "d", stem + stem[-1] + "ed", doer if is_by else stem + "ed"}))
    does = "|".join(sorted({stem + "s", stem + "es", stem + "ed", stem + stem[-1] + "ed"}))
    doing = "|".join(sorted({stem + "ing", stem + stem[-1] + "ing"}))
    base = "|".join(sorted({stem, stem + "e"}))
    return tuple(
        CueRow(frozenset(), row)
        for row in (
            (done, "**", "by", "{H}"),
            ("{HS}", does),
            ("{HS}", "is|are|was|will|has", "be|been?", doing),
            ("{HS}", "will|can|to|shall", base),
            ("{=HS}", ",", "**", ",", "will|can|shall?", base + "|" + does),
        )
    )
