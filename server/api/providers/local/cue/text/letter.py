"""What the end of a letter tells of who writes it: the name, and in the lines below it the job, the company, the addresses."""

from collections.abc import Iterator
from itertools import pairwise

from server.api.providers.local.assertion.assertion import BLANK
from server.api.providers.local.cue.cue_row import Cued
from server.api.providers.local.cue.passage import Passage
from server.api.providers.local.cue.text.nouns import is_job
from server.api.providers.local.evidence.measure import Value
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.structure.for_another import is_for_another
from server.api.providers.local.structure.signature import signed_by

_SENDERS = frozenset({"own name", "sender", "requester", "reporter", "applicant", "candidate"})
_CALLERS = frozenset({"customer", "guest name", "contact", "employee", "customer name", "tenant"})
"""Roles that a writer has who asks for something, and nobody has who answers."""
_GOODS = frozenset(
    "order parcel package appointment booking reservation account invoice subscription application ticket request payment delivery shipment inquiry enquiry policy claim interview".split()  # noqa: SIM905  # one list, one line
)
_CONTACTS = {"contact email": "email", "email": "email", "phone": "phone", "website": "url"}
_MOST_LINES = 5


def told_by_letter(names: frozenset[str], passage: Passage) -> Iterator[Cued]:
    """What the signature tells of properties with these names."""
    asks_name = bool(names & (_SENDERS | _CALLERS))
    asks_line = names & {"job title", "company"} or names & set(_CONTACTS)
    if not asks_name and not asks_line:
        return
    name = signed_by(passage.text.rsplit(BLANK, 1)[-1]) or _named_last(passage)
    if name is None or "on behalf of" in passage.text or is_for_another(passage.text):
        return
    start = passage.text.rfind(name)
    others = {
        m.text for m in passage.named if m.kind == "person" and m.text not in name and name not in m.text
    }
    if asks_name and (
        names & _SENDERS - {"applicant", "candidate"}
        or ((not others or (names & _ASKERS and _asks(passage))) and not is_answer(passage))
    ):
        yield _cued(name, start)
    if asks_line:
        yield from _below(names, passage, start + len(name))


def _named_last(passage: Passage) -> str | None:
    """The name alone with which a text ends, without a greeting before it."""
    last = passage.text.rstrip().rsplit("\n", 1)[-1].rsplit(BLANK, 1)[-1]
    last = pattern(r"^.*[.!?]\s").sub("", last).strip()
    named = [m for m in passage.named if m.kind == "person" and m.text == last]
    before = passage.text.rstrip().removesuffix(last).rstrip()
    if not before.endswith((".", "!", "?")):
        return None
    is_first = passage.text.strip().startswith(last)
    return last if named and not is_first and _LEAST_WORDS <= len(last.split()) <= _MOST_WORDS else None


_LEAST_WORDS, _MOST_WORDS = 2, 4
_ASKERS = frozenset({"employee"})


def _asks(passage: Passage) -> bool:
    """Whether the writer asks for something of their own."""
    words = {token.word for sentence in passage.sentences for token in sentence.tokens}
    return not words.isdisjoint({"i'd", "i"}) and not words.isdisjoint(
        {"leave", "holiday", "vacation", "me", "my"}
    )


def is_answer(passage: Passage) -> bool:
    """Whether the letter speaks of its reader's order or account, as one from a business does."""
    words = [token.word for sentence in passage.sentences for token in sentence.tokens]
    return any(one == "your" and then in _GOODS for one, then in pairwise(words))


def _below(names: frozenset[str], passage: Passage, at: int) -> Iterator[Cued]:
    lines = passage.text[at:].split("\n")[1 : _MOST_LINES + 1]
    place = at + len(passage.text[at:].split("\n")[0]) + 1
    seen_job = False
    for line in lines:
        said = line.strip()
        if (
            said
            and BLANK not in said
            and "@" not in said
            and not any(map(str.isdecimal, said))
            and said.count(",") <= 1
        ):
            head, comma, tail = (part.strip() for part in said.partition(","))
            if comma:
                if is_job(head) and tail[:1].isupper():
                    told, text = ("job title", head) if "job title" in names else ("company", tail)
                    if told in names:
                        yield _cued(text, place + line.find(text))
                    return
                place += len(line) + 1
                continue
            job = is_job(said)
            if job and "job title" in names:
                yield _cued(said, place + line.find(said))
            elif not job and seen_job and "company" in names and said[0].isupper():
                yield _cued(said, place + line.find(said))
                return
            seen_job = seen_job or job
        place += len(line) + 1
    kinds = {_CONTACTS[name] for name in names if name in _CONTACTS}
    for mention in passage.named:
        if mention.kind in kinds and mention.start > at:
            yield Cued(
                Value(mention.value if mention.value is not None else mention.text, mention),
                mention.start,
                mention.end,
            )


def _cued(text: str, start: int) -> Cued:
    return Cued(Value(text, Mention("text", start, start + len(text), text)), start, start + len(text))
