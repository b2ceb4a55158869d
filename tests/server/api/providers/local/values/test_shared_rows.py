"""Facts about rows that two lists of a schema claim."""

from typing import Any

from server.api.providers.local.values.shared_rows import without_shared_rows


def test_rows_that_two_lists_have_are_neither_s() -> None:
    values: dict[tuple[str, ...], Any] = {
        ("teams",): [{"name": "Harlequins", "points": 24}],
        ("tries",): [{"player": "Harlequins", "minute": 24}],
        ("venue",): "the Stoop",
    }
    assert without_shared_rows(values) == {("venue",): "the Stoop"}


def test_lists_with_figures_of_their_own_stay() -> None:
    values: dict[tuple[str, ...], Any] = {
        ("teams",): [{"points": 24}],
        ("tries",): [{"minute": 12}],
        ("tags",): ["a"],
        ("count",): 24,
    }
    assert without_shared_rows(values) == values
