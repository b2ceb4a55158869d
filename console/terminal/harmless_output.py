"""Standard output that no foreign text can give orders to: what the commands print goes through here, all of it."""

from typing import Any, TextIO

from console.terminal.paint import with_colour
from console.text.plain import harmless


class HarmlessOutput:
    """A text stream in front of another one; everything but writing is the other's."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes the text without escape sequences, controls and invisible marks, but with colour of our own.

        Returns how long the whole text was.
        """
        if not isinstance(text, str):
            raise TypeError("this is a stream of text")
        self._stream.write(with_colour(harmless(text)))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Writes one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
