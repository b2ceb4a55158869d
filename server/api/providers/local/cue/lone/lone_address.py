"""The one address of a machine, one link or one identifier of a passage, for the one property that asks for such a thing."""

from collections.abc import Iterator, Sequence

from server.api.providers.local.cue.certain import is_certain
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.values.leaf import Leaf

_KINDS = frozenset({"url", "uuid", "ipv4"})
_OWNED = frozenset({"website", "site", "homepage", "blog", "profile", "webpage"})
"""Names of what belongs to somebody: a link may be that of another."""
_FORMATS = {"uri": "url", "url": "url", "uuid": "uuid", "ipv4": "ipv4"}


def lone_addresses(leaves: Sequence[Leaf], passage: Passage) -> Iterator[tuple[Leaf, Cued]]:
    """The properties that alone ask for a link, an identifier or an address of which a passage has one, with it."""
    for kind in sorted(_KINDS):
        asking = [leaf for leaf in leaves if _kind(leaf) == kind]
        named = {mention.text for mention in passage.named if mention.kind == kind}
        asking = [leaf for leaf in asking if _OWNED.isdisjoint(leaf.asked.words)]
        if len(asking) != 1 or len(named) != 1:
            continue
        for sentence in passage.sentences:
            for at, token in enumerate(sentence.tokens):
                is_it = token.mention is not None and token.mention.kind == kind
                followed = sentence.tokens[at + 1 : at + 2]
                glued = bool(followed) and followed[0].text in "/-" and followed[0].start == token.end
                owned = any(before.text.endswith(("'s", "’s")) for before in sentence.tokens[:at])
                if (
                    is_it
                    and not owned
                    and not glued
                    and not sentence.is_taken_back
                    and is_certain(sentence, at, at + 1)
                ):
                    yield (
                        asking[0],
                        Cued(Value(token.text.rstrip(".,;"), token.mention), token.start, token.end),
                    )


def _kind(leaf: Leaf) -> str:
    form = str(leaf.node.schema.get("format", ""))
    return _FORMATS.get(form, leaf.asked.kind if "string" in (leaf.node.types or ("string",)) else "")
