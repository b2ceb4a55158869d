"""The two lines on top: how bad, whose, and is this screen true."""

from datetime import datetime

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from alerts.wire import StreamMeta
from console.model.board import AlertCounts
from console.model.figures import ServiceFigures
from console.ops_api.link import LinkView
from console.text.glyphs import Glyphs, sparkline
from console.text.plain import clock, one_line
from console.tui.widgets.strips import ACCENT, BOLD, CRITICAL, DIM, GOOD, NORMAL, WARNING, Part, strip_of

_GIVES_WAY = ("INFO ", "ack ", "muted ")
"""What stands on the list below as well, so that no warning behind it is cut."""


class Header(Widget):
    """What the console stands on: link, counts, clock, figures. Receives values only."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._first: list[Part] = []
        self._second: list[Part] = [(" no figures yet", DIM)]
        self._figures: tuple[ServiceFigures | None, str] = (None, "")
        self._is_live = True
        self._painted: tuple[object, ...] = ()

    def show(
        self,
        link: LinkView,
        counts: AlertCounts,
        meta: StreamMeta | None,
        now: datetime,
        as_of: datetime | None,
        *,
        marks: str,
    ) -> None:
        """The first line; repaints only when its words changed."""
        parts = self._state_parts(link, counts, meta, now, as_of, marks)
        self._is_live = link.state == "live"
        painted = (*parts, self._is_live)
        if painted != self._painted:
            self._first, self._painted = parts, painted
            self.refresh()

    def show_figures(self, figures: ServiceFigures | None, trouble: str) -> None:
        """The second line: the service in four figures, dimmed while the API gives none, or why there are none."""
        if (figures, trouble) == self._figures:
            return
        self._figures = (figures, trouble)
        if figures is None and not trouble:
            self._second = [(" no figures yet", DIM)]
        elif figures is None:
            self._second = [(f" no figures: {one_line(trouble)}", DIM)]
        else:
            self._second = [] if figures.is_up else [(" API away, last", WARNING)]
            for figure in figures.figures:
                self._second += [
                    (f" {figure.name} ", DIM),
                    (figure.latest, BOLD if figures.is_up else DIM),
                    (f" {sparkline(figure.samples, self._glyphs)[-9:]} ", ACCENT if figures.is_up else DIM),
                ]
        self.refresh()

    def _state_parts(
        self,
        link: LinkView,
        counts: AlertCounts,
        meta: StreamMeta | None,
        now: datetime,
        as_of: datetime | None,
        marks: str,
    ) -> list[Part]:
        live = link.state == "live"
        target = one_line(meta.target) if meta else "?"
        link_style = GOOD if live else CRITICAL if link.state in ("offline", "reconnecting") else WARNING
        dot = self._glyphs.live if live else self._glyphs.dead
        parts: list[Part] = [
            (" ops ", BOLD),
            (f"{target} ", _target_style(target)),
            (f"{dot} {link.words() if not live else 'live'} ", link_style),
        ]
        # What holds for all that is done stands where no width cuts it; why stands at the end.
        parts += [
            (f"{word} ", WARNING) for word in ("READ-ONLY" if meta and meta.read_only else "", marks) if word
        ]
        if not live and as_of is not None:
            parts.append((f"as of {clock(as_of)} ", WARNING))
        parts += [
            (f"CRIT {counts.critical} ", CRITICAL if counts.critical else NORMAL),
            (f"WARN {counts.warning} ", WARNING if counts.warning else NORMAL),
            (f"INFO {counts.info} ", NORMAL),
            (f"ack {counts.acknowledged} ", NORMAL),
            *([(f"muted {counts.muted} ", DIM)] if counts.muted else []),
            (f"{clock(now)} ", BOLD),
        ]
        if meta is not None:
            if meta.hotline:
                parts.append((f" hotline {one_line(meta.hotline)} ", NORMAL))
            role = "" if meta.role == meta.user else f", {meta.role}"
            parts.append((f" {one_line(meta.user)}{role}", NORMAL))
            if meta.evaluator not in ("", "ok"):
                parts.append((f"  evaluator: {one_line(meta.evaluator)}", CRITICAL))
            if meta.read_only:
                parts.append((f"  changes are refused: {one_line(meta.read_only)}", WARNING))
            if meta.quarantined:
                parts.append((f"  {meta.quarantined} quarantined", WARNING))
            if meta.postmortems_overdue:
                parts.append((f"  {meta.postmortems_overdue} post-mortem overdue", WARNING))
            if meta.temporary_changes:
                parts.append((f"  {meta.temporary_changes} temporary", WARNING))
        return parts

    def render_line(self, y: int) -> Strip:
        parts = (fitted(self._first, self.size.width), self._second)[y] if y < 2 else [("", NORMAL)]
        return strip_of(parts, self.size.width, over=DIM if y == 1 and not self._is_live else NORMAL)


def fitted(parts: list[Part], width: int) -> list[Part]:
    """Without the counts that tell least, one after the other, where the rest fits the width then; else as they are."""
    left = list(parts)
    for begin in _GIVES_WAY:
        if sum(cell_len(text) for text, _ in left) <= width:
            return left
        left = [part for part in left if not part[0].startswith(begin)]
    return left if sum(cell_len(text) for text, _ in left) <= width else parts


def _target_style(target: str) -> Style:
    if target.lower() == "local":
        return GOOD
    return Style(color="magenta", bold=True) if target == "DRILL" else Style(color="red", reverse=True)


class OneLine(Widget):
    """A line of text at the bottom: the filter, a hint, an answer."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: list[Part] = []

    def show(self, *parts: Part) -> None:
        """Replace the words."""
        if list(parts) != self._parts:
            self._parts = list(parts)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return strip_of(self._parts if y == 0 else [("", NORMAL)], self.size.width)
