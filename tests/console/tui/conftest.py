"""What all tests of the full screen share: a style sheet is the same for every app, and is parsed once."""

from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet


@pytest.fixture(autouse=True, scope="session")
def _sheets_parsed_once() -> Any:
    """Hundreds of consoles are started here; each would parse the same text with the same colours anew."""
    parse, kept = Stylesheet._parse_rules, dict[Any, Any]()

    def parsed(sheet: Stylesheet, *given: Any, **named: Any) -> Any:
        key = (frozenset(sheet._variables.items()), given, tuple(sorted(named.items())))
        if key not in kept:
            kept[key] = parse(sheet, *given, **named)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parsed)
        yield
