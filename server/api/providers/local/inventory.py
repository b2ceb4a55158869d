"""Everything of a known form that a text names, found by scanning it a fixed number of times."""

from itertools import islice

from server.api.providers.local.address import addresses_in, codes_in, lettered_codes_in, phones_in
from server.api.providers.local.amount import amounts_in
from server.api.providers.local.calendar import dates_in, relative_dates_in, times_in
from server.api.providers.local.mention import Mention
from server.api.providers.local.numeral import Separators

_MOST = 200
"""Things of one kind that are looked for: past so many none is the only one."""


def mentions(text: str, separators: Separators) -> list[Mention]:
    """Everything that ``text`` names but names, in its order; nothing is part of two."""
    taken = bytearray(len(text))
    found: list[Mention] = []
    digits = any(map(str.isdecimal, text))
    scans = (
        (addresses_in, dates_in, times_in, phones_in, lettered_codes_in)
        if digits
        else (addresses_in, relative_dates_in)
    )
    for scan in scans:
        for mention in islice(scan(text), _MOST):
            _keep(found, taken, mention)
    if digits:
        for mention in islice(amounts_in(text, separators, taken), _MOST):
            _keep(found, taken, mention)
        for mention in islice(codes_in(text), _MOST):
            _keep(found, taken, mention)
    return _without_weekdays(text, sorted(found, key=lambda mention: mention.start))


def _without_weekdays(text: str, found: list[Mention]) -> list[Mention]:
    """«Saturday 14 June 2025» names one day, and the date says which."""
    kept = []
    for place, mention in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        dated = following is not None and following.kind == "date" and following.value is not None
        if mention.kind == "date" and mention.value is None and dated and following is not None:
            between = text[mention.end : following.start]
            if between.strip(" ,") in ("", "the", "on") and len(between) <= 6:
                continue
        kept.append(mention)
    return kept


def _keep(found: list[Mention], taken: bytearray, mention: Mention) -> None:
    if mention.end > mention.start and not any(taken[mention.start : mention.end]):
        taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
        found.append(mention)
