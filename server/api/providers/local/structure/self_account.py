"""What whoever writes says of themself in the fixed words of each language: name, age, city, job, and in whose name is booked.

«Soy Marta López», «auf den Namen Brandt», «mieszkam w Krakowie»: each wording is a row of ``self_account.tsv`` in the first person, so that
what another person is called, or where that one lives, is not taken.
"""

from collections.abc import Iterator, Sequence

from server.api.providers.local.assertion.assertion import BLANK, sentences_of
from server.api.providers.local.lexicon import bent_cities, first_names, places, warrant_words, words_named
from server.api.providers.local.mention import Mention
from server.api.providers.local.pattern import pattern
from server.api.providers.local.property import Property
from server.api.providers.local.structure.self_wording import is_denied, self_wordings

_JOBS = frozenset(
    {
        ("job",), ("job", "title"), ("occupation",), ("profession",), ("current", "job"), ("beruf",), ("métier",), ("profesión",), ("profesion",),
        ("professione",), ("profissão",), ("profissao",), ("beroep",), ("zawód",), ("yrke",), ("职业",), ("職業",), ("직업",),
    }
)  # fmt: skip
_EXPERIENCE = frozenset(
    {
        ("years", "of", "experience"), ("years", "experience"), ("experience", "years"), ("work", "experience", "years"), ("experience", "in", "years"),
    }
)  # fmt: skip
_BOOKED = frozenset({("guest", "name"), ("booking", "name"), ("reservation", "name")})
_AT_WORK = r"\b(?:arbeite|tätig|beschäftigt|travaill|trabaj|lavor|trabalh|werk|prac|arbet|jobb|arbej|arbeid|experien|erfahrung|expérience|esperienza|ervaring|doświadczeni|zkušenost)|работ|стаж|опыт|досвід|працю|经验|工作"
"""What tells that so many years are those of a job."""
_OLDEST = 120


def told_of_self(text: str, asked: Property, named: Sequence[Mention]) -> str | int | None:
    """The property's value in what the writer says of themself; None where it is not said, or twice and differently."""
    found = list(dict.fromkeys(_told(text, asked, named)))
    return found[0] if len(found) == 1 else None


def names_of_writer(text: str) -> frozenset[str]:
    """The names by which the writer says that they are called, in any language but English."""
    return frozenset(name for what in _NAMED for _, name in _said(text, what))


_NAMED = ("name", "called", "introduced")


def _told(text: str, asked: Property, named: Sequence[Mention]) -> Iterator[str | int]:
    for what in _what(asked):
        for place, said in _said(text, what):
            if what == "years" and not pattern(_AT_WORK).search(_sentence(text, place)):
                continue
            if what in ("age", "years", "people"):
                if int(said) <= _OLDEST:
                    yield int(said)
            elif what == "city":
                if (city := bent_cities().get(said, said if places().get(said) == "city" else "")) != "":
                    yield city
            elif what == "post":
                if said.lower() in warrant_words("professions"):
                    yield said
            elif what == "job":
                if not {*said.lower().split()} & words_named("articles"):
                    yield said
            elif what == "called" and said.split()[0] not in first_names():
                # «Soy Director General» is a post.
                continue
            elif not _is_other(text, place, said, named):
                yield said


def _what(asked: Property) -> tuple[str, ...]:
    """What of a self-account the property asks for."""
    if asked.kind == "person" and asked.generic:
        return (*_NAMED, "booked")
    if asked.words in _BOOKED:
        return ("booked",)
    if asked.kind == "city" and asked.generic:
        return ("city",)
    if asked.kind == "age":
        return ("age",)
    if asked.kind == "count" and "party of" in asked.labels:
        return ("people",)
    if asked.words in _JOBS:
        return ("job", "post")
    return ("years",) if asked.words in _EXPERIENCE else ()


def _said(text: str, what: str) -> Iterator[tuple[int, str]]:
    """Where something is told, and what, in a sentence that is not blanked."""
    for expression in self_wordings(what):
        for match in pattern(expression).finditer(text):
            if not is_denied(text, match.start(), match.end(1)) and BLANK not in match[0]:
                yield match.start(1), match[1]


def _is_other(text: str, place: int, said: str, named: Sequence[Mention]) -> bool:
    """Whether a name is that of a company, a place or several, or no name at all."""
    end = place + len(said)
    kinds = {mention.kind for mention in named if mention.start < end and place < mention.end}
    behind = text[end : end + 8].lower()
    return bool(kinds - {"person", "name"}) or behind.startswith(
        (" gmbh", " ag", " ltd", " inc", " s.a", " s.r.l", " sp.")
    )


def _sentence(text: str, place: int) -> str:
    """The sentence around a place, in small letters."""
    parts = sentences_of(text)
    return next((part.text.lower() for part in parts if part.start <= place < part.end), "")
