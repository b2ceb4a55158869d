"""What a thing is like, in the words before its noun, where the schema asks for it apart: a colour, a material."""

from collections.abc import Mapping
from functools import cache

from server.api.providers.local.cue.cue_row import text_of

_ASKED: Mapping[str, tuple[str, ...]] = {
    "color": ("color", "shade"), "colour": ("color", "shade"), "material": ("material",), "fabric": ("material",), "brand": ("make",), "make": ("make",),
    "condition": ("condition",), "size": ("size",), "style": (),
}  # fmt: skip
_OWN = {
    "condition": frozenset({"new", "used", "old", "refurbished", "broken", "damaged", "mint"}),
    "size": frozenset({"small", "medium", "large", "big", "extra-large", "xl", "xs"}),
}


def without_parts(text: str, asked: frozenset[str]) -> str:
    """The thing without the words before it that other properties of the schema ask for."""
    kinds = {kind for name in asked for kind in _ASKED.get(name, ())}
    if not kinds:
        return text
    harmless = frozenset(word for kind in kinds for word in _words().get(kind, _OWN.get(kind, frozenset())))
    words = text.split(" ")
    while len(words) > 1 and (words[0] in harmless or words[0].lower() in harmless):
        words = words[1:]
    return " ".join(words)


_TERMS = frozenset({"full-time", "part-time", "permanent", "temporary", "freelance", "experienced", "remote", "full", "part", "new"})  # fmt: skip


def without_terms(text: str) -> str:
    """A job without the words before it that say on which terms it is done."""
    words = text.split(" ")
    while len(words) > 1 and words[0].lower() in _TERMS:
        words = words[1:]
    return " ".join(words)


@cache
def _words() -> Mapping[str, frozenset[str]]:
    return {
        name: frozenset(words.split()) for name, words in (line.split("\t") for line in text_of("words.tsv"))
    }
