"""The frame that all screens of the console share: header, tabs in the border, filter line, keys, help and copy."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer, TimerCallback
from textual.widgets import Input

from console.model.filter import FilterError
from console.model.situation import Situation
from console.terminal.clipboard import copy_out
from console.text.glyphs import Glyphs
from console.text.plain import harmless, one_line
from console.tui.calls import CallDone, Calls, Notice
from console.tui.dialogs import TextScreen
from console.tui.help import help_text
from console.tui.widgets.header import Header
from console.tui.widgets.key_line import KeyLine

VIEWS = ("alerts", "incidents", "runs", "services", "logs", "graphs", "windows")
"""The seven screens, in the order of their keys."""


class CockpitScreen(Screen[None]):
    """One of the screens; what it shows and does is its own, how it is framed is this."""

    AUTO_FOCUS = ""
    VIEW = ""
    FILTER_HINT = "words  !word  /regex/"
    BINDINGS = [
        *(
            Binding(str(i), f"app.go('{name}')", name, show=False, id=f"go.{name}")
            for i, name in enumerate(VIEWS, 1)
        ),
        Binding("minus", "app.last_view", "last view", show=False, id="go.last"),
        Binding("slash", "filter", "filter", id="filter"),
        Binding("colon,ctrl+p", "command", "go", id="command"),
        Binding("u", "undo", "undo (10 s)", show=False, id="undo"),
        Binding("escape", "back", "back", show=False),
        Binding("question_mark", "help", "help", id="help"),
    ]

    def __init__(self, situation: Situation, desk: Calls, glyphs: Glyphs) -> None:
        super().__init__()
        self._has_filter_fault = False
        self.situation, self.desk, self.glyphs = situation, desk.for_screen(self), glyphs

    def compose(self) -> ComposeResult:
        yield Header(self.glyphs, id="header")
        yield from self.compose_body()
        yield Input(id="filter", placeholder=self.FILTER_HINT)
        yield KeyLine(id="keys")

    def compose_body(self) -> ComposeResult:
        """What stands between the header and the bottom line."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """The frame's own: no filter yet, the keys, the clock."""
        self.query_one("#filter").display = False
        self.show_keys()
        self.show_header()
        self.set_interval(1.0, self._every_second)
        first = self.app.first_filter(self.VIEW) if self.VIEW in VIEWS else ""  # type: ignore[attr-defined]  # the app is ours
        if first:
            self.query_one("#filter", Input).value = first
            self.say(f"filtered as you left it: {one_line(first)} · / and Esc shows all")

    def set_interval(
        self,
        interval: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        repeat: int = 0,
        pause: bool = False,
    ) -> Timer:
        """As the framework's, and silent once the screen or the console is on its way out: widgets go one by one then."""

        def while_whole() -> object:
            return callback() if callback is not None and self.display and self.app.is_running else None

        return super().set_interval(interval, while_whole, name=name, repeat=repeat, pause=pause)

    async def _dispatch_message(self, message: Message) -> None:
        """As the framework's; an answer that comes while the widgets go, one by one, finds some of them and not others."""
        try:
            await super()._dispatch_message(message)
        except NoMatches:
            is_going = self._pruning or self._closing or self._closed or not self.app.is_running
            if not is_going:
                raise

    @property
    def filter_text(self) -> str:
        """What is filtered by; empty for nothing."""
        return self.query_one("#filter", Input).value if self.is_mounted else ""

    def set_filter(self, text: str) -> None:
        """Filter by this, as if it had been typed."""
        self.query_one("#filter", Input).value = text

    def _every_second(self) -> None:
        if self.is_current or self.is_attached_below_dialog:
            self.show_header()
            self.query_one("#keys", KeyLine).tick()

    @property
    def is_attached_below_dialog(self) -> bool:
        """Whether only dialogs stand above this screen."""
        return all(screen.is_modal or screen is self for screen in self.app.screen_stack[-2:])

    def show_keys(self, bindings: Iterable[BindingType] | None = None) -> None:
        """Name the keys of this screen, or others, in the bottom line; help comes last."""
        own = list(type(self).BINDINGS) if bindings is None else list(bindings)
        shared = CockpitScreen.BINDINGS if type(self) is not CockpitScreen else []
        shown = [b for b in (*own, *shared) if isinstance(b, Binding)]
        self.query_one("#keys", KeyLine).show_keys(shown)

    def tabs(self) -> str:
        """The seven screens for the border of the first frame; the one at hand stands out, a click goes to each."""
        words = []
        for i, name in enumerate(VIEWS, 1):
            word = f"{i} {name.capitalize()}"
            at_hand = name == self.VIEW
            words.append(f"[b $accent]{word}[/]" if at_hand else f"[@click=app.go('{name}')]{word}[/]")
        return "╴".join(words)

    def marks(self) -> str:
        """Words at the end of the header that hold for this screen alone."""
        return "read-only" if self.situation.is_read_only else ""

    def show_header(self) -> None:
        """How bad, whose, and is this true."""
        at = self.situation
        self.query_one("#header", Header).show(
            at.link, at.board.alerts.counts, at.meta, at.clock.now(), at.heard_at, marks=self.marks()
        )
        self.query_one("#header", Header).show_figures(at.figures, at.no_figures_because)

    def say(self, text: str, *, bad: bool = False) -> None:
        """Tell something in the bottom line for some seconds."""
        self.query_one("#keys", KeyLine).say(text, bad=bad)

    def may(self) -> bool:
        """Whether something may be changed from here; where not, it is said why before anything is asked."""
        refusal = self.situation.refusal()
        if refusal:
            self.say(refusal, bad=True)
        return not refusal

    def copy(self, text: str) -> None:
        """Copy a text out of the terminal."""
        # What is pasted may be pasted into a shell: nothing but what is seen here goes out.
        text = harmless(text)
        try:
            way = copy_out(text)
        except OSError as error:
            self.say(f"not copied: {error}", bad=True)
            return
        if way.sequence:
            self.app.copy_to_clipboard(text)
        self.say(f"copied by {way.words}")

    def on_notice(self, message: Notice) -> None:
        # A dialog that was left meanwhile tells nobody anything.
        if message.asker is None or not message.asker.refused(message.text, message.field):
            self.say(message.text, bad=message.bad)

    def on_call_done(self, message: CallDone) -> None:
        if message.asker is not None:
            message.asker.answered()
        if message.deed.left is not None:
            self.situation.learn(message.deed.left)
        self.desk.undo.remember(message.deed)
        self.say(message.deed.words)

    def action_undo(self) -> None:
        """Take back what was done from here a moment ago."""
        take_back = self.desk.undo.take()
        if take_back is None:
            self.say(
                "nothing to undo: only what was done from here in the last 10 s (later: ops unack, ops silences)"
            )
        else:
            self.desk.do(take_back)

    async def on_key_line_chosen(self, message: KeyLine.Chosen) -> None:
        focused = self.focused
        await (focused if focused is not None and focused.id != "filter" else self).run_action(message.action)

    def filter_changed(self, text: str) -> None:
        """Show only what passes; raises ``FilterError`` where the text is wrong."""
        raise NotImplementedError

    def focus_body(self) -> None:
        """Give the keys back to what is worked with."""
        raise NotImplementedError

    def on_input_changed(self, event: Input.Changed) -> None:
        try:
            self.filter_changed(event.value)
        except FilterError as error:
            self.say(str(error), bad=True)
            self._has_filter_fault = True
        else:
            if self._has_filter_fault:
                self._has_filter_fault = False
                self.query_one("#keys", KeyLine).unsay()

    def on_input_submitted(self) -> None:
        line = self.query_one("#filter", Input)
        line.display = False
        self.focus_body()

    def action_filter(self) -> None:
        line = self.query_one("#filter", Input)
        line.display = True
        self.app.expect_text()  # type: ignore[attr-defined]  # the app is ours
        self.set_focus(line)

    def action_back(self) -> None:
        line = self.query_one("#filter", Input)
        if line.has_focus:
            line.value = ""
            line.display = False
            self.focus_body()
        elif self.VIEW != "alerts":
            self.app.run_worker(self.app.run_action("app.go('alerts')"))

    def action_command(self) -> None:
        self.app.expect_text()  # type: ignore[attr-defined]  # the app is ours
        self.app.run_worker(self.app.run_action("app.command"))

    def help_groups(self) -> list[tuple[str, Iterable[BindingType]]]:
        """Keys by where they hold."""
        own = [b for b in type(self).BINDINGS if b not in CockpitScreen.BINDINGS]
        focused = [("where the cursor is", type(self.focused).BINDINGS)] if self.focused else []
        return [(self.VIEW or "here", own), *focused, ("everywhere", [*CockpitScreen.BINDINGS, QUIT])]

    def action_help(self) -> None:
        self.app.push_screen(TextScreen(help_text(self.help_groups()), "help"))


QUIT = Binding("ctrl+q", "quit", "quit", show=False, priority=True)
