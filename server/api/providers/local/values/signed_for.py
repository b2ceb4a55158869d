"""Who signs a letter about a child or an animal is neither."""

from typing import Any

from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import words_of
from server.api.providers.local.structure.self_account import names_of_writer
from server.api.providers.local.structure.signature import signed_by
from server.api.providers.local.values.leaf import Leaf

_SIGN_NOT = frozenset({"child", "kid", "son", "daughter", "baby", "infant", "toddler", "newborn", "grandchild", "grandson", "granddaughter", "niece", "nephew", "pet", "dog", "cat", "puppy", "kitten", "horse", "animal"})  # fmt: skip
_MAY_SIGN = frozenset({"patient", "student", "pupil", "participant", "attendee", "swimmer", "player", "passenger"})  # fmt: skip
"""Who signs for themself, unless the letter says that it is about a child or a parent."""
_FOR_KIN = r"\b(?:for|about|my) (?:my |our )?(?:son|daughter|child|boy|girl|kid|nephew|niece|grandson|granddaughter|mother|father|mum|dad)\b|\b(?:ma fille|mon fils|mi hij[oa]|mia figlia|mio figlio|meine tochter|meinen sohn|meiner tochter|meinem sohn|mijn dochter|mijn zoon|min dotter|min son|syna|synka|córki|córkę|dceru|dcery|моего сына|мою дочь|моей дочери|сына|дочери|oğlum|kızım|minha filha|meu filho)\b"
_I_AM = r"\b(?:my name is|i am|i['’]m|this is)\s+$"
"""What stands before the name of who writes in English; ``self_account.tsv`` has the other languages."""
_NEAR = 16
_MARKS = ("/", "/ ", "– ", "— ", "- ", "-", "\n", ", ")
"""What stands before the name of who signs in the last line."""


def is_signature_of_another(leaf: Leaf, value: Any, text: str) -> bool:
    """Whether a property of a child, an animal or whoever a letter is about has got the name of who writes."""
    words = {word for step in leaf.path for word in words_of(step)}
    about_kin = not _MAY_SIGN.isdisjoint(words) and pattern(_FOR_KIN).search(text) is not None
    if not isinstance(value, str) or (_SIGN_NOT.isdisjoint(words) and not about_kin):
        return False
    at = text.find(value)
    if at >= 0 and pattern(_I_AM).search(text[max(0, at - _NEAR) : at]) is not None:
        return True
    if any(value in name for name in names_of_writer(text)):
        return True
    if text.count(value) != 1:
        return False
    signed = signed_by(text)
    # «… /Karin Sjöberg»
    at_end = any(text.rstrip(" .!\n").endswith(mark + value) for mark in _MARKS)
    return at_end or (signed is not None and value in signed)
