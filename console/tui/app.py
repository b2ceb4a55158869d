"""The full-screen console: the app, composed in one place."""

import asyncio
import contextlib
import os
import shlex
import subprocess
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from textual import events
from textual.app import App, SuspendNotSupported
from textual.filter import LineFilter
from textual.message_pump import MessagePump
from textual.widgets import Input

from alerts.wire import make_ready
from console.model.console_settings import read_settings
from console.model.last_look import LastLook, keep_last_look, read_last_look
from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.execution import read_output
from console.ops_api.feed import Feed
from console.ops_api.which_daemon import DaemonChoice
from console.text.glyphs import ASCII, UNICODE, Glyphs
from console.text.output import shown_output
from console.text.plain import one_line
from console.tui.calls import Calls
from console.tui.dialogs import ChoiceDialog
from console.tui.form_dialog import FormDialog
from console.tui.places import place_choices, place_named
from console.tui.screens.board_screen import BoardScreen
from console.tui.screens.cockpit_screen import QUIT, VIEWS, CockpitScreen
from console.tui.themes import (
    TERMINAL,
    AsciiOnly,
    Ground,
    TerminalColours,
    fitting_theme,
    terminal_theme_of,
    theme_of,
)
from console.tui.type_ahead import TypeAhead

_LEAVE_EVERY_S = 0.2
_SETTLED_S = 3.0
"""By when all is there that is seen first."""


def _kind_of(view: str) -> Callable[[Situation, Calls, Glyphs], CockpitScreen]:
    """The screen of a view; imported when it is first gone to, so that the first paint does without."""
    match view:
        case "incidents":
            from console.tui.screens.incidents_screen import IncidentsScreen

            return IncidentsScreen
        case "runs":
            from console.tui.screens.runs_screen import RunsScreen

            return RunsScreen
        case "services":
            from console.tui.screens.services_screen import ServicesScreen

            return ServicesScreen
        case "logs":
            from console.tui.screens.logs_screen import LogsScreen

            return LogsScreen
        case "graphs":
            from console.tui.screens.graphs_screen import GraphsScreen

            return GraphsScreen
        case _:
            from console.tui.screens.windows_screen import WindowsScreen

            return WindowsScreen


def _import_screens() -> None:
    """So that the first way to a screen is as short as the second."""
    for view in VIEWS:
        _kind_of(view)
    import console.tui.screens.incident_screen
    import console.tui.screens.run_screen
    import console.tui.screens.runbook_screen  # noqa: F401


_TAKEN_S = 0.5
"""How long a line is waited for that is to take the focus; one that is going never does."""


_COMES_S = 3.0
"""How long a line may take to come; what was typed for one that does not is no key of anything."""


class ConsoleApp(App[None]):
    """The console. It composes, owns the link and goes from screen to screen; the screens decide everything else."""

    TITLE = "ops"
    CSS_PATH = "console.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [QUIT]

    def __init__(
        self,
        client: OpsClient,
        *,
        incident: int | None = None,
        ascii_only: bool = False,
        bell: bool = True,
        read_only: bool = False,
        theme: str = "dark",
        view: str = "alerts",
        filters: Mapping[str, str] | None = None,
        keys: Mapping[str, str] | None = None,
        leave: threading.Event | None = None,
    ) -> None:
        make_ready()
        # Where colours are off, only what leaves all of them to the terminal sends none.
        super().__init__(ansi_color=True if theme == TERMINAL or os.environ.get("NO_COLOR") else None)
        self._leave = leave
        self._ahead = TypeAhead()
        self._ahead.listens = True
        self._went_to: MessagePump | None = None
        """Where the latest key went that no line took."""
        self.animation_level = "none"
        self._own_filters: list[LineFilter] = []
        self._dress(theme, ascii_only=ascii_only)
        self._client = client
        self._feed = Feed(OpsClient(client.access, timeout_s=10))
        self._situation = Situation(self._feed, read_only=read_only)
        self._glyphs = ASCII if ascii_only else UNICODE
        self._calls = Calls(self, client)
        self.left_with: LastLook | None = None
        """How the person left it; None while they have not."""
        self._view, self._view_before, self._first_view = "alerts", "alerts", view
        self._first_filters = dict(filters or {})
        """What each screen is to be filtered by when it is first shown."""
        self._board_screen = BoardScreen(
            self._situation, self._feed, self._calls, self._glyphs, open_incident=incident, bell=bell
        )
        if keys:
            self.set_keymap(dict(keys))

    async def on_event(self, event: events.Event) -> None:
        """Keys in a line are done one after the other: Textual lets those that edit it wait behind the letters after them.

        A slow line brings several at once: ``b``, Backspace, ``c`` would be ``b``, ``c``, Backspace. What is typed
        for a line that is only coming waits for it.
        """
        if isinstance(event, events.Key) and not self._ahead.listens:
            self._ahead.hold(event)
            return
        typed = isinstance(event, events.Key) and not event.is_forwarded and self._screen_stack
        line = self.focused if typed else None
        if typed:
            self._went_to = None if isinstance(line, Input) else self.focused or self.screen
        if not isinstance(event, events.Key) or not isinstance(line, Input):
            await super().on_event(event)
        elif line.check_consume_key(event.key, event.character):
            if not await self._check_bindings(event.key, priority=True):
                with line._context():
                    await line._on_key(event)
        elif await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key):
            await self._focus_taken(line)
        else:
            line._forward_event(event)

    def push_screen(self, screen: Any, *given: Any, **named: Any) -> Any:
        """Show a screen; what is typed for its line before it is there goes into it."""
        if isinstance(screen, FormDialog | ChoiceDialog):
            self.expect_text()
        return super().push_screen(screen, *given, **named)

    def expect_text(self) -> None:
        """A line is asked for and takes the focus next: what is typed until then is for it."""
        if not self._ahead.listens:
            return
        ahead = self._ahead = TypeAhead()
        on_its_way = self._went_to
        if on_its_way is None or not on_its_way.is_attached:
            ahead.are_back()
        else:
            # A message of ours would end below us: Textual takes none back to whoever sent it.
            on_its_way.post_message(TypeAhead.KeysBack(ahead).set_sender(on_its_way))
        self.set_timer(_TAKEN_S, partial(self._keys_are_back, ahead))
        self.set_timer(_COMES_S, partial(self._give_up, ahead))

    async def on_type_ahead_keys_back(self, message: TypeAhead.KeysBack) -> None:
        await self._keys_are_back(message.ahead)

    async def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Input):
            self._ahead.focused()
            await self._type_held(self._ahead)

    async def _keys_are_back(self, ahead: TypeAhead) -> None:
        """They came back, or are late: a widget that went has taken them with it."""
        ahead.are_back()
        await self._type_held(ahead)

    async def _give_up(self, ahead: TypeAhead) -> None:
        """No line came."""
        ahead.focused()
        await self._type_held(ahead)

    async def _type_held(self, ahead: TypeAhead) -> None:
        held = ahead.taken()
        if not held or not self._screen_stack or not isinstance(self.focused, Input):
            return
        await self._focus_taken(None)
        for event in held:
            await self.on_event(event)

    async def _focus_taken(self, before: Input | None) -> None:
        """Wait until a line that a key went to has taken the focus: it marks its text then, for the next key to replace."""
        line = self.focused
        if line is not before and isinstance(line, Input):
            taken = asyncio.Event()
            line.call_later(taken.set)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(taken.wait(), _TAKEN_S)

    def _dress(self, theme: str, *, ascii_only: bool) -> None:
        """Take on a theme; without our colours the bar of the chosen row is reversed."""
        if theme == TERMINAL or self.no_color:
            self.theme = "ansi-dark"
            self._own_filters.append(TerminalColours())
        else:
            self.register_theme(theme_of(theme))
            self.ansi_theme_dark = self.ansi_theme_light = terminal_theme_of(theme)
            self.theme = f"ops-{theme}"
            self._own_filters.append(Ground(theme))
        if ascii_only:
            self._own_filters.append(AsciiOnly())

    def get_line_filters(self) -> list[LineFilter]:
        """Our own come first: they still see the colours by name."""
        return [*self._own_filters, *super().get_line_filters()]

    def get_default_screen(self) -> BoardScreen:
        """The board stands below all other screens."""
        return self._board_screen

    async def action_go(self, view: str) -> None:
        """Show one of the seven screens; each stays as it was left.

        From a runbook or an incident the board is its list: the runbook that it was left with is not what was asked for.
        """
        if self.screen.is_modal or view not in VIEWS:
            return
        from_beside = self._view == "alerts" or getattr(self.screen, "VIEW", "") not in VIEWS
        if view != self._view:
            self._view_before, self._view = self._view, view
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if view == "alerts" and from_beside:
            self._board_screen.show_list()
        if view != "alerts":
            await self.push_screen(self._screen_of(view))

    def first_filter(self, view: str) -> str:
        """What a screen is filtered by when it is first shown; asked once."""
        return self._first_filters.pop(view, "")

    def last_look(self) -> LastLook:
        """How the console stands, for the next opening."""
        screens = (s for s in (*self.screen_stack, *self._installed_screens.values()))
        shown = {s.VIEW: s.filter_text for s in screens if isinstance(s, CockpitScreen) and s.VIEW in VIEWS}
        kept = {view: text for view, text in {**self._first_filters, **shown}.items() if text}
        return msgspec.convert({"view": self._view, "filters": kept}, LastLook)

    async def action_last_view(self) -> None:
        """The screen that was left last."""
        await self.action_go(self._view_before)

    async def action_go_filtered(self, view: str, text: str) -> None:
        """Show a screen, filtered."""
        await self.action_go(view)
        if isinstance(self.screen, CockpitScreen):
            self.screen.set_filter(text)

    async def action_go_logs(self, service: str) -> None:
        """Show the log of a service."""
        from console.tui.screens.logs_screen import LogsScreen

        await self.action_go("logs")
        if isinstance(self.screen, LogsScreen):
            self.screen.show_service(service)

    def _screen_of(self, view: str) -> str:
        if not self.is_screen_installed(view):
            self.install_screen(_kind_of(view)(self._situation, self._calls, self._glyphs), view)
        return view

    def action_command(self) -> None:
        """Any place of the console by a word."""
        dialog = ChoiceDialog("go where?", place_choices(), free=True, fault_of=_no_place)
        self.push_screen(dialog, self._go_to)

    def _go_to(self, words: str | None) -> None:
        place = place_named(words or "")
        if place is not None:
            self.run_worker(self.run_action(place))

    def action_show_incident(self, number: int) -> None:
        """Show one incident above what is shown."""
        from console.tui.screens.incident_screen import IncidentScreen

        self.push_screen(IncidentScreen(self._situation, self._calls, self._glyphs, number))

    def action_show_runbook(self, name: str) -> None:
        """Show any runbook of the shelf, to read."""
        self._push_runbook(name)

    def action_choose_runbook(self) -> None:
        """All runbooks to choose from."""
        self._push_runbook("")

    def _push_runbook(self, name: str) -> None:
        from console.tui.screens.runbook_screen import RunbookScreen

        self.push_screen(RunbookScreen(self._situation, self._calls, self._glyphs, name))

    def on_mount(self) -> None:
        """Watch for the word to leave, where somebody else may give it."""
        if self._leave is not None:
            self.set_interval(_LEAVE_EVERY_S, self._leave_when_told)
        self.set_timer(_SETTLED_S, lambda: self.run_worker(_import_screens, thread=True))
        if self._first_view != "alerts":
            self.call_after_refresh(self.action_go, self._first_view)

    def _leave_when_told(self) -> None:
        if self._leave is not None and self._leave.is_set():
            self.exit()

    async def action_quit(self) -> None:
        """Leave, and remember how the console was left."""
        self.left_with = self.last_look()
        self.exit()

    def on_unmount(self) -> None:
        self._feed.stop()

    def _fatal_error(self) -> None:
        """Textual's own crash screen prints locals, tokens among them: write a bare traceback to a file and say where."""
        descriptor, report = tempfile.mkstemp(prefix="ops-console-crash-", suffix=".txt")
        with os.fdopen(descriptor, "w", errors="backslashreplace") as file:
            file.write(traceback.format_exc())
        self.panic(
            f"ops: the console has a fault and had to stop; nothing that runs was touched. Report: {report}"
        )

    def show_in_pager(self, execution_id: str) -> None:
        """The whole output of an execution in ``$PAGER``."""
        try:
            pieces = list(read_output(self._client, execution_id))
            self._page(
                "".join(shown_output(p.stdout) for p in pieces)
                + "".join(shown_output(p.stderr) for p in pieces)
            )
        except (OpsError, OSError, ValueError, SuspendNotSupported) as error:
            self.notify(f"the output cannot be paged: {error}", severity="error", markup=False)

    def _page(self, text: str) -> None:
        argv = shlex.split(os.environ.get("PAGER") or "less")
        with tempfile.NamedTemporaryFile("w", prefix="ops-output-", suffix=".txt") as file:
            file.write(text)
            file.flush()
            with self.suspend():
                subprocess.run([*argv, file.name], check=False)


def _no_place(words: str) -> str:
    return (
        "" if place_named(words) else f"there is no place {one_line(words)!r}; empty the line to see them all"
    )


def run_console(
    which: DaemonChoice,
    *,
    incident: int | None = None,
    read_only: bool = False,
    ascii_only: bool = False,
    no_mouse: bool = False,
    no_bell: bool = False,
    theme: str | None = None,
    remember: bool = True,
    leave: threading.Event | None = None,
) -> int:
    """Open the console until the person leaves it, or ``leave`` is set; its exit code, not 0 after a fault of its own.

    View and filters are as they were left last, except on an ``incident`` and where nothing is to be remembered.

    Raises ``OpsError`` where no daemon is named, or the settings cannot be read.
    """
    settings = read_settings()
    remember = remember and incident is None
    last = (read_last_look(which.name) if remember else None) or LastLook()
    app = ConsoleApp(
        OpsClient(which.access()),
        incident=incident,
        ascii_only=ascii_only or settings.ascii,
        bell=settings.bell and not no_bell,
        read_only=read_only,
        theme=theme or settings.theme or fitting_theme(os.environ.get("COLORTERM", "")),
        view="alerts" if incident is not None else last.view if settings.view == "last" else settings.view,
        filters=last.filters,
        keys=settings.keys,
        leave=leave,
    )
    app.run(mouse=settings.mouse and not no_mouse)
    if app.left_with is not None and remember:
        keep_last_look(which.name, app.left_with)
    return app.return_code or 0
