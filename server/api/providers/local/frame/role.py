"""Roles: which properties ask for which, and what kinds of things may have them."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from server.api.providers.local.cue.text.nouns import is_job
from server.api.providers.local.frame.word import lines_of, words_of_kind
from server.api.providers.local.property import words_of
from server.api.providers.local.values.leaf import Leaf

_GENERIC = frozenset(
    {"name", "title", "description", "label", "full name", "value", "fullname", "display name"}
)
"""Names that say what they are of only by the object in which they stand."""
_LEADS = (
    "the ",
    "a ",
    "an ",
    "full ",
    "name of the ",
    "name of ",
    "title of the ",
    "title of ",
    "full name of the ",
    "name and ",
    "who is the ",
    "which ",
    "what ",
)
_FORMATS = frozenset({"date", "date-time", "time", "email", "uri", "uuid", "ipv4", "duration"})
_MOST_WORDS = 4


@lru_cache(maxsize=512)
def roles_asked(path: tuple[str, ...], told: str) -> frozenset[str]:
    """The roles for which a property asks by its name, the object in which it stands, and what its description says."""
    own = " ".join(words_of(path[-1]))
    about = " ".join(words_of(path[-2])) if len(path) > 1 else ""
    names = {own}
    if about:
        names = {f"{about} {own}", *({about} if own in _GENERIC else {own} if own not in _GENERIC else set())}
    found = frozenset(role for name in names for role in _roles_by_name().get(name, ()))
    noun = about if about and own in _GENERIC else own.removesuffix(" name").removesuffix(" number")
    found |= {f"~{noun}"} if " " not in noun and noun not in _GENERIC else set()
    said = _said(told)
    if said is None:
        return frozenset()
    by_words = frozenset(_roles_by_name().get(said, ()))
    if found and by_words:
        return found & by_words or by_words
    return found or by_words


def _said(told: str) -> str | None:
    """What a description calls the property; None where it asks for another than the plain one."""
    words = words_of(told)
    if not words_of_kind("other").isdisjoint(words):
        return None
    text = " ".join(words) + " "
    changed = True
    while changed:
        changed = False
        for lead in _LEADS:
            if text.startswith(lead):
                text, changed = text[len(lead) :], True
    parts = text.split()
    for end in range(min(_MOST_WORDS, len(parts)), 0, -1):
        name = " ".join(parts[:end])
        if name in _roles_by_name() and (end == len(parts) or parts[end] in words_of_kind("bound")):
            return name
    return ""


def told_of(leaf: Leaf) -> str:
    """The description of a property, or its title."""
    schema = leaf.node.schema
    return str(schema.get("description") or schema.get("title") or "")[:200]


def asks_role(leaf: Leaf) -> bool:
    """Whether a text that has a role may be the value of a property."""
    schema = leaf.node.schema
    return (
        "string" in (leaf.node.types or ("string",))
        and not {"enum", "const"} & schema.keys()
        and schema.get("format") not in _FORMATS
        and not leaf.node.branches
    )


def fits_role(role: str, kind: str, text: str) -> bool:
    """Whether a thing of a kind may have a role, as a frame names it: «recipient[PF]»."""
    name, _, rest = role.partition("[")
    if name[0] == "~":
        return True
    kinds = rest.rstrip("]") or _kinds_by_role().get(name, "")
    if "J" in kinds:
        return kind in "THNX" and is_job(text)
    return kind in kinds or (kind == "X" and "T" in kinds)


@cache
def _kinds_by_role() -> Mapping[str, str]:
    return {role: kinds for role, kinds, _ in _lines()}


@cache
def _roles_by_name() -> Mapping[str, Sequence[str]]:
    found: dict[str, tuple[str, ...]] = {}
    for role, _, names in _lines():
        for name in names.split():
            spoken = name.replace("_", " ")
            found[spoken] = (*found.get(spoken, ()), role)
    return found


def _lines() -> list[tuple[str, str, str]]:
    return [
        (role, kinds, names) for role, kinds, names in (line.split("\t") for line in lines_of("roles.tsv"))
    ]
