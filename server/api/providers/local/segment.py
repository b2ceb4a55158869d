"""A prompt cut in two: what is asked, and the text that it is asked of."""

import re
from typing import NamedTuple

_QUOTED = re.compile(
    r"```(?:\w*\n)?(?P<block>.+?)```|`(?P<tick>[^`\n]+)`|\"(?P<plain>[^\"]+)\"|“(?P<curly>[^”]+)[”\"]|«(?P<french>[^»]+)»"
    r"|„(?P<low>[^“”\"]+)[“”\"]|「(?P<corner>[^」]+)」|『(?P<white>[^』]+)』"
    r"|(?:(?<=\s)|(?<=:)|^)['‘](?P<single>[^'‘’\n]{2,}?)['’](?=[\s.,:;!?)]|$)",
    re.DOTALL,
)
_LABEL = re.compile(
    r"(?:input|text|sentence|paragraph|passage|article|document|email|question|context|word|data|content|message|code)s?"
    r"\s*:\s*",
    re.IGNORECASE,
)
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
    quoted = tuple(_inside(match) for match in _QUOTED.finditer(head))
    masked = _QUOTED.sub(lambda m: '"…"' if len(m[0]) > 30 else m[0], head)
    return Segments(masked, payload, tuple(q for q in quoted if q))


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
    masked = _QUOTED.sub(lambda match: "\0" * len(match[0]), prompt)
    for match in re.finditer(r"[:：](?=\s|[\"“「『«„]|[^\x00-\x7f/])", masked):
        head, rest = prompt[: match.start()].strip(), prompt[match.end() :].strip()
        if rest and (len(head.split()) >= 2 or _wide(head)) and len(head) <= _MOST_HEAD:
            return head + ":", ":", rest
        if rest and _LABEL.fullmatch(head + ": "):
            continue
    return prompt, "", ""


def _wide(text: str) -> bool:
    """Whether it is written without spaces between words."""
    return len(text) >= 3 and any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in text)


def _inside(match: re.Match[str]) -> str:
    return next((group.strip() for group in match.groups() if group), "")
