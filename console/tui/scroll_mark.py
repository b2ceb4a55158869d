"""The words in a frame that say how much of what it holds is out of sight."""

from textual.widget import Widget


def hidden_words(above: int, below: int, count: int, noun: str = "") -> str:
    """What of ``count`` things is out of sight, for a frame; empty where nothing is."""
    words = [f"↑ {above} more above"] * (above > 0) + [f"↓ {below} more below"] * (below > 0)
    return f"{count}{f' {noun}' if noun else ''}, {', '.join(words)}" if words else ""


def mark_hidden_lines(scrolled: Widget, framed: Widget, words: str = "") -> None:
    """Say in a frame how many lines are out of sight, behind the ``words`` that stand there anyway."""
    above = int(scrolled.scroll_offset.y)
    count = scrolled.virtual_size.height
    hidden = hidden_words(above, count - above - scrolled.scrollable_content_region.height, count, "lines")
    framed.border_subtitle = "  ".join(filter(None, (hidden, words)))
