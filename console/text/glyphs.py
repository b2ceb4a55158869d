"""The few characters outside ASCII that the console draws, and what stands for them where there are none."""

import msgspec


class Glyphs(msgspec.Struct, frozen=True):
    """One set of characters."""

    live: str
    dead: str
    bars: str
    gap: str
    cursor: str
    done: str
    failed: str
    running: str
    doubt: str
    marked: str
    under: str
    """Before what stands under something else."""


UNICODE = Glyphs("●", "○", "▁▂▃▄▅▆▇█", " ", "▶", "✓", "✗", "…", "?", "◆", "└ ")
ASCII = Glyphs("*", "o", "_.,-=+*#", " ", ">", "+", "x", ".", "?", "*", "` ")


def sparkline(samples: tuple[float | None, ...], glyphs: Glyphs) -> str:
    """One character a sample, scaled from zero; a gap where there is none, never a flat line."""
    top = max((value for value in samples if value is not None), default=0.0)
    steps = len(glyphs.bars) - 1
    return "".join(
        glyphs.gap if value is None else glyphs.bars[0 if top <= 0 else round(max(0.0, value) / top * steps)]
        for value in samples
    )
