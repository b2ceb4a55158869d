"""What is told of each property, looked at once more: values that their sentences take away, numbers that are cut, what is switched off."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.api.providers.local.coercion import fits
from server.api.providers.local.evidence.evidence import LONG_TEXTS, Evidence
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.values.company_end import with_legal_form
from server.api.providers.local.values.identifier import identified
from server.api.providers.local.values.leaf import Leaf
from server.api.providers.local.values.left_out import is_left_out
from server.api.providers.local.values.model_year import without_model_year
from server.api.providers.local.values.numbered import is_of_other_state, is_one_of_two
from server.api.providers.local.values.odd_rows import are_odd
from server.api.providers.local.values.other_reference import is_of_other_reference, is_reference_open
from server.api.providers.local.values.own_birth import is_birth_of_another
from server.api.providers.local.values.pair_label import is_under_other_label
from server.api.providers.local.values.signed_for import is_signature_of_another
from server.api.providers.local.values.switched_off import is_switched_off
from server.api.providers.local.values.trimmed import trimmed
from server.api.providers.local.values.twin_members import without_twins
from server.api.providers.local.values.veto import without_vetoed

_BOOLEAN = ("boolean",)
_LONGEST = 8_000


def admitted(
    values: Mapping[tuple[str, ...], Any], leaves: Sequence[Leaf], evidence: Evidence
) -> dict[tuple[str, ...], Any]:
    """Those of ``values`` that hold, as they are."""
    asked = {leaf.path: leaf for leaf in leaves}
    written, named = evidence.written, evidence.named
    names = frozenset(word for leaf in leaves for word in leaf.asked.about.union(leaf.asked.words))
    found: dict[tuple[str, ...], Any] = {}
    for path, value in values.items():
        leaf = asked.get(path)
        if len(written) <= _LONGEST and (is_left_out(value, written) or are_odd(value, written)):
            continue
        whole = value if leaf is None else identified(leaf, value, written)
        if (
            leaf is not None
            and len(written) <= _LONGEST
            and any(
                step(leaf, value, written)
                for step in (is_one_of_two, is_of_other_state, is_under_other_label)
            )
        ):
            continue
        if leaf is not None and (_is_nobody(leaf, value) or is_signature_of_another(leaf, value, written)):
            continue
        if leaf is not None and leaf.asked.kind == "person" and isinstance(value, str) and len(value) == 1:
            # «Name: J. R. Smith»
            whole = evidence.rest_of_label(leaf.asked)
        if leaf is not None and isinstance(value, str) and not LONG_TEXTS.isdisjoint(leaf.path[-1:]):
            # «Notes: Leave it at the door. Ring twice.»
            written_out = evidence.rest_of_label(leaf.asked) or ""
            whole = written_out if written_out.startswith(value) else whole
        if isinstance(whole, str) and leaf is not None and _is_free(leaf):
            whole = without_model_year(leaf, trimmed(whole, written, leaf), names)
            whole = with_legal_form(whole, written) if isinstance(whole, str) else whole
        if whole is None or (leaf is not None and whole != value and not fits(whole, leaf.node)):
            continue
        found[path] = whole
    for step in (
        (is_reference_open, is_of_other_reference, is_birth_of_another) if len(written) <= _LONGEST else ()
    ):
        found = {
            path: value
            for path, value in found.items()
            if path not in asked or not step(asked[path], value, found, written, named)
        }
    if len(written) <= _LONGEST:
        for leaf in leaves:
            if (
                leaf.node.types == _BOOLEAN
                and found.get(leaf.path) is not False
                and is_switched_off(leaf, evidence.said)
            ):
                found[leaf.path] = False
    return without_vetoed(without_twins(found, written), leaves, written, named)


def _is_free(leaf: Leaf) -> bool:
    """Whether a property takes any text."""
    return not {"enum", "const", "format", "pattern"} & set(leaf.node.schema)


def _is_nobody(leaf: Leaf, value: Any) -> bool:
    """Whether a text only says that there is none: «partner: no»."""
    is_free = isinstance(value, str) and "enum" not in leaf.node.schema and "const" not in leaf.node.schema
    return is_free and value.lower().rstrip(".!") in words_named("nobody_there")
