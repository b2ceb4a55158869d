"""Who signs a letter about a child or an animal is neither."""

from typing import Any

from server.api.providers.local.property import words_of
from server.api.providers.local.structure.signature import signed_by
from server.api.providers.local.values.leaf import Leaf

_SIGN_NOT = frozenset({"child", "kid", "son", "daughter", "baby", "infant", "toddler", "newborn", "grandchild", "grandson", "granddaughter", "niece", "nephew", "pet", "dog", "cat", "puppy", "kitten", "horse", "animal"})  # fmt: skip

_MARKS = ("/", "/ ", "– ", "— ", "- ", "-", "\n", ", ")
"""What stands before the name of who signs in the last line."""


def is_signature_of_another(leaf: Leaf, value: Any, text: str) -> bool:
    """Whether a property of a child or an animal has got the name of who signs."""
    if not isinstance(value, str) or _SIGN_NOT.isdisjoint(
        word for step in leaf.path for word in words_of(step)
    ):
        return False
    if text.count(value) != 1:
        return False
    signed = signed_by(text)
    # «… /Karin Sjöberg»
    at_end = any(text.rstrip(" .!\n").endswith(mark + value) for mark in _MARKS)
    return at_end or (signed is not None and value in signed)
