"""Which part an amount plays: a fee, a rate, one of several that go without their currency."""

from collections.abc import Sequence
from functools import cache

from server.api.providers.local.evidence.nearness import CLAUSES, first_of, near
from server.api.providers.local.label import Label
from server.api.providers.local.lexicon import words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property, labels_of

_NAMED_BY = r"(\p{L}{3,})\s(?:of|is|was|von|de|di|da|van)\s(?:only |just )?$"
_TOO = r"(?:,|\s(?:and|but|und|aber|et|y|e|en|i|och|и))\s(?:the |die |der |das |les? |la |los? |las? |i |de )?\p{L}+(?:\s\p{L}+)?\s\p{Nd}+\s?(?:[.,;!]|$)"
_EACH = (
    r"(?:^|[^\p{L}])(?:each|every|jede[rsmn]?|chaque|cada|ogni|elke|ieder|każd\p{L}+|varje|кажд\p{L}+|her)\s[^.;]*$|每|毎|매"
    r"|(?:^|[^\p{L}])(?:je|jeweils|à|kişi başı\p{L}*|adam başı|tanesi|(?:per|pro|par|por|po|за|на|с|na|za|प्रति)\s\p{L}{3,12})[\s:]\s?[$€£]?$|(?:一人|1人|ひとり|一晚|一泊|1泊|1個|一个|1인|1박|인당|박당|개당|당|につき|あたり|当たり)\s?$"
)
_PARTS = r"\p{Nd}\s(?:\p{L}+\s){1,2}(?:of|à|at|zu|de|von|da|di|van|po|av|på)\s(?:je )?$"
_PER = (
    r"^\s?(?:(?:/|per|pro|je|par|por|po|cada|each|apiece|every|à l'unité|la pièce|l'un|l'une|cadauno|ciascuno|chacune?|styck|stycket|le stück|per stuk|al|all'|alla|a testa|a persona|a notte|a pezzo|za|zu je|i|om|с|за|на|в)(?:[^\p{L}]|$)"
    r"|(?:an?|the|la|le|el|der|die|das|de|het|o) \p{L}{3,}|\p{L}{2,12} (?:each|apiece|jeweils|chacune?)\b|für (?:eine|jede)|for (?:one|each|every)|pour (?:une?|chaque)|para (?:una?|cada)|por|"
    r"la pièce|/|per\b|प्रति|للشخص|للفرد|لكل|في ال|kişi başı|一人|每|一晚|一个|ずつ|씩)"
)
_FOR = r"^[^.;]{0,24}(?:^|\s|@)(?:for|at|à|für|zu|je|pour|por|per|za|voor|för|за|a|each|cost|costs)\s[$€£]?$"
_OTHER_MONEY = (
    "tax",
    "shipping",
    "discount",
    "deposit",
    "tip",
    "refund",
    "balance",
    "budget",
    "salary",
    "rent",
    "unit_price",
)


def is_called(text: str, amount: Mention) -> bool:
    """Whether an amount has a name of its own."""
    head = text[max(0, amount.start - 24) : amount.start]
    noun = pattern(_NAMED_BY).search(head.lower())
    return (
        pattern(r"\p{L}[:=：]\s?$").search(head) is not None
        or (
            noun is not None
            and noun[1]
            not in (
                "another",
                "other",
                "one",
                "second",
                "each",
                "that",
                "those",
                "autre",
                "otro",
                "andere",
                "anderes",
            )
        )
        or near(text, amount, money_labels())
        or is_other_money(text, None, amount)
    )


def is_elliptic(text: str, amounts: Sequence[Mention]) -> bool:
    """Whether another figure follows that leaves out the currency: «the adults pay 10 euros, the children 5»."""
    return any(
        pattern(_TOO).search(first_of(text[mention.end : mention.end + 60].lower())) is not None
        for mention in amounts
    )


def is_rate(text: str, amounts: Sequence[Mention]) -> bool:
    """Whether an amount is for each of several: «30 euros per day»."""
    return any(
        pattern(_PER).search(text[mention.end : mention.end + 24].lower())
        or pattern(_PARTS).search(text[max(0, mention.start - 40) : mention.start].lower())
        or pattern(_EACH).search(text[max(0, mention.start - 40) : mention.start].lower())
        for mention in amounts
    )


def is_other_money(text: str, asked: Property | None, mention: Mention) -> bool:
    """Whether an amount is called something else than what is asked for, in its clause: a fine, savings, «he owes»."""
    head = str(pattern(CLAUSES).sub("\x00", text[max(0, mention.start - 60) : mention.start].lower())).rsplit(
        "\x00", 1
    )[-1]
    rest = str(pattern(CLAUSES).sub("\x00", text[mention.end : mention.end + 24].lower())).partition("\x00")[
        0
    ]
    own = set(asked.words) if asked is not None else set()
    around = {word[0] for part in (head, rest) for word in pattern(r"[\p{L}\p{M}]+").finditer(part)}
    if own != {"amount"} and around & words_named("other_money") - own:
        return True
    if asked is None:
        return False
    others = [label for name in _OTHER_MONEY for label in labels_of(name) if label not in asked.labels]
    return near(text, mention, others)


@cache
def money_labels() -> tuple[str, ...]:
    return tuple(label for name in ("price", "total", *_OTHER_MONEY) for label in labels_of(name))


def is_price_of(text: str, label: Label, amount: Mention) -> bool:
    """Whether an amount is what the thing costs that a label names: «three dozen roses for 60 euros» are not 60 roses."""
    between = text[label.end : amount.start].lower()
    return label.end <= amount.start and pattern(_FOR).search(between) is not None
