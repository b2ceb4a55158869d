"""A graph as rows of characters: bars in eighths from zero, gaps where nothing was measured."""

from collections.abc import Sequence

Samples = Sequence[float | None]


def resampled(samples: Samples, width: int) -> list[float | None]:
    """One value for each of ``width`` columns: the highest of those that fall into it, so that no peak is lost."""
    count = len(samples)
    if not count or width < 1:
        return [None] * max(0, width)
    values: list[float | None] = []
    for i in range(width):
        first = i * count // width
        part = [v for v in samples[first : max(first + 1, (i + 1) * count // width)] if v is not None]
        values.append(max(part) if part else None)
    return values


def graph_rows(samples: Samples, width: int, height: int, bars: str, gap: str = "·") -> list[str]:
    """Rows from top to bottom; ``bars`` are the fillings of a cell from least to full."""
    values = resampled(samples, width)
    top = max((v for v in values if v is not None), default=0.0)
    fine = len(bars)
    rows = []
    for row in range(height, 0, -1):
        cells = []
        for value in values:
            if value is None:
                cells.append(gap if row == 1 else " ")
                continue
            filled = round(max(0.0, value) / top * height * fine) if top > 0 else 0
            level = filled - (row - 1) * fine
            cells.append(bars[min(level, fine) - 1] if level > 0 else (bars[0] if row == 1 else " "))
        rows.append("".join(cells))
    return rows


def scale_words(value: float, unit: str) -> str:
    """A value in few characters, with its unit."""
    number = f"{value:.0f}" if value >= 10 else f"{value:.2g}"
    return f"{number}{unit}"
