"""How often a reading like this one is right."""

from server.api.providers.local.intent import Reading

_BY_LEAD = ((4.0, 0.87), (2.0, 0.7), (0.5, 0.65), (0.0, 0.55))
"""Least lead over the second best intent, and the share of such readings that were right (bench/quality.py)."""
_NOTHING = 0.2


def confidence_of(reading: Reading) -> float:
    """A probability, 0 to 1, measured on labelled prompts."""
    if reading.score == 0:
        return _NOTHING
    return next(right for least, right in _BY_LEAD if reading.lead >= least)
