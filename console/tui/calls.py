"""Calls to the ops daemon made in threads; each posts what came of it as a message and touches no widget."""

import time
from collections.abc import Callable
from typing import Protocol

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

from alerts.wire import IncidentView
from console.model.figures import ServiceFigures, read_figures
from console.ops_api.client import OpsClient
from console.ops_api.errors import LostAnswerError, NotThereError, OpsError
from console.ops_api.execution import follow_output, settle_doubt
from console.text.plain import one_line
from console.tui.typed_form import note_refusal
from console.tui.undo import Reversible, Undo
from runbooks.wire import ActionView, ExecutionRequest, ExecutionView, Output, RunbookView


class Asker(Protocol):
    """A dialog in which a call was asked for, and which waits for what comes of it."""

    def answered(self) -> None:
        """What was asked for is done."""

    def refused(self, text: str, named: str | None = None) -> bool:
        """What was asked for was refused, or failed; whether that is told in the dialog."""


class Notice(Message):
    """Something to tell the person in the bottom line, or in the dialog in which it was asked for."""

    def __init__(
        self, text: str, *, bad: bool = False, asker: Asker | None = None, field: str | None = None
    ) -> None:
        super().__init__()
        self.text, self.bad, self.asker = text, bad, asker
        self.field = field
        """What of the request is at fault, in the daemon's word."""


class RunbookCame(Message):
    """A runbook, or why there is none."""

    def __init__(self, runbook_id: str, runbook: RunbookView | None, trouble: str = "") -> None:
        super().__init__()
        self.runbook_id, self.runbook, self.trouble = runbook_id, runbook, trouble


class Planned(Message):
    """What exactly would run."""

    def __init__(self, request: ExecutionRequest, plan: ExecutionView) -> None:
        super().__init__()
        self.request, self.plan = request, plan


class RunBegan(Message):
    """An execution is under way."""

    def __init__(self, execution: ExecutionView) -> None:
        super().__init__()
        self.execution = execution


class RunPrinted(Message):
    """More output of the execution that is watched."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self.output = output


class RunEnded(Message):
    """How the execution that is watched ended."""

    def __init__(self, execution: ExecutionView) -> None:
        super().__init__()
        self.execution = execution


class RunTrouble(Message):
    """An execution was refused, or nobody knows whether it arrived."""

    def __init__(
        self,
        request: ExecutionRequest,
        text: str,
        *,
        wants_approval: bool = False,
        in_doubt: bool = False,
        field: str | None = None,
    ) -> None:
        super().__init__()
        self.request, self.text, self.in_doubt, self.field = request, text, in_doubt, field
        self.wants_approval = wants_approval
        """Whether it takes a second person's word."""


class Acknowledged(Message):
    """An incident as it is after an acknowledgement, which may be somebody else's."""

    def __init__(self, incident: IncidentView) -> None:
        super().__init__()
        self.incident = incident


class FiguresCame(Message):
    """The service in four figures, or why there are none."""

    def __init__(self, figures: ServiceFigures | None, trouble: str = "") -> None:
        super().__init__()
        self.figures, self.trouble = figures, trouble


class ActionsCame(Message):
    """Every action there is."""

    def __init__(self, actions: tuple[ActionView, ...]) -> None:
        super().__init__()
        self.actions = actions


class Fetched(Message):
    """What a screen asked for, or why it did not come."""

    def __init__(self, found: object, trouble: str = "", field: str | None = None) -> None:
        super().__init__()
        self.found, self.trouble = found, trouble
        self.field = field
        """What of the request is at fault, in the daemon's word."""


class CallDone(Message):
    """Something was done; what to tell, and whether the screen should look again."""

    def __init__(self, deed: Reversible, asker: Asker | None = None) -> None:
        super().__init__()
        self.deed, self.asker = deed, asker


class IncidentCame(Message):
    """One incident with its timeline."""

    def __init__(self, incident: IncidentView) -> None:
        super().__init__()
        self.incident = incident


class Calls:
    """Hands calls to threads; what comes of them is posted to one screen."""

    def __init__(
        self,
        app: App[None],
        client: OpsClient,
        screen: MessagePump | None = None,
        undo: Undo | None = None,
    ) -> None:
        self._app, self._client, self._screen = app, client, screen
        self.undo = undo or Undo()
        """What can be taken back, one for all screens of a console."""

    def for_screen(self, screen: MessagePump) -> "Calls":
        """The same calls, for another screen."""
        return Calls(self._app, self._client, screen, self.undo)

    def fetch(self, read: Callable[[OpsClient], object]) -> None:
        """Ask for what a screen shows; what it is, the screen knows."""

        def call() -> Message:
            try:
                return Fetched(read(self._client))
            except OpsError as error:
                return Fetched(None, str(error), error.field)

        self._spawn(call)

    def do(self, act: Callable[[OpsClient], str | Reversible], asker: Asker | None = None) -> None:
        """Do something, and tell it in the words that ``act`` gives; the dialog that asked for it hears of it first."""

        def call() -> Message:
            done = act(self._client)
            return CallDone(done if isinstance(done, Reversible) else Reversible(done), asker)

        self._spawn(call, asker)

    def acknowledge(self, incident_id: int) -> None:
        """Take an incident."""
        self._spawn(lambda: Acknowledged(self._client.acknowledge(incident_id)))

    def note(self, incident_id: int, text: str, asker: Asker | None = None) -> None:
        """Write on the timeline; what is taken back stays there, with a note that says so."""

        def take_back(client: OpsClient) -> str:
            client.note(incident_id, f"taken back: {text}")
            return f"the note on incident {incident_id} is taken back"

        def write(client: OpsClient) -> Reversible:
            client.note(incident_id, text)
            return Reversible(f"noted on incident {incident_id}; u takes it back within 10 s", take_back)

        self.do(write, asker)

    def load_incident(self, incident_id: int) -> None:
        """Ask for an incident's timeline."""
        self._spawn(lambda: IncidentCame(self._client.incident(incident_id)))

    def load_runbook(self, runbook_id: str) -> None:
        """Ask for a runbook."""

        def call() -> Message:
            try:
                return RunbookCame(runbook_id, self._client.runbook(runbook_id))
            except OpsError as error:
                return RunbookCame(runbook_id, None, str(error))

        self._spawn(call)

    def load_actions(self) -> None:
        """Ask for the actions."""
        self._spawn(lambda: ActionsCame(self._client.actions()))

    def load_figures(self) -> None:
        """Ask for the four figures."""

        def call() -> Message:
            try:
                return FiguresCame(read_figures(self._client, time.time()))
            except OpsError as error:
                return FiguresCame(None, str(error))

        self._spawn(call)

    def plan(self, request: ExecutionRequest) -> None:
        """Ask what exactly would run."""

        def call() -> Message:
            try:
                return Planned(request, self._client.plan(request))
            except OpsError as error:
                return RunTrouble(request, str(error), field=error.field)

        self._spawn(call)

    def run(self, request: ExecutionRequest) -> None:
        """Run it and follow it to its end; a lost answer is asked after, never repeated."""
        self._spawn(lambda: self._run(request))

    def watch(self, execution_id: str) -> None:
        """Follow anybody's run to its end."""

        def call() -> Message:
            self._post(RunBegan(self._client.execution(execution_id)))
            return RunEnded(
                follow_output(self._client, execution_id, lambda output: self._post(RunPrinted(output)))
            )

        self._spawn(call)

    def cancel(self, execution_id: str, asker: Asker | None = None) -> None:
        """Ask a running execution to stop."""
        self.do(lambda client: f"stopping {client.cancel(execution_id).execution_id}", asker)

    def _run(self, request: ExecutionRequest) -> Message:
        try:
            execution = self._client.execute(request)
        except LostAnswerError as lost:
            doubt = f"in doubt: {lost}; asking what became of it"
            self._post(RunTrouble(request, doubt, in_doubt=True))
            try:
                execution = settle_doubt(self._client, request.execution_id)
            except NotThereError:
                return RunTrouble(request, "it never arrived: nothing was run; press the key again")
            except OpsError as error:
                return RunTrouble(request, f"in doubt: {error}", in_doubt=True)
        except OpsError as error:
            return RunTrouble(request, str(error), wants_approval=error.wants_approval, field=error.field)
        return self._follow(request, execution)

    def _follow(self, request: ExecutionRequest, execution: ExecutionView) -> Message:
        self._post(RunBegan(execution))
        try:
            return RunEnded(
                follow_output(
                    self._client, execution.execution_id, lambda output: self._post(RunPrinted(output))
                )
            )
        except OpsError as error:
            return RunTrouble(request, str(error))

    def _spawn(self, call: Callable[[], Message], asker: Asker | None = None) -> None:
        def guarded() -> None:
            try:
                message = call()
            except OpsError as error:
                note_refusal(self._app)
                doubt = "; it may have been done: look before it is sent again"
                words = str(error) + doubt * isinstance(error, LostAnswerError)
                message = Notice(words, bad=True, asker=asker, field=error.field)
            except Exception as error:  # noqa: BLE001  (the outermost of its thread: no call ends the console)
                note_refusal(self._app)
                words = one_line(f"{type(error).__name__}: {error}")
                message = Notice(f"that call failed ({words})", bad=True, asker=asker)
            self._post(message)

        self._app.run_worker(guarded, thread=True, exit_on_error=True)

    def _post(self, message: Message) -> None:
        (self._screen or self._app.screen_stack[0]).post_message(message)
