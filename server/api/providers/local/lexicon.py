"""The word lists that ship with the local provider, each read once."""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources


@cache
def months() -> Mapping[str, int]:
    """Number of the month by its names, in small letters."""
    return {
        word.replace("_", " ").lower(): int(number)
        for number, words in _rows("months.tsv")
        for word in words.split()
    }


@cache
def currencies_before() -> Mapping[str, str]:
    """ISO 4217 code by what stands before or behind an amount without a space."""
    return {symbol: code for code, symbols, _ in _rows("money.tsv", 3) for symbol in (*symbols.split(), code)}


@cache
def currencies_behind() -> Mapping[str, str]:
    """ISO 4217 code by the words behind an amount, in small letters; a word of several currencies is the first's."""
    found: dict[str, str] = {}
    for code, symbols, words in _rows("money.tsv", 3):
        for word in (*symbols.split(), *words.split()):
            found.setdefault(word.replace("_", " ").lower(), code)
    return found


@cache
def company_forms(place: str) -> frozenset[str]:
    """Legal forms that stand ``behind`` or ``before`` a company's name, or end one without spaces (``cjk``)."""
    return frozenset(
        form for where, forms in _rows("company_forms.tsv") if where == place for form in forms.split()
    )


@cache
def first_names() -> frozenset[str]:
    """First names of persons, as they are written."""
    text = _text("first_names.tsv")
    return frozenset(name for line in text.splitlines() if not line.startswith("#") for name in line.split())


@cache
def places() -> Mapping[str, str]:
    """``city`` or ``country`` by its name as it is written."""
    return {name.replace("_", " "): kind for kind, names in _rows("places.tsv") for name in names.split()}


@cache
def words_named(row: str) -> frozenset[str]:
    """The words of one row of ``name_words.tsv``."""
    return frozenset(word for key, words in _rows("name_words.tsv") if key == row for word in _words(words))


@cache
def plain_words(language: str = "") -> frozenset[str]:
    """The words of ``plain_words.tsv`` with which something is plainly said, or those of one of its rows."""
    return frozenset(
        word
        for row, words in _rows("plain_words.tsv")
        if row == language or (not language and row != "doubtful")
        for word in _words(words)
    )


@cache
def warrant_words(row: str) -> frozenset[str]:
    """The words of one row of ``warrant_words.tsv``, with which values of a kind are told."""
    rows = _rows("warrant_words.tsv")
    return frozenset(word for key, words in rows if key == row for word in _words(words))


@cache
def number_words() -> Mapping[str, int]:
    """Small numbers by the words for them."""
    return {word: int(number) for number, words in _rows("numbers.tsv") for word in words.split()}


@cache
def unasserted_wordings() -> tuple[tuple[str, str, str, str], ...]:
    """Wordings that assert nothing: reason, scope, edges and regular expression."""
    return tuple((row[0], row[1], row[2], row[3]) for row in _rows("assertion.tsv", 4))


@cache
def self_accounts() -> tuple[tuple[str, str], ...]:
    """Wordings in which writers tell of themselves: what, and the expression."""
    return tuple((row[0], row[1]) for row in _rows("self_account.tsv"))


@cache
def need_words(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The words of one kind (``thing``, ``object`` or ``state``) by each name of a property that asks for them."""
    return {
        name: tuple(words.split("|"))
        for row, names, words in _rows("need_words.tsv", 3)
        if row == kind
        for name in names.split()
    }


@cache
def need_wordings() -> tuple[tuple[str, str], ...]:
    """Clauses that say that a thing is needed or not, and of what state it is not: what, and the expression."""
    return tuple((row[0], row[1]) for row in _rows("need_wordings.tsv"))


@cache
def selling_words() -> Mapping[str, tuple[str, ...]]:
    """Words with which a thing is offered, for ``sale`` or for ``rent``."""
    return {row[0]: tuple(row[1].split("|")) for row in _rows("selling_words.tsv")}


@cache
def bent_cities() -> Mapping[str, str]:
    """Names of cities by the forms in which they stand behind «in»."""
    return {form: name for name, forms in _rows("cities_told.tsv") for form in forms.split()}


@cache
def english_phrases() -> tuple[tuple[str, str, str, str], ...]:
    """Phrases of which English sentences are made: states, state behind it, expression, what it tells."""
    return tuple((row[0], row[1], row[2], row[3]) for row in _rows("english_phrases.tsv", 4))


@cache
def code_words() -> frozenset[str]:
    """Labels of numbers by which something is known: order, invoice number."""
    rows = _rows("concepts.tsv", 3)
    return frozenset(
        label for kind, _, labels in rows if kind == "code" for label in labels.split("|") if label.isalpha()
    )


def _words(told: str) -> Iterator[str]:
    """The words of a row; one that stands in several rows is kept once."""
    return map(sys.intern, told.split())


def _rows(name: str, columns: int = 2) -> list[list[str]]:
    lines = [line for line in _text(name).splitlines() if line and not line.startswith("#")]
    return [(line.split("\t") + [""] * columns)[:columns] for line in lines]


def _text(name: str) -> str:
    return (resources.files("server.api.providers.local") / name).read_text(encoding="utf-8")
