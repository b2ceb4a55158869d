"""A runbook as lines, in which every step is a row that the cursor can stand on."""

import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec
from rich.console import Console
from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.ops_api.execution import exit_word, shows_trouble, verdict_word
from console.text.glyphs import Glyphs
from console.text.pieces import pieces_of
from console.text.plain import harmless, one_line, one_row, since
from console.text.wording import proven_words
from console.tui.widgets.strips import (
    ACCENT,
    BOLD,
    CRITICAL,
    CURSOR,
    DIM,
    GOOD,
    NORMAL,
    WARNING,
    Part,
    strip_of,
)
from runbooks.wire import ExecutionView, RunbookView, SectionView, StepView

_FIRST_LINES, _MORE_LINES = 200, 50
"""Lines that are there at once, which is all of a runbook as they are written; and in each slice after that."""
_BETWEEN_LINES_S = 0.01
_PIECE = 2_000
"""Characters of Markdown that are typeset in one go; a hundred take a quarter of a millisecond."""


class _Line(msgspec.Struct, frozen=True):
    """One painted line: ready segments, or a step's row, painted afresh."""

    segments: tuple[Segment, ...] = ()
    step: StepView | None = None
    proven: bool = False
    """The line that says when the runbook was proven; its ages go on."""


class RunbookPane(ScrollView, can_focus=True):
    """Shows one runbook. It receives values and posts ``RunAsked``; it runs nothing."""

    BINDINGS = [
        Binding("j,down", "step(1)", "next step", show=False),
        Binding("k,up", "step(-1)", "previous step", show=False),
        Binding("g,home", "jump(0)", "first step", show=False),
        Binding("G,end", "jump(-1)", "last step", show=False),
        Binding("ctrl+d,pagedown,space", "page(1)", "page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False),
        Binding("r", "run", "run the step", show=False),
        Binding("f", "fold", "fold what was read, or unfold", show=False),
    ]

    class RunAsked(Message):
        """The person wants the step under the cursor run."""

        def __init__(self, runbook: RunbookView, step: StepView) -> None:
            super().__init__()
            self.runbook, self.step = runbook, step

    class StepChosen(Message):
        """The person has gone to a step."""

        def __init__(self, runbook: str, step: str) -> None:
            super().__init__()
            self.runbook, self.step = runbook, step

    def __init__(
        self,
        glyphs: Glyphs,
        latest_run: Callable[[str, str], ExecutionView | None],
        now: Callable[[], datetime],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._glyphs, self._latest_run, self._now = glyphs, latest_run, now
        self._runbook: RunbookView | None = None
        self._lines: list[_Line] = []
        self._step_lines: list[int] = []
        self._cursor = 0
        self._words = "no runbook"
        self._coming: Iterator[_Line] | None = None
        """Lines of a long runbook that are not laid out yet."""
        self._is_fitting_wanted = False
        """Whether the cursor is to go to the step that fits once all lines are there."""
        self._laid_out_for = 0
        self.folds = False
        """Whether sections without a step are folded once the person has gone on to the steps."""
        self._was_read = False
        self._is_compact = self._is_opened = False

    def compact(self, compact: bool) -> None:
        """Whether there is room for the steps alone, one a line, because an output stands below; ``f`` opens the text all the same."""
        if compact != self._is_compact:
            self._is_compact, self._is_opened = compact, False
            self._lay_out_around_cursor()

    @property
    def place(self) -> str:
        """Where the cursor is among the steps: ``3/7``; empty without steps."""
        return f"{self._cursor + 1}/{len(self._step_lines)}" if self._step_lines else ""

    @property
    def runbook(self) -> RunbookView | None:
        """What is shown."""
        return self._runbook

    @property
    def step(self) -> StepView | None:
        """The step under the cursor."""
        if not self._step_lines:
            return None
        return self._lines[self._step_lines[self._cursor]].step

    def show(self, runbook: RunbookView | None, words: str = "no runbook") -> None:
        """Show a runbook from its top, the cursor on its first resolution step; or some words in its place."""
        known, step = self._runbook, self.step
        self._runbook, self._words = runbook, words
        if runbook is not None and runbook == known:
            return
        if runbook is not None and known is not None and runbook.id == known.id:
            self._show_anew(step)
            return
        self._cursor, self._was_read = 0, False
        self._lay_out(at_once=_FIRST_LINES)
        self.scroll_to(0, 0, animate=False)
        if self.has_focus:
            self.go_to_fitting()

    def _show_anew(self, step: StepView | None) -> None:
        """The same runbook, changed: the cursor stays on its step, the page where it is."""
        self._lay_out()
        names = [self._lines[line].step for line in self._step_lines]
        self._cursor = next(
            (i for i, s in enumerate(names) if s and step and s.name == step.name), self._cursor
        )

    def on_focus(self) -> None:
        """Show the step that fits when the person comes to read."""
        self.go_to_fitting()

    def go_to_fitting(self) -> None:
        """Stand where the last unhealthy verdict points, else on the first step that nobody has run yet."""
        self._is_fitting_wanted = self._coming is not None
        if self._is_fitting_wanted:
            return
        steps = [self._lines[line].step for line in self._step_lines]
        runs = {
            step.name: self._latest_run(self._runbook.id, step.name)
            for step in steps
            if step and self._runbook
        }
        for step in steps:
            run = runs.get(step.name) if step else None
            if step and step.then and run and run.verdict == "unhealthy" and not runs.get(step.then):
                self.put_cursor(step.then)
                return
        fresh = (i for i, step in enumerate(steps) if step and not runs.get(step.name))
        self._place(next(fresh, 0))

    def refresh_steps(self) -> None:
        """Paint the step rows again: an execution changed."""
        for line in self._step_lines:
            self.refresh_line(line)

    def on_resize(self) -> None:
        """Lay out for the new width."""
        if self._width != self._laid_out_for:
            self._lay_out()
        if self.has_focus:
            self.call_after_refresh(self._scroll_to_cursor)

    @property
    def _width(self) -> int:
        return max(20, self.size.width - 2)

    def _lay_out(self, *, at_once: int | None = None) -> None:
        """As lines; of a long runbook some first, so that they are seen, and the others between two keys."""
        self._laid_out_for = self._width
        self._lines, self._step_lines = [], []
        self._coming = self._build(self._laid_out_for) if self._runbook else None
        self._take_lines(at_once)

    def _take_lines(self, many: int | None = None) -> None:
        if self._coming is not None:
            came = list(itertools.islice(self._coming, many))
            self._step_lines += [i for i, line in enumerate(came, len(self._lines)) if line.step is not None]
            self._lines += came
            if many is None or len(came) < many:
                self._coming = None
            else:
                self.set_timer(_BETWEEN_LINES_S, lambda: self._take_lines(_MORE_LINES))
        if self._coming is None:
            self._cursor = min(self._cursor, max(0, len(self._step_lines) - 1))
        self.virtual_size = Size(0, len(self._lines))
        self.refresh()
        if self._coming is None and self._is_fitting_wanted:
            self.go_to_fitting()

    def _take_rest(self) -> None:
        """What comes needs all lines."""
        if self._coming is not None:
            self._take_lines()

    def _build(self, width: int) -> Iterator[_Line]:
        runbook = self._runbook
        if runbook is None:
            return
        if self._is_compact and not self._is_opened:
            yield from (_Line(step=step) for step in sorted(runbook.steps, key=lambda step: step.line))
            return
        yield _text((one_line(runbook.title), BOLD))
        yield _Line(proven=True)
        for fault in runbook.faults:
            yield _text((f"! {one_line(fault)}", CRITICAL))
        for proof in filter(None, (runbook.drilled, runbook.rehearsed)):
            for finding in proof.findings:
                yield _text((f"! {proof.kind}: {one_line(finding)}", WARNING))
        if runbook.preamble is not None:
            yield from self._section(runbook.preamble, runbook.steps, width)
        folded = [one_line(s.title) for s in runbook.sections if self._is_folded(s, runbook.steps)]
        if folded:
            yield _text()
            yield _text((f"▸ {', '.join(folded)}", ACCENT), ("  read; f unfolds", DIM))
        for section in runbook.sections:
            if self._is_folded(section, runbook.steps):
                continue
            yield _text()
            yield _text((one_line(section.title), ACCENT + BOLD))
            yield from self._section(section, runbook.steps, width)

    def _is_folded(self, section: SectionView, steps: Sequence[StepView]) -> bool:
        """What stands before the first step and has none of its own: it was read on the way there."""
        first = min((step.line for step in steps), default=0)
        return self.folds and self._was_read and section.line < first and not _has_step(section, steps)

    def action_fold(self) -> None:
        if self._is_compact:
            self._is_opened = not self._is_opened
            self._lay_out_around_cursor()
            return
        self.folds = self._was_read = not (self.folds and self._was_read)
        self._lay_out_around_cursor()

    def _note_read(self) -> None:
        """The person has gone on to the steps."""
        if not self._was_read:
            self._was_read = True
            if self.folds:
                self._lay_out_around_cursor()

    def _lay_out_around_cursor(self) -> None:
        self._lay_out()
        self.call_after_refresh(self._scroll_to_cursor)

    def _section(self, section: SectionView, steps: Sequence[StepView], width: int) -> Iterator[_Line]:
        """Its text, with a row in the place of each step: where a step is, the parser alone says."""
        lines = section.markdown.split("\n")
        at = first = section.first_line or section.line + 1
        for step in steps:
            if not at <= step.line < first + len(lines):
                continue
            yield from _prose("\n".join(lines[at - first : step.line - first]), width)
            yield _Line(step=step)
            for command in harmless(step.command).split("\n"):
                yield _text((f"    {command}", DIM))
            at = (step.end_line or step.line + step.command.count("\n") + 2) + 1
        yield from _prose("\n".join(lines[at - first :]), width)

    def action_step(self, direction: int) -> None:
        self._take_rest()
        self._choose(self._cursor + direction)

    def action_jump(self, at: int) -> None:
        self._take_rest()
        self._choose(at if at >= 0 else len(self._step_lines) - 1)

    def _choose(self, at: int) -> None:
        self._place(at)
        if self._runbook is not None and self.step is not None:
            self._note_read()
            self.post_message(self.StepChosen(self._runbook.id, self.step.name))

    def action_page(self, direction: int) -> None:
        self.scroll_relative(y=direction * max(1, self.size.height - 2), animate=False)

    def action_run(self) -> None:
        if self._runbook is not None and self.step is not None:
            self._note_read()
            self.post_message(self.RunAsked(self._runbook, self.step))

    def put_cursor(self, step_name: str) -> None:
        """Stand on a step."""
        self._take_rest()
        for at, line in enumerate(self._step_lines):
            step = self._lines[line].step
            if step is not None and step.name == step_name:
                self._place(at)

    def find(self, text: str) -> bool:
        """Scroll to the first line that has the text; whether there is one."""
        self._take_rest()
        wanted = text.lower()
        for at, line in enumerate(self._lines):
            words = line.step.name if line.step else "".join(s.text for s in line.segments)
            if wanted in words.lower():
                self.scroll_to(0, max(0, at - 2), animate=False)
                return True
        return False

    def _place(self, at: int) -> None:
        if not self._step_lines:
            self.scroll_relative(y=at - self._cursor, animate=False)
            return
        before = self._step_lines[self._cursor]
        self._cursor = max(0, min(at, len(self._step_lines) - 1))
        line = self._step_lines[self._cursor]
        self.refresh_line(before)
        self.refresh_line(line)
        self.call_after_refresh(self._scroll_to_cursor)

    def _scroll_to_cursor(self) -> None:
        if self._step_lines and self.size.height:
            line = self._step_lines[self._cursor]
            room = min(8, self.size.height)
            self.scroll_to_region(Region(0, max(0, line - 3), 1, room), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """One line; a fault in one shows on its own line."""
        width = self.size.width - self.scrollbar_size_vertical
        at = self.scroll_offset.y + y
        if not self._lines:
            words = self._words.split("\n")
            style = DIM if len(words) == 1 else NORMAL if y else BOLD
            return strip_of([(f" {words[y]}" if y < len(words) else "", style)], width)
        if at >= len(self._lines):
            return strip_of([("", NORMAL)], width)
        line = self._lines[at]
        if line.proven and self._runbook is not None:
            return strip_of([(f" proven: {proven_words(self._runbook, self._now())}", DIM)], width)
        if line.step is None:
            # Every segment has a style: where colours are off, Textual asks each for its own.
            return strip_of([(" ", NORMAL), *((s.text, s.style or NORMAL) for s in line.segments)], width)
        under = at == self._step_lines[self._cursor]
        over = CURSOR if under and self.has_focus else BOLD if under else NORMAL
        return strip_of(self._step_parts(line.step, under=under), width, over=over)

    def _step_parts(self, step: StepView, *, under: bool) -> list[Part]:
        kind_style = {"read": GOOD, "change": WARNING}.get(step.kind, CRITICAL)
        marker = self._glyphs.cursor if under else " "
        return [
            (f" {marker} ", BOLD),
            (f"{step.name}  ", BOLD),
            (f"[{step.kind}]  ", kind_style),
            *self._run_parts(step),
            (one_line(step.title), DIM),
        ]

    def _run_parts(self, step: StepView) -> list[Part]:
        run = self._latest_run(self._runbook.id, step.name) if self._runbook else None
        if run is None:
            return []
        ago = since(run.finished_at or run.requested_at, self._now())
        who = one_line(run.actor)
        glyphs = self._glyphs
        match run.state:
            case "running":
                return [(f"{glyphs.running} running {ago} by {who}  ", WARNING)]
            case "succeeded":
                verdict = f", {word}" if (word := verdict_word(run)) else ""
                style = CRITICAL if shows_trouble(run) else GOOD
                return [(f"{glyphs.done} exit 0{verdict} {ago} ago by {who}  ", style)]
            case "unknown":
                return [(f"{glyphs.doubt} may have run, {who}  ", CRITICAL)]
            case _:
                code = f" exit {word}" if (word := exit_word(run)) else ""
                return [(f"{glyphs.failed} {run.state}{code} {ago} ago by {who}  ", CRITICAL)]


def _has_step(section: SectionView, steps: Sequence[StepView]) -> bool:
    first = section.first_line or section.line + 1
    return any(first <= step.line < first + section.markdown.count("\n") + 1 for step in steps)


def _text(*parts: Part) -> _Line:
    return _Line(tuple(Segment(one_row(text), style) for text, style in parts))


def _prose(markdown: str, width: int) -> Iterator[_Line]:
    """Typeset; a long text in pieces, so that its first lines need not wait for its last."""
    between: tuple[_Line, ...] = ()
    for piece in pieces_of(markdown, _PIECE):
        if piece.strip():
            yield from between
            yield from _typeset(piece, width)
            between = (_text(),)


def _typeset(markdown: str, width: int) -> Iterator[_Line]:
    # Imported with the first runbook: the console's first paint does without.
    from rich.markdown import Markdown

    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system="standard")
    document = Markdown(harmless(markdown), hyperlinks=False)
    for segments in console.render_lines(document, console.options, pad=False):
        yield _Line(tuple(Segment(s.text, s.style) for s in segments))
