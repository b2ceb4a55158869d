"""The parts of postal addresses for the objects of a schema that have such parts."""

from collections.abc import Sequence
from typing import Any

from server.api.providers.local.coercion import fits
from server.api.providers.local.evidence.denial import denied
from server.api.providers.local.evidence.evidence import Evidence
from server.api.providers.local.label import labels_in
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import property_of
from server.api.providers.local.structure.introduction import lead_of, leaves_it
from server.api.providers.local.structure.labelled_clause import with_spans
from server.api.providers.local.structure.postal_address import (
    PostalAddress,
    addresses_in,
    is_address,
    is_address_of,
    part_of,
)
from server.api.providers.local.values.leaf import Leaf

_LONGEST_LABEL = 4
"""Words of a label before an address."""


def addresses_for(leaves: Sequence[Leaf], evidence: Evidence) -> dict[tuple[str, ...], Any]:
    """The parts of postal addresses for the objects that have such parts, each from the one address that is its own."""
    groups: dict[tuple[str, ...], list[Leaf]] = {}
    for leaf in leaves:
        groups.setdefault(leaf.path[:-1], []).append(leaf)
    groups = {path: group for path, group in groups.items() if is_address([leaf.path[-1] for leaf in group])}
    text = evidence.text
    labelled = [a for a in addresses_in(evidence.said) if _is_labelled(evidence.said, a)] if groups else []
    if labelled:
        # A label of any name is as good as a plain sentence.
        text = with_spans(text, evidence.said, [(a.start, a.end) for a in labelled])
    every = [
        address
        for address in (addresses_in(text) if groups else [])
        if not denied(text, Mention("address", address.start, address.end, ""))
    ]
    found: dict[tuple[str, ...], Any] = {}
    for path, group in groups.items():
        alone = len(groups) == 1 and len(every) == 1 and is_address_of(path, lead_of(text, every[0].start))
        own = every if alone else _own_addresses(path, every, text)
        for leaf in group if len(own) == 1 else ():
            said = own[0].parts.get(part_of(leaf.path[-1]))
            if said and "string" in (leaf.node.types or ("string",)) and fits(said, leaf.node):
                found[leaf.path] = said
    return found


def _own_addresses(path: tuple[str, ...], every: Sequence[PostalAddress], text: str) -> list[PostalAddress]:
    """Those before which, since the address before them, a label of their object stands."""
    if not path:
        return []
    labels = property_of(path[-1], {}).labels
    starts = [0, *(address.end for address in every)]
    return [
        address
        for start, address in zip(starts, every, strict=False)
        if (own := _is_own(path, text, address)) is not False
        and (own or labels_in(text[start : address.start], labels))
    ]


def _is_labelled(text: str, address: PostalAddress) -> bool:
    """Whether an address stands alone behind a short label and a colon."""
    lead = text[: address.start].rpartition("\n")[2]
    lead = pattern(r"[.!?]\s").sub("\x01", lead).rpartition("\x01")[2].strip()
    return lead.endswith((":", "：")) and len(lead.split()) <= _LONGEST_LABEL and leaves_it(lead)


def _is_own(path: tuple[str, ...], text: str, address: PostalAddress) -> bool | None:
    return is_address_of(path, lead_of(text, address.start))
