"""A figure of an outage as an SVG: a line, the moments that matter, and their words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from server.ops.incidents.frozen_metrics import FrozenFigure

_WIDTH, _HEIGHT = 640, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 8, 22, 20


def picture_of(
    figure: FrozenFigure, begins_at: datetime, ends_at: datetime, marks: Sequence[tuple[datetime, str]]
) -> str:
    """The figure between two moments; ``marks`` are moments with a word each."""
    begin, end = begins_at.timestamp(), ends_at.timestamp()
    top = max((value for _, value in figure.points), default=0.0) or 1.0

    def x_of(at: float) -> float:
        return _LEFT + (at - begin) / (end - begin) * (_WIDTH - _LEFT - _RIGHT)

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM)

    line = " ".join(f"{x_of(at):.1f},{y_of(value):.1f}" for at, value in figure.points)
    moments = "".join(
        f'<line x1="{x_of(at.timestamp()):.1f}" x2="{x_of(at.timestamp()):.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}" '
        f'stroke="#b00020" stroke-dasharray="3 3"/>'
        f'<text x="{x_of(at.timestamp()) + 3:.1f}" y="{_TOP + 10}" fill="#b00020">{escape(word)}</text>'
        for at, word in marks
        if begin <= at.timestamp() <= end
    )
    shown = f"{begins_at.astimezone(UTC):%H:%M}", f"{ends_at.astimezone(UTC):%H:%M}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{_LEFT}" y="14" font-weight="bold">{escape(figure.name)}</text>'
        f'<text x="4" y="{_TOP + 8}">{top:.3g}</text><text x="4" y="{_HEIGHT - _BOTTOM}">0</text>'
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_HEIGHT - _BOTTOM}" y2="{_HEIGHT - _BOTTOM}" stroke="#888888"/>'
        f'<polyline points="{line}" fill="none" stroke="#0b57d0" stroke-width="1.5"/>{moments}'
        f'<text x="{_LEFT}" y="{_HEIGHT - 5}">{shown[0]}Z</text>'
        f'<text x="{_WIDTH - _RIGHT - 40}" y="{_HEIGHT - 5}">{shown[1]}Z</text></svg>'
    )
