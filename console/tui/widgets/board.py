"""The alert list: only the lines that changed are painted, and the cursor stays on its alert."""

import time
from datetime import datetime

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from alerts.wire import AlertView
from console.model.board import Board, is_muted
from console.text.glyphs import Glyphs
from console.text.plain import left, one_line, since
from console.text.wording import alert_took, severity_word, state_letters, what_words
from console.tui.widgets.strips import BOLD, CRITICAL, CURSOR, DIM, NORMAL, WARNING, broken, column, strip_of

HEAD = " SEV   AGE   CLOCK  ST SERVICE    WHAT"
_CLOCK_COLUMNS = Region(7, 0, 12, 1)
_BEFORE_WHAT = 35
"""Cells of the columns before what is wrong."""
_LEAST_INDENT = 9
_FREEZE_S = 2.0
_SURPRISE_S = 1.0
"""A key that comes sooner was meant for the alert that stood there before."""
_IDLE_S = 10.0
"""Whoever has pressed nothing for as long has no finger on a key that was meant for an alert that is over by now."""


class AlertBoard(ScrollView, can_focus=True):
    """The alerts of the store, one a line. It receives values and posts messages; it decides nothing."""

    BINDINGS = [
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("g,home", "jump(0)", "top", show=False),
        Binding("G,end", "jump(-1)", "bottom", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False),
        Binding("space", "mark", "mark, and go on to the next", show=False),
        Binding("asterisk", "mark_all", "mark all that are shown", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another alert."""

        def __init__(self, alert: AlertView | None) -> None:
            super().__init__()
            self.alert = alert

    class Opened(Message):
        """The person wants to see the alert under the cursor: a double click."""

    def __init__(self, board: Board, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._board, self._glyphs = board, glyphs
        self._now: datetime | None = None
        self._cursor: str | None = None
        self._pressed_at = float("-inf")
        self._is_chosen = False
        """Whether the person means the alert under the cursor: it follows that one, and no longer the top."""
        self._gone = ""
        """The name of the alert that was meant and is gone: what is next meant for it is refused."""
        self._jumped_at = float("-inf")
        """When the cursor last came to stand on another alert without the person's doing."""
        self._dimmed = False
        self.roomy = False
        """Whether an alert may take two lines, so that a narrow list says as much as a wide one."""
        self._lines_each = 1
        self.marked: set[str] = set()
        """Fingerprints of the alerts that the next verb is about, besides the one under the cursor."""
        self._cache: LRUCache[tuple[object, ...], Strip] = LRUCache(2048)

    @property
    def cursor_alert(self) -> AlertView | None:
        """The alert under the cursor."""
        return self._board.alerts.rows.get(self._cursor or "")

    @property
    def moved_lately(self) -> bool:
        """Whether the person is moving about: the order is kept still for as long."""
        return time.monotonic() - self._pressed_at < _FREEZE_S

    def choose(self) -> None:
        """The person means the alert under the cursor, if there is one: from now on it follows that one."""
        self._is_chosen = self.cursor_alert is not None

    def take_gone(self) -> str:
        """What is to be said where the alert that was meant is gone, and another under the cursor; asked once, it counts as seen."""
        gone, self._gone = self._gone, ""
        return f"{one_line(gone)} is gone from the list; look what is under the cursor now" if gone else ""

    def take_jump(self) -> str:
        """The same, and where another alert came under the cursor just now, by itself."""
        gone = self.take_gone()
        jumped = time.monotonic() - self._jumped_at < _SURPRISE_S
        self._jumped_at = float("-inf")
        just = "another alert has just come under the cursor; look" if jumped else ""
        return f"{gone or just}, and press the key again" if gone or just else ""

    def marked_alerts(self) -> list[AlertView]:
        """The marked alerts in the order of the list; none where nothing is marked."""
        order = self._board.alerts.order if self.marked else ()
        return [self._board.alerts.rows[f] for f in order if f in self.marked]

    def unmark(self) -> None:
        """Take all marks away."""
        if self.marked:
            self.marked.clear()
            self.refresh()

    def action_mark(self) -> None:
        if self._cursor is not None:
            self.marked ^= {self._cursor}
            self.action_move(1)

    def action_mark_all(self) -> None:
        everything = set(self._board.alerts.order)
        self.marked = set() if self.marked >= everything else everything
        self.refresh()

    def on_key(self) -> None:
        """Nothing moves under whoever presses keys; that an alert is meant, only what is done with it says."""
        self._pressed_at = time.monotonic()

    def flush(self, now: datetime) -> None:
        """Paint what changed in the store since the last flush."""
        self._now = now
        dirty, order_changed = self._board.alerts.take_dirty()
        store = self._board.alerts
        if order_changed:
            self._fit()
            self._keep_cursor()
            self.refresh()
            return
        for fingerprint in dirty:
            at = store.index_of(fingerprint)
            if at is not None:
                self._refresh_row(at)

    def fit(self, *, roomy: bool) -> None:
        """Lay out for another room."""
        self.roomy = roomy
        self._fit()
        self._cache.clear()
        self.refresh()

    def on_resize(self) -> None:
        self.fit(roomy=self.roomy)

    def _fit(self) -> None:
        """Two lines for each while all of them fit that way, one where there are more: no alert is hidden for it."""
        count = len(self._board.alerts.order)
        self._lines_each = 2 if self.roomy and 2 * count <= self.size.height else 1
        size = Size(0, count * self._lines_each)
        if self.virtual_size != size:
            self.virtual_size = size

    def _refresh_row(self, at: int) -> None:
        for line in range(at * self._lines_each, (at + 1) * self._lines_each):
            self.refresh_line(line)

    def tick(self, now: datetime) -> None:
        """Paint the two columns that the clock moves."""
        self._now = now
        self._cache.clear()
        rows = min(self.size.height, max(0, self.virtual_size.height - self.scroll_offset.y))
        if rows:
            self.refresh(Region(_CLOCK_COLUMNS.x, 0, _CLOCK_COLUMNS.width, rows))

    def dim(self, dimmed: bool) -> None:
        """Show that what is shown may no longer be true."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._cache.clear()
            self.refresh()

    def put_cursor(self, fingerprint: str) -> bool:
        """Move the cursor to an alert; whether it is shown. From then on it follows its alert, not the top."""
        at = self._board.alerts.index_of(fingerprint)
        if at is None:
            return False
        self._is_chosen = True
        self._place_cursor(at)
        return True

    def _keep_cursor(self) -> None:
        before = self._cursor
        self._follow()
        if before is not None and self._cursor != before:
            self._jumped_at = time.monotonic()

    def _follow(self) -> None:
        order = self._board.alerts.order
        at = self._board.alerts.index_of(self._cursor)
        self._end_choice()
        if not self._is_chosen and self.has_focus and order:
            if at != 0:
                self._place_cursor(0)
            return
        if at is None:
            self._place_cursor(min(self._line_of_cursor, len(order) - 1)) if order else self._lose_cursor()
        else:
            self._line_of_cursor = at

    def _end_choice(self) -> None:
        """An alert that is over, or gone, is meant no longer once no key was pressed for a while.

        Whoever reads its runbook presses none, and means it all the same.
        """
        if not self._is_chosen or self._cursor is None:
            return
        alert = self.cursor_alert
        if self.has_focus and time.monotonic() - self._pressed_at >= _IDLE_S:
            self._is_chosen = alert is not None and alert.state != "resolved"
        elif alert is None:
            self._gone = self._name_of_cursor

    _line_of_cursor = 0
    _name_of_cursor = ""

    def _lose_cursor(self) -> None:
        if self._cursor is not None:
            self._cursor = None
            self.post_message(self.Moved(None))

    def _place_cursor(self, at: int) -> None:
        order = self._board.alerts.order
        if not order:
            self._lose_cursor()
            return
        at = max(0, min(at, len(order) - 1))
        before = self._board.alerts.index_of(self._cursor)
        self._cursor, self._line_of_cursor = order[at], at
        self._name_of_cursor = self._board.alerts.rows[order[at]].alertname
        for line in {before, at} - {None}:
            self._refresh_row(line or 0)
        each = self._lines_each
        self.scroll_to_region(Region(0, at * each, 1, each), animate=False, force=True)
        self.post_message(self.Moved(self.cursor_alert))

    def _moves(self) -> None:
        """The person moves the cursor and sees where it comes to stand."""
        self._pressed_at, self._jumped_at = time.monotonic(), float("-inf")
        self._is_chosen, self._gone = True, ""

    def action_move(self, step: int) -> None:
        self._moves()
        self._place_cursor(self._line_of_cursor + step)

    def action_jump(self, at: int) -> None:
        self._moves()
        self._place_cursor(at if at >= 0 else len(self._board.alerts.order) - 1)

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.size.height // 2))

    def next_untaken(self, direction: int) -> bool:
        """Move to the next critical that nobody has acknowledged; whether there is one."""
        order, rows = self._board.alerts.order, self._board.alerts.rows
        for step in range(1, len(order) + 1):
            alert = rows[order[(self._line_of_cursor + direction * step) % len(order)]]
            untaken = alert.acknowledged_by is None and not is_muted(alert)
            if alert.severity == "critical" and alert.state == "firing" and untaken:
                return self.put_cursor(alert.fingerprint)
        return False

    def on_click(self, event: events.Click) -> None:
        self._moves()
        at = event.get_content_offset(self)
        line = self.scroll_offset.y + (at.y if at is not None else event.y)
        self._place_cursor(line // self._lines_each)
        if event.chain == 2:
            self.post_message(self.Opened())

    def render_line(self, y: int) -> Strip:
        """One line of the list; a fault in one alert shows on its own line and nowhere else."""
        width = self.size.width - self.scrollbar_size_vertical
        at, part = divmod(self.scroll_offset.y + y, self._lines_each)
        order = self._board.alerts.order
        if at >= len(order):
            return strip_of([("", NORMAL)], width)
        alert = self._board.alerts.rows[order[at]]
        key = (
            alert.fingerprint,
            alert.version,
            width,
            alert.fingerprint == self._cursor,
            alert.fingerprint in self.marked,
            self._board.alerts.is_symptom(alert.fingerprint),
            part,
        )
        cached = self._cache.get(key)
        if cached is None:
            try:
                cached = self._line(alert, width, part)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                cached = strip_of([(f" {alert.fingerprint} cannot be shown: {error!r}", CRITICAL)], width)
            self._cache.set(key, cached)
        return cached

    def _marker(self, fingerprint: str) -> str:
        if fingerprint in self.marked:
            return self._glyphs.marked
        return self._glyphs.cursor if fingerprint == self._cursor else " "

    def _line(self, alert: AlertView, width: int, part: int = 0) -> Strip:
        now = self._now or alert.updated_at
        incident = self._board.incident_of(alert)
        quiet = alert.state in ("pending", "resolved") or is_muted(alert)
        quiet = quiet or self._dimmed
        style = _style_of(alert, quiet=quiet)
        # Only severity and clock are coloured; what stands out in words is what fires and nobody has.
        loud = alert.severity == "critical" and alert.acknowledged_by is None
        plain = DIM if quiet else BOLD if loud else NORMAL
        deadline = None if incident is not None and incident.mitigated_at else alert.mttr_deadline_at
        remaining = left(deadline, now) if alert.state == "firing" else ""
        if alert.resolved_at is not None:
            remaining = f"{self._glyphs.done}{alert_took(alert, incident)}"
        who = f"  {alert.acknowledged_by}" if alert.acknowledged_by else ""
        what = what_words(alert)
        flapping = f" ~{alert.flapping}" if alert.flapping else ""
        marker = self._marker(alert.fingerprint)
        under = self._glyphs.under if self._board.alerts.is_symptom(alert.fingerprint) else ""
        mark = "!" if alert.severity == "critical" and alert.state == "firing" else " "
        room = max(10, width - _BEFORE_WHAT - len(who))
        text = under + _named(alert.alertname, what) + flapping
        over = CURSOR if alert.fingerprint == self._cursor and self.has_focus else NORMAL
        if self._lines_each == 2:
            text, rest = broken(text, room)
            if part:
                indent = _BEFORE_WHAT if cell_len(rest) <= width - _BEFORE_WHAT else _LEAST_INDENT
                return strip_of(
                    [(" " * indent, NORMAL), (column(rest, width - indent), plain)], width, over=over
                )
        parts = [
            (marker, BOLD),
            (f"{mark}{column(severity_word(alert), 5)}", style),
            (f"{since(alert.started_at, now):<6}", DIM),
            (f"{remaining:<7}", CRITICAL if remaining.startswith("-") else style),
            (f"{state_letters(alert):<3}", plain),
            (column(one_line(alert.service), 11), plain),
            (column(text, room), plain),
            (who, DIM),
        ]
        return strip_of(parts, width, over=over)


def _named(name: str, what: str) -> str:
    return what if what.startswith(name) else f"{name} {what}"


def _style_of(alert: AlertView, *, quiet: bool) -> Style:
    if quiet:
        return DIM
    return {"critical": CRITICAL, "warning": WARNING}.get(alert.severity, NORMAL)
