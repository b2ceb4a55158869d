"""The names of jobs in languages in which the job stands first («chef de projet») or is one word («Projektleiterin»)."""

from collections.abc import Sequence
from functools import cache

from server.api.providers.local.cue.passage import Passage, PassageToken

_LONGEST = 5
_LINKS = frozenset("de di da do d' des du en für in van voor del della delle".split())  # noqa: SIM905  # one list, one line
_ENDS = frozenset(
    "und oder et ou y o e ed en och eller bei beim für in im à chez avec sur depuis con desde por para presso dal dalla nel nella a al alla per da na no em com ao bij voor te sinds op van "  # noqa: SIM905  # as above
    "på hos i för sedan åt aus seit mit zu an auf ab qui que che der die das ist est es è é is är le la les el los il lo gli os as un une una".split()
)
_BEFORE = frozenset(
    [
        "senior",
        "junior",
        "leitende",
        "leitender",
        "leitenden",
        "freie",
        "freier",
        "freien",
        "selbstständige",
        "selbständiger",
        "freiberuflicher",
        "grand",
        "première",
        "ook",
    ]
)


def trade_ends(words: dict[str, frozenset[str]], tokens: Sequence[PassageToken], at: int) -> Sequence[int]:
    """The end of a job that begins at a token; none where no word that is known for one begins or ends it."""
    end = at
    while end < len(tokens) and tokens[end].word in _BEFORE:
        end += 1
    while (
        end < len(tokens)
        and end - at <= 1
        and not _is_trade(words, tokens[end].word)
        and tokens[end].is_capital
    ):
        end += 1
    if (
        end >= len(tokens)
        or not tokens[end].is_word
        or tokens[end].unsettles
        or not _is_trade(words, tokens[end].word)
    ):
        return ()
    end += 1
    while end < len(tokens) and end - at < _LONGEST:
        token, behind = tokens[end], tokens[end + 1] if end + 1 < len(tokens) else None
        if token.word in _LINKS and behind is not None and _is_field(behind):
            end += 2
        elif _is_field(token):
            end += 1
        else:
            break
    return (
        (end,)
        if end >= len(tokens) or tokens[end].word not in ("und", "et", "y", "e", "o", "ou", "oder", "&", "/")
        else ()
    )


def _is_field(token: PassageToken) -> bool:
    """Whether a word may tell what a job is about: a noun or an adjective in small letters, of some length."""
    return (
        token.is_word
        and not token.is_capital
        and token.word not in _ENDS
        and not token.unsettles
        and len(token.word) > 3
    )


def _is_trade(words: dict[str, frozenset[str]], word: str) -> bool:
    return word in words["whole"] or any(
        word.endswith(ending) for ending in words["ending"] if len(word) > len(ending) + 1
    )


def job_ends_first(tokens: Sequence[PassageToken], at: int, passage: Passage) -> Sequence[int]:
    """The end of such a job, without an article before it."""
    return trade_ends(_words(), tokens, at)


@cache
def _words() -> dict[str, frozenset[str]]:
    # Read where it is needed: the tables' module imports the slots.
    from server.api.providers.local.cue.cue_row import text_of

    every = {word for line in text_of("job_words_west.tsv") for word in line.split("\t")[1].split()}
    return {
        "whole": frozenset(word for word in every if word[0] != "-"),
        "ending": frozenset(word[1:] for word in every if word[0] == "-"),
    }
