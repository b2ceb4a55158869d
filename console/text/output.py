"""What a step printed, as it is shown: harmless, and what was left out of it said where it was."""

from console.text.plain import harmless
from runbooks.wire import OutputPart


def shown_output(part: OutputPart) -> str:
    """The text of a piece of output, with a line in the place of the bytes that were not kept."""
    cut = f"\n… {part.cut_bytes:,} bytes cut here …\n" if part.cut_bytes else ""
    return cut + harmless(part.data)
