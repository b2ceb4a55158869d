"""A prompt cut in two: what is asked, and the text that it is asked of."""

from typing import NamedTuple

from server.api.providers.local.quotations import blanked, masked, quotations

_OPENING = '"“「『«„'
_MOST_HEAD = 700


class Segments(NamedTuple):
    """The parts of one prompt."""

    instruction: str
    """What is asked, with long quotations masked."""
    payload: str
    """The text below or after the instruction; empty when there is none."""
    quoted: tuple[str, ...]
    """What stands in quotation marks inside the instruction."""


def segment(prompt: str) -> Segments:
    """Cut ``prompt`` at a blank line, or at a colon with text behind it; quotations stay with what asks."""
    head, payload = _cut(prompt.strip())
    found = quotations(head)
    instruction = masked(head, found, '"…"', longer_than=30)
    return Segments(instruction, payload, tuple(q.inside for q in found if q.inside))


def _cut(prompt: str) -> tuple[str, str]:
    head, gap, rest = prompt.partition("\n\n")
    if gap and len(head) <= _MOST_HEAD:
        return head.strip(), rest.strip()
    head, colon, rest = _colon(prompt)
    if colon:
        return head, rest
    head, newline, rest = prompt.partition("\n")
    if newline and len(head) <= _MOST_HEAD:
        return head.strip(), rest.strip()
    return prompt, ""


def _colon(prompt: str) -> tuple[str, str, str]:
    """At the first colon (outside quotations) that ends two words or more and has text behind it."""
    plain = blanked(prompt, quotations(prompt[: _MOST_HEAD * 2]))
    wide = next((at for at, character in enumerate(plain[:_MOST_HEAD]) if _unspaced(character)), _MOST_HEAD)
    for at, character in enumerate(plain[:_MOST_HEAD]):
        if character not in ":：" or not _ends_a_head(plain, at):
            continue
        head = prompt[:at].strip()
        if len(head.split(None, 2)) >= 2 or (at > wide and len(head) >= 3):
            rest = prompt[at + 1 :].strip()
            if rest:
                return head + ":", ":", rest
    return prompt, "", ""


def _ends_a_head(text: str, at: int) -> bool:
    """Whether what follows a colon is set off from it: a blank, a quotation, a letter that is not ASCII."""
    after = text[at + 1 : at + 2]
    return after != "" and (
        after.isspace() or after in _OPENING or after == "\0" or (after > "\x7f" and after != "/")
    )


def _unspaced(character: str) -> bool:
    """Whether it belongs to a script that is written without spaces between words."""
    return "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"
