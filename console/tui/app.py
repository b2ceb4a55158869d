"""The full-screen console: the app, composed in one place."""

import os
import shlex
import subprocess
import tempfile
import threading
import traceback
from pathlib import Path

from textual.app import App, SuspendNotSupported
from textual.binding import Binding

from console.model.board import Board
from console.ops_api.client import OpsClient
from console.ops_api.errors import OpsError
from console.ops_api.execution import read_output
from console.ops_api.feed import Feed
from console.ops_api.which_daemon import DaemonChoice
from console.text.glyphs import ASCII, UNICODE
from console.text.output import shown_output
from console.tui.calls import Calls
from console.tui.screens.main_screen import BoardScreen

_LEAVE_EVERY_S = 0.2


class ConsoleApp(App[None]):
    """The console. It composes and owns the link; the screen decides everything else."""

    TITLE = "ops"
    CSS_PATH = "console.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [Binding("ctrl+q", "quit", show=False, priority=True)]

    def __init__(
        self,
        client: OpsClient,
        *,
        incident: int | None = None,
        ascii_only: bool = False,
        bell: bool = True,
        read_only: bool = False,
        leave: threading.Event | None = None,
    ) -> None:
        super().__init__()
        self._leave = leave
        self.animation_level = "none"
        self._client = client
        self._feed = Feed(OpsClient(client.access, timeout_s=10))
        self._board_screen = BoardScreen(
            Board(),
            self._feed,
            Calls(self, client),
            ASCII if ascii_only else UNICODE,
            client.access,
            open_incident=incident,
            bell=bell,
            read_only=read_only,
        )

    def get_default_screen(self) -> BoardScreen:
        """The one screen; dialogs stand above it."""
        return self._board_screen

    def on_mount(self) -> None:
        """Watch for the word to leave, where somebody else may give it."""
        if self._leave is not None:
            self.set_interval(_LEAVE_EVERY_S, self._leave_when_told)

    def _leave_when_told(self) -> None:
        if self._leave is not None and self._leave.is_set():
            self.exit()

    def on_unmount(self) -> None:
        self._feed.stop()

    def _fatal_error(self) -> None:
        """Textual's own crash screen prints locals, tokens among them: write a bare traceback to a file and say where."""
        report = Path(tempfile.gettempdir()) / f"ops-console-crash-{os.getpid()}.txt"
        report.write_text(traceback.format_exc())
        report.chmod(0o600)
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


def run_console(
    which: DaemonChoice,
    *,
    incident: int | None = None,
    read_only: bool = False,
    ascii_only: bool = False,
    no_mouse: bool = False,
    no_bell: bool = False,
    leave: threading.Event | None = None,
) -> int:
    """Open the console until the person leaves it, or ``leave`` is set; its exit code, not 0 after a fault of its own.

    Raises ``OpsError`` where no daemon is named.
    """
    app = ConsoleApp(
        OpsClient(which.access()),
        incident=incident,
        ascii_only=ascii_only,
        bell=not no_bell,
        read_only=read_only,
        leave=leave,
    )
    app.run(mouse=not no_mouse)
    return app.return_code or 0
