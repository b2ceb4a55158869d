"""A whole number that somebody else wrote."""

_MOST_DIGITS = 18
"""They fit 64 bits, as a database's and a protocol's numbers do."""


def parse_whole_number(text: str) -> int | None:
    """The number that ``text`` is: digits 0 to 9 alone, at most 18 of them; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
