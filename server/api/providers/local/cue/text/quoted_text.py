"""The one text in quotation marks for a property that asks for words to be sent, shown, translated: «message: "Happy birthday!"»."""

from collections.abc import Iterator, Mapping
from functools import cache

from server.api.providers.local.cue.cue_row import Cued, text_of
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.unsettling_words import words_by
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of

_QUOTED = r"[\"“«„]([^\"“”«»„\n]+)[\"”»“]"
_NEAR = 60
"""Characters before a quotation among which the words stand that say what it is."""
_LEAST = 2
_EARLIER = frozenset({"last", "previous", "earlier", "first"})


def quoted_told(names: frozenset[str], passage: Passage) -> Iterator[Cued]:
    """The quotation, where it is the only one and the words before it say that it is what is asked."""
    leads = frozenset[str]().union(*(_leads()[name] for name in names if name in _leads()))
    found = list(pattern(_QUOTED).finditer(passage.prompt)) if leads else []
    if len(found) != 1:
        return
    quoted = found[0]
    text = quoted[1].strip()
    before = words_of(passage.prompt[max(0, quoted.start() - _NEAR) : quoted.start()].lower())
    denied = words_by(frozenset({"deny", "shown", "former", "others"})) | _EARLIER
    if leads.isdisjoint(before) or not denied.isdisjoint(before) or len(text) < _LEAST:
        return
    start = quoted.start(1)
    yield Cued(Value(text, Mention("text", start, start + len(text), text)), start, start + len(text))


@cache
def _leads() -> Mapping[str, frozenset[str]]:
    """The words before a quotation with which it is what a property of some name asks for."""
    rows = (line.split("\t") for line in text_of("quoted.tsv"))
    return {name.strip(): frozenset(words.split()) for names, words in rows for name in names.split(",")}
