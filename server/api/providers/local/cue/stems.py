"""Forms of one word: «collection» and «collect», «driver» and «driving», «cancelled» and «cancellation»."""

_ENDINGS = (
    "ations", "ation", "itions", "ition", "ions", "ion", "ments", "ment", "als", "al", "ings", "ing", "eries", "ery", "ures", "ure", "ances", "ance", "ies", "ied",
    "ers", "er", "ors", "or", "ees", "ee", "es", "ed", "e", "s", "y",
)  # fmt: skip
_SHORTEST = 4
_ODD = {
    "paid": "pay", "sent": "send", "sold": "sell", "bought": "buy", "met": "meet", "held": "hold", "built": "build", "left": "leave", "taught": "teach", "drove": "driv",
    "driven": "driv", "gave": "giv", "given": "giv", "taken": "tak", "took": "tak", "written": "writ", "wrote": "writ", "begun": "begin", "began": "begin",
    "made": "mak", "flew": "fly", "flown": "fly", "flight": "fly", "spoke": "speak", "delivery": "deliver", "delivered": "deliver", "sung": "sing", "sang": "sing",
    "lost": "los", "loss": "los", "found": "find", "stolen": "steal", "theft": "steal", "renewal": "renew", "arrival": "arriv", "departure": "depart",
    "removal": "remov", "approval": "approv", "decision": "decid", "decided": "decid", "sale": "sell",
}  # fmt: skip


def stem_of(word: str) -> str:
    """What the forms of a word have in common."""
    odd = _ODD.get(word)
    if odd is not None:
        return odd
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST - (
            ending in ("s", "ed", "ing", "er", "or")
        ):
            return _bare(word[: -len(ending)])
    return _bare(word)


def _bare(stem: str) -> str:
    if len(stem) > _SHORTEST and stem[-1] == stem[-2] and stem[-1] not in "aeious":
        return stem[:-1]
    return stem.removesuffix("e") if len(stem) > _SHORTEST else stem


def is_irregular(word: str) -> bool:
    """Whether a word is the past of a verb that does not end like others."""
    return word in _ODD
