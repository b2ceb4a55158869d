"""Texts that a property asks for by its name: numbers of things, days of its verb, who has its role, names that say what they are."""

from collections.abc import Iterator

from server.api.providers.local.cue.cue_row import Cued, cued, cued_by, one_name
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.text.given_names import given_names_told, is_given_name
from server.api.providers.local.cue.text.letter import told_by_letter
from server.api.providers.local.cue.text.own_rows import own_rows
from server.api.providers.local.cue.text.persons_meant import persons_meant
from server.api.providers.local.cue.text.quoted_text import quoted_told
from server.api.providers.local.cue.text.roles import cues_of_role, role_of
from server.api.providers.local.cue.text.typed import alone_told, places_told, typed_names, words_told
from server.api.providers.local.lexicon import first_names
from server.api.providers.local.property import words_of
from server.api.providers.local.structure.for_another import is_for_another
from server.api.providers.local.values.leaf import Leaf

_OWN = frozenset({"name", "date", "time", "title"})
"""Names that say whose they are only by where they stand."""
_WRITERS = frozenset({"full name", "your name", "fullname", "my name", "person name", "person"})
_COMPANIES = frozenset(
    {"company", "previous employer", "airline", "carrier", "bank", "insurer", "university", "employer"}
)
_DAYS = frozenset({"date", "datetime"})
_SIDES = frozenset("left right front rear upper lower inner outer top bottom back side".split())  # noqa: SIM905  # one list, one line
"""Words before a part of a thing: «the left hinge broke» names no product."""
_ENDS = {
    "start": {"start date", "start time"}, "starts": {"start date", "start time"}, "starts at": {"start time"}, "begin": {"start date", "start time"},
    "end": {"end date", "end time"}, "ends": {"end date", "end time"}, "ends at": {"end time"},
}  # fmt: skip
"""Rows for names that end so: «shift_start», «window_end»."""


def asks_text(leaf: Leaf) -> bool:
    """Whether a text may be the value of a property."""
    return "string" in (leaf.node.types or ("string",))


def texts_told(leaf: Leaf, passage: Passage) -> Iterator[Cued]:
    """What cues, roles and names that say what they are tell of a property that asks for a text."""
    if not asks_text(leaf) or not passage.sentences:
        return
    if is_given_name(leaf):
        yield from given_names_told(leaf, passage)
        return
    names = names_in_place(leaf) | persons_meant(leaf, passage)
    rows = dict.fromkeys(row for name in names for row in cues_of_role(name))
    told = [*cued(names, passage), *cued_by(own_rows(leaf), passage), *cued_by(tuple(rows), passage)]
    yield from (answer for answer in told if not _is_amiss(answer, names, passage))
    yield from typed_names(names, passage)
    yield from words_told(names, passage)
    if len(leaf.path) == 1 or words_of(leaf.path[-2])[-1:] in (
        ["venue"],
        ["address"],
        ["location"],
        ["property"],
    ):
        yield from places_told(names, passage)
    yield from alone_told(names, passage)
    yield from told_by_letter(names, passage)
    yield from quoted_told(names, passage)


_OTHERS = frozenset({"customer", "candidate", "guest name", "employee", "tenant", "student", "patient"})
"""Who somebody else than the writer is, where a letter is written for another."""


def _is_amiss(answer: Cued, names: frozenset[str], passage: Passage) -> bool:
    """Whether what a cue gives is a person for a company, or one of several towns, days or times that nothing tells apart."""
    said = str(answer.value.value)
    if names & _OTHERS and is_for_another(passage.text):
        return True
    if names & _COMPANIES:
        persons = {mention.text for mention in passage.named if mention.kind == "person"}
        return said in persons or said.split(" ")[0] in first_names()
    if "product" in names and said.split(" ")[0].lower() in _SIDES:
        return True
    if names & {"city", "location"}:
        return len({mention.text for mention in passage.named if mention.kind == "city"}) > 1
    if names & {"own date", "own time"} and not _is_moved(passage):
        kinds = _DAYS if "own date" in names else {"time"}
        return len({m.value for m in passage.named if m.kind in kinds and m.value is not None}) > 1
    return False


def _is_moved(passage: Passage) -> bool:
    words = {token.word for sentence in passage.sentences for token in sentence.tokens}
    return not words.isdisjoint({"moved", "rescheduled", "postponed", "originally"})


def names_in_place(leaf: Leaf) -> frozenset[str]:
    """The names of a property with the object in which it stands."""
    spoken = " ".join(words_of(leaf.path[-1]))
    about = " ".join(words_of(leaf.path[-2])) if len(leaf.path) > 1 else ""
    if not about:
        own = {f"own {spoken}"} if spoken in _OWN else {"own name"} if spoken in _WRITERS else set()
        names = {spoken, " ".join(leaf.asked.words), *own}
    elif spoken in _OWN:
        names = {f"{about} {spoken}", about} if spoken in ("name", "title") else {f"{about} {spoken}"}
    else:
        names = {f"{about} {spoken}", spoken}
    for end, kinds in _ENDS.items():
        if spoken.endswith(f" {end}"):
            names |= kinds
    names |= {role_of()[name] for name in names if name in role_of()}
    return frozenset(names | {one_name()[name] for name in names if name in one_name()})
