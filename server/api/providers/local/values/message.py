"""What the sentences of a message tell of the properties of a schema."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from server.api.providers.local.coercion import NOTHING, coerced
from server.api.providers.local.evidence.evidence import Evidence
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.structure.advert import told_in_advert
from server.api.providers.local.structure.for_another import is_for_another
from server.api.providers.local.structure.phrase_grammar import Told, value_told
from server.api.providers.local.structure.self_account import told_of_self
from server.api.providers.local.structure.stay import end_of_stay
from server.api.providers.local.values.leaf import Leaf

LONGEST_MESSAGE = 2_000
"""Characters up to which a prompt is read as a message, sentence by sentence; more would hold the loop."""
_FIELDS = 60
"""Properties up to which each is looked for in what writers tell of themselves."""

_OWN_SENDERS = (("sender",), ("contact",), ("writer",), ("reporter",), ("caller",))


def told_by_writer(leaves: Sequence[Leaf], evidence: Evidence) -> dict[tuple[str, ...], Any]:
    """What whoever writes says of themself, or offers; in a list it is said of nobody, and of two that ask for it of neither."""
    found: dict[tuple[str, ...], Any] = {}
    is_message = len(evidence.text) <= LONGEST_MESSAGE and len(leaves) <= _FIELDS
    is_anothers = is_message and is_for_another(evidence.text)
    for leaf in leaves if is_message else ():
        if is_anothers and leaf.asked.kind == "person" and leaf.asked.words[:1] not in _OWN_SENDERS:
            continue
        if "enum" in leaf.node.schema or set(leaf.node.types) & {"array", "object", "boolean"}:
            continue
        said: str | float | None = told_of_self(evidence.text, leaf.asked, evidence.named)
        if said is None:
            said = told_in_advert(evidence.text, leaf.asked, evidence.named)
        if said is None:
            said = end_of_stay(evidence.text, leaf.asked, evidence.named)
        value = coerced(Value(said), leaf.asked, leaf.node) if said is not None else NOTHING
        if value is not NOTHING:
            found[leaf.path] = value
    kinds = Counter((leaf.asked.kind, leaf.asked.words[-1:]) for leaf in leaves if leaf.path in found)
    return {
        leaf.path: found[leaf.path]
        for leaf in leaves
        if leaf.path in found and kinds[leaf.asked.kind, leaf.asked.words[-1:]] == 1
    }


def told_by_phrases(leaves: Sequence[Leaf], told: Sequence[Told]) -> dict[tuple[str, ...], Any]:
    """The values of properties of the whole that understood sentences tell."""
    found: dict[tuple[str, ...], Any] = {}
    for leaf in leaves if told else ():
        value = value_told(leaf.path[-1], told) if len(leaf.path) == 1 else None
        numeric = bool(set(leaf.node.types) & {"integer", "number"}) or "enum" in leaf.node.schema
        if value is None or value.value is None:
            continue
        if (
            isinstance(value.value, int)
            and not isinstance(value.value, bool)
            and not numeric
            and leaf.asked.kind in ("", "count")
        ):
            continue
        if numeric and isinstance(value.value, str) and value.value.isascii() and value.value.isdecimal():
            value = Value(int(value.value))
        listed = leaf.node.schema.get("enum")
        same = [
            one
            for one in (listed if isinstance(listed, list) else ())
            if str(one).lower() == str(value.value).lower()
        ]
        if value.mention is None and "format" in leaf.node.schema:
            continue
        if isinstance(listed, list):
            answer: Any = same[0] if len(same) == 1 else NOTHING
        elif isinstance(value.value, bool) or leaf.node.types == ("boolean",):
            answer = (
                value.value if leaf.node.types == ("boolean",) and isinstance(value.value, bool) else NOTHING
            )
        else:
            answer = coerced(value, leaf.asked, leaf.node)
        if answer is not NOTHING:
            found[leaf.path] = answer
    return found
