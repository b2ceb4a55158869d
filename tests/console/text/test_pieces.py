"""Facts about a long text in pieces: nothing is lost, and nothing is cut apart that belongs together."""

import io

import pytest
from rich.console import Console
from rich.markdown import Markdown

from console.text.pieces import pieces_of

_LIST = "".join(f"{n}. thing {n}\n\n   more of it\n\n" for n in range(1, 40))
_FENCED = "```bash\n" + "echo one\n\necho two\n" * 60 + "```\n\n"
_PROSE = "Some **words** that are read, and `code`.\n\n" * 60
TEXT = f"{_PROSE}{_LIST}{_PROSE}{_FENCED}{_PROSE}> a quote\n\n> goes on\n\n## Below\n\n{_PROSE}"


def _typeset(text: str) -> list[str]:
    console = Console(width=60, file=io.StringIO(), color_system=None)
    rows = console.render_lines(Markdown(text), console.options, pad=False)
    return ["".join(segment.text for segment in row).rstrip() for row in rows]


@pytest.mark.parametrize("size", [1, 200, 2_000, 10_000])
def test_the_pieces_are_the_text_and_are_typeset_as_in_the_whole(size: int) -> None:
    pieces = list(pieces_of(TEXT, size))
    assert "".join(pieces) == TEXT
    assert len(pieces) > 1 or size > len(TEXT)
    rows = [row for piece in pieces for row in _typeset(piece) if row]
    assert rows == [row for row in _typeset(TEXT) if row]


def test_a_text_with_link_definitions_stays_whole() -> None:
    text = f"See [there][1].\n\n{_PROSE}[1]: http://example.com\n"
    assert list(pieces_of(text, 100)) == [text]
