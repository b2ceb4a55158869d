"""A property of a schema that holds no object, and where it stands."""

from typing import NamedTuple

from server.api.providers.local.node import Node
from server.api.providers.local.property import Property, property_of, words_of


class Leaf(NamedTuple):
    """One property that holds no object."""

    path: tuple[str, ...]
    asked: Property
    node: Node
    required: bool


def property_at(path: tuple[str, ...], name: str, node: Node) -> Property:
    """The property, named with the object in which it stands where that says more: the name of a customer."""
    own = property_of(name, node.schema)
    about = own.about.union(*map(words_of, path))
    if path:
        longer = property_of(f"{path[-1]}_{name}", node.schema)
        if longer.known and own.kind in ("", "person", longer.kind):
            return longer._replace(about=about)
    return own._replace(about=about)
