"""Texts that are known by their shape: a version, the number of a flight, a street, an address."""

from collections.abc import Sequence

from server.api.providers.local.cue.passage import Passage, PassageToken


def is_glued(tokens: Sequence[PassageToken], at: int) -> bool:
    """Whether a mark stands between two words without blanks."""
    return (
        at + 1 < len(tokens)
        and tokens[at].start == tokens[at - 1].end
        and tokens[at].end == tokens[at + 1].start
    )


def version_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a version: figures with points, and what is joined to them."""
    end = at
    while end < len(tokens) and (end == at or tokens[end].start == tokens[end - 1].end):
        if not (tokens[end].text[:1].isalnum() or tokens[end].text in ".-+"):
            break
        end += 1
    while end > at and tokens[end - 1].text in ".-+":
        end -= 1
    if " " in passage.written(tokens[at], tokens[end - 1]) if end > at else False:
        return ()
    text = "".join(token.text for token in tokens[at:end])
    return (
        (end,)
        if any(map(str.isdecimal, text))
        and ("." in text or text[0] in "vV")
        and (text[0].isdecimal() or text[0] in "vV")
        else ()
    )


def flight_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a flight's number: two signs of an airline, and figures."""
    text = tokens[at].text
    whole = text.isalnum() and text[:2].upper() == text[:2] and 3 <= len(text) <= 6 and text[2:].isdecimal()
    if whole and not text.isdecimal():
        return (at + 1,)
    figures = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return (
        (at + 2,)
        if len(text) == 2 and text.isalnum() and text.isupper() and figures.isdecimal() and len(figures) < 5
        else ()
    )


_STREETS = frozenset(
    "street st road rd lane ln avenue ave drive dr court ct place square way boulevard blvd close terrace crescent row gardens grove hill parkway highway quay wharf walk mews alley "  # noqa: SIM905  # as above
    "circle trail".split()
)


_LONGEST_STREET = 5


def street_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a house's number and its street: «48 Harbour Street»."""
    if not (tokens[at].text[:1].isdecimal() and tokens[at].text.isalnum() and len(tokens[at].text) < 6):
        return ()
    end = at + 1
    while end < len(tokens) and end - at <= _LONGEST_STREET and tokens[end].is_capital:
        end += 1
        if tokens[end - 1].word in _STREETS and end - at > 2:
            behind = end < len(tokens) and tokens[end].is_capital
            return () if behind else (end,)
    return ()


def address_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a street with the town behind it, its state and its postal code."""
    found = street_ends(tokens, at, passage)
    end = found[0] if found else 0
    while end and end + 1 < len(tokens) and tokens[end].text == "," and tokens[end + 1].is_capital:
        then = end + 1
        while then < len(tokens) and (
            tokens[then].is_capital
            or (tokens[then].text.isalnum() and tokens[then].text[0].isdecimal() and then > end + 1)
        ):
            then += 1
        end = then
    return (end,) if end else ()


_IN_SLUGS = frozenset("-_./")


def slug_ends(tokens: Sequence[PassageToken], at: int) -> Sequence[int]:
    """The end of a name as programs have it: «billing-api», «sales.orders», «customer_id»."""
    if at and tokens[at - 1].text in _IN_SLUGS and tokens[at - 1].end == tokens[at].start:
        return ()
    mention = tokens[at].mention
    if mention is not None and mention.kind not in ("code", "name"):
        return ()
    end = at + 1
    while (
        end + 1 < len(tokens)
        and tokens[end].text in _IN_SLUGS
        and is_glued(tokens, end)
        and tokens[end + 1].text[:1].isalnum()
    ):
        end += 2
    return (end,) if end > at + 1 and tokens[at].text[:1].isalnum() else ()
