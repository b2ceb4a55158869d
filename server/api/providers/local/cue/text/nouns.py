"""Nouns cut whole at a place of a sentence: a thing, a thing before its verb, a job."""

from collections.abc import Sequence

from server.api.providers.local.cue.passage import Passage, PassageToken
from server.api.providers.local.cue.text.shapes import is_glued

_LONGEST_THING = 4
_LONGEST_JOB = 7
_LONGEST_LINE = 5


_ENDS_NOUN = frozenset(
    "a an the and or but nor is are am was were be been being has have had do does did to of in on at for from by with without as into onto not no never it its he she they we "  # noqa: SIM905  # as above
    "you i me us him them his her their my our your this that these those if when while which who whom whose what where than then so because till since will would could should "
    "may might can must shall also only too just please thanks there here under over between about around up down off out per each every again via before after during through "
    "und oder mit für bei von vom zum zur im am an auf aus nach über ist sind hat haben wird werden wurde bitte et ou avec pour chez sur dans par est sont qui que a ont mais y con por para en al "
    "desde es son tiene pero ed per su dal dalla è sono ha che ma com em na no ao às é são tem mas met voor bij op te naar is zijn heeft die dat och eller med på till från som är har den "
    "starting beginning reporting based working effective online today yesterday tomorrow recently currently including plus like again back".split()
)


_NO_THING = frozenset(
    "something anything nothing everything one ones it them that this those these thing things stuff more item items product products order orders which what same".split()  # noqa: SIM905  # as above
)


def thing_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a thing: its noun with what stands before it, up to a word that can be part of neither."""
    start = at + (tokens[at].word in ("the", "a", "an"))
    end = start
    while end < len(tokens) and end - start <= _LONGEST_THING + 1:
        token = tokens[end]
        number = token.mention is not None and token.mention.kind in ("number", "code", "quantity")
        if (token.text == "-" and end > start and is_glued(tokens, end)) or (number and end > start):
            end += 1
        elif not token.is_word or token.word in _ENDS_NOUN or (token.word.endswith("ly") and end > start):
            break
        elif token.unsettles:
            return ()
        else:
            end += 1
    words = [token for token in tokens[start:end] if token.text != "-"]
    if not words or len(words) > _LONGEST_THING or not words[0].is_word or words[-1].word in _NO_THING:
        return ()
    joint = tokens[end].word if end < len(tokens) else ""
    if joint in ("and", "or", "of"):
        return _of_pack(tokens, end, joint)
    return (end,)


def _of_pack(tokens: Sequence[PassageToken], end: int, joint: str) -> Sequence[int]:
    """Behind a thing with «and» or «of»: it ends there only where what follows is a verb's, not another thing."""
    behind = tokens[end + 1].word if end + 1 < len(tokens) else ""
    goes_on = behind in (
        "have",
        "i",
        "we",
        "would",
        "want",
        "need",
        "please",
        "it",
        "they",
        "the",
        "am",
        "is",
        "was",
    )
    return (end,) if joint == "and" and goes_on else ()


def job_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of a job: «Senior Accountant», «junior copy editor», «Head of Procurement»."""
    start = at + (tokens[at].word in ("the", "a", "an"))
    end = start
    while end < len(tokens) and end - start < _LONGEST_JOB:
        token = tokens[end]
        if token.word in _POSTS:
            break
        goes_on = (
            token.word in ("of", "for", "&")
            and end > start
            and end + 1 < len(tokens)
            and tokens[end - 1].is_capital
            and tokens[end + 1].is_capital
        )
        if (
            (token.is_word and token.word not in _ENDS_NOUN and not token.unsettles)
            or goes_on
            or (token.text in ("-", "/") and end > start and is_glued(tokens, end))
        ):
            end += 1
        else:
            break
    if end == start or (end < len(tokens) and tokens[end].word in ("or", "and")):
        return ()
    words = [token.word for token in tokens[start:end]]
    if words[-1].endswith("ed"):
        # «Lena worked» is none, and «Registered Nurse» is one.
        return ()
    is_name = all(token.is_capital for token in tokens[start:end])
    is_job = (
        words[-1] in _JOBS
        or words[-1].endswith(("er", "or", "ist", "ian", "ant"))
        or tokens[start].is_capital
    )
    return (end,) if is_job and (is_name or len(words) <= _LONGEST_THING) else ()


def is_job(line: str) -> bool:
    """Whether a line is a job and nothing else."""
    words = line.lower().split()
    heads = [word for word in words if word in _JOBS or word.endswith(("er", "or", "ist", "ian", "ant"))]
    return bool(heads) and len(words) <= _LONGEST_LINE and (words[-1] in heads or words[0] in heads)


_POSTS = frozenset({"role", "position", "job", "post", "vacancy", "opening"})
_JOBS = frozenset(
    "nurse chef cook clerk intern driver pilot guard agent assistant analyst head lead cto ceo cfo coo scientist representative associate officer executive specialist apprentice "  # noqa: SIM905  # as above
    "paralegal barista cashier concierge architect secretary attorney judge chief journalist coach trainee waiter waitress".split()
)


def before_verb_ends(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """Each end that a thing may have before its verb; the longest first."""
    ends: list[int] = []
    for end in range(at, min(at + _LONGEST_THING + 2, len(tokens))):
        token = tokens[end]
        figure = token.mention is not None and token.mention.kind in ("number", "code") and end > at
        glued = token.text == "-" and end > at and is_glued(tokens, end)
        if not (figure or glued or (token.is_word and token.word not in _ENDS_NOUN and not token.unsettles)):
            break
        if not glued and token.word not in _NO_THING | _PARTS_OF_ORDERS:
            ends.append(end + 1)
    return ends[::-1]


_PARTS_OF_ORDERS = frozenset(
    "package parcel delivery box packaging shipment screen lid handle battery strap price app website team driver courier staff food service house flat room apartment car company "  # noqa: SIM905  # as above
    "replacement refund invoice payment".split()
)
