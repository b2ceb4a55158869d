"""The way from wanting a step run to knowing how it ended: its values, its plan, the confirmation, the output."""

from collections.abc import Callable, Sequence

import msgspec
from textual.screen import Screen

from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.execution import needed_confirmation, new_execution_id
from console.text.plain import clock
from console.text.telling_line import telling_line
from console.tui.calls import Calls, Notice, RunTrouble
from console.tui.dialogs import ChoiceDialog, ConfirmDialog
from console.tui.form_dialog import Field, FormDialog, Given
from console.tui.widgets.key_line import KeyLine
from console.tui.widgets.output_pane import OutputPane
from runbooks.wire import ExecutionRequest, ExecutionView, Output, ParamView, StepView


class RunFlow:
    """One run at a time is asked about; ``watched`` is the latest that was begun from here."""

    def __init__(
        self, screen: Screen[None], desk: Calls, situation: Situation, on_run: Callable[[], None]
    ) -> None:
        self._screen, self._desk, self._situation, self._on_run = screen, desk, situation, on_run
        self._step: StepView | None = None
        """The step that is run, where it is one of a runbook."""
        self._printed: list[str] = []
        self._asking: ExecutionRequest | None = None
        self._shown: ExecutionRequest | None = None
        """Whose output the pane has."""
        self._dialog: ConfirmDialog | FormDialog | None = None
        """The dialog that waits for what becomes of what was asked for in it."""
        self.watched: ExecutionView | None = None

    @property
    def _output(self) -> OutputPane:
        return self._screen.query_one("#output", OutputPane)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._screen.post_message(Notice(text, bad=bad))

    def begin(
        self, request: ExecutionRequest, inputs: Sequence[ParamView], step: StepView | None = None
    ) -> None:
        """Ask for the values that it needs, then for the plan."""
        if not inputs:
            self._plan(request, step)
            return

        def given(form: Given, dialog: FormDialog) -> None:
            self._dialog = dialog
            params = {**request.params, **{name: value for name, value in form.items() if value}}
            self._plan(msgspec.structs.replace(request, params=params), step)

        form = FormDialog(request.step or request.action or "", [_field_of(p) for p in inputs], given)
        self._screen.app.push_screen(form, self._left)

    def _plan(self, request: ExecutionRequest, step: StepView | None) -> None:
        self._asking, self._step = request, step
        self._desk.plan(request)

    def _left(self, done: bool | None) -> None:
        """A dialog was closed: without an answer nothing is run of what was asked for in it."""
        if done is None:
            self._asking = None
            self._say("cancelled; nothing was run")

    def planned(self, request: ExecutionRequest, plan: ExecutionView, environment: str) -> None:
        """What would run is known: run a read, ask about a change."""
        if self._asking is None or request.execution_id != self._asking.execution_id:
            return
        self._answered()
        refusal = self._situation.refusal()
        if refusal and (plan.kind != "read" or not self._situation.is_read_only):
            self._say(refusal, bad=True)
            return
        request = msgspec.structs.replace(request, digest=plan.digest)
        if needed_confirmation(plan) is None:
            self._run(request, plan)
            return

        def confirmed(word: str | None, dialog: ConfirmDialog) -> None:
            self._dialog = dialog
            self._run(msgspec.structs.replace(request, confirm=word), plan)

        def closed(done: bool | None) -> None:
            if not dialog.was_sent:
                self._left(done)

        dialog = ConfirmDialog(plan, environment, confirmed)
        self._screen.app.push_screen(dialog, closed)

    def _answered(self) -> None:
        """What was asked for in the dialog at hand goes on without it."""
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.answered()

    def _run(self, request: ExecutionRequest, plan: ExecutionView) -> None:
        self._screen.call_later(self._on_run)
        self._show(request, plan.title)
        self._desk.run(request)

    def _show(self, request: ExecutionRequest, title: str) -> None:
        self._shown = request
        # What was told of an earlier one (cancelled, refused) is not this one's.
        self._screen.query_one("#keys", KeyLine).unsay()
        self._printed.clear()
        self._output.begin(title)

    def _is_shown(self, execution_id: str) -> bool:
        return self._shown is not None and self._shown.execution_id == execution_id

    def began(self, execution: ExecutionView) -> None:
        """The run has begun."""
        if self._is_shown(execution.execution_id):
            self._answered()
            self.watched = execution
            self._output.started(execution)

    def printed(self, output: Output) -> None:
        """The run has printed; what another run prints is not this one's."""
        if self._is_shown(output.execution_id):
            self._printed += [output.stdout.data, output.stderr.data]
            self._output.more(output)

    def ended(self, execution: ExecutionView) -> None:
        """The run has ended."""
        if self._is_shown(execution.execution_id):
            self.watched = execution
            self._output.ended(execution, telling_line(self._step, execution, "".join(self._printed)))

    def resolved(self, words: str) -> None:
        """What was to be cured is cured: it is said where the person looks."""
        if self._shown is not None:
            self._output.resolved(words)

    def trouble(self, trouble: RunTrouble) -> None:
        """The run was refused, or nobody knows: told in the dialog that asked for it, else below.

        The output of an earlier run is not left under its name.
        """
        request, text = trouble.request, trouble.text
        is_asked_for = self._asking is not None and request.execution_id == self._asking.execution_id
        dialog = self._dialog if is_asked_for else None
        goes_on = trouble.in_doubt or trouble.wants_approval
        if dialog is not None and goes_on:
            dialog.answered()
        elif dialog is not None and dialog.refused(text, trouble.field) and isinstance(dialog, FormDialog):
            return
        if self._shown is None or self._asking is None or is_asked_for:
            self._show(request, request.step or request.action or "")
        if self._is_shown(request.execution_id):
            self._output.trouble(text)
        self._say(text, bad=True)

    def ask_approval(self, request: ExecutionRequest) -> None:
        """Ask a second person for their word, or go past it with a reason."""

        def ask(client: OpsClient) -> str:
            asked = client.ask_approval(request)
            return f"asked until {clock(asked.expires_at)}: another person approves it (3, then A); then run it again"

        def chosen(choice: str, dialog: ChoiceDialog) -> bool:
            if choice == "ask":
                self._desk.do(ask, dialog)
            return choice == "ask"

        def decided(choice: str | None) -> None:
            if choice == "glass":
                fields = (Field("reason", "why can nobody be asked?"),)
                form = FormDialog("break the glass", fields, go_past)
                self._screen.app.push_screen(form, lambda done: None if form.was_sent else self._left(done))

        def go_past(form: Given, dialog: FormDialog) -> None:
            again = msgspec.structs.replace(
                request, execution_id=new_execution_id(), break_glass=form["reason"]
            )
            self._asking, self._dialog = again, dialog
            self._show(again, again.step or again.action or "")
            self._desk.run(again)

        choices = [
            ("leave", "leave it"),
            ("ask", "ask for another person's approval of exactly this"),
            ("glass", "break the glass: run it now, L2 is told"),
        ]
        dialog = ChoiceDialog("this takes a second person", choices, send=chosen)
        self._screen.app.push_screen(dialog, decided)

    def look_at(self, runbook: str | None, step: str | None, incident_id: int | None) -> None:
        """Show the pane only beside the runbook that its run is of, and for its incident; beside another step it is empty."""
        of = self._shown
        self._output.display = of is not None and (
            of.incident_id in (None, incident_id) and of.runbook in (None, runbook)
        )
        other = of is not None and of.runbook is not None and step not in (None, of.step)
        self._output.stand_beside(step if other else None)

    def ask_stop(self, run: ExecutionView) -> None:
        """Stop what runs, or leave it."""

        def chosen(choice: str, dialog: ChoiceDialog) -> bool:
            if choice == "stop":
                self._desk.cancel(run.execution_id, dialog)
            return choice == "stop"

        choices = [("leave", "leave it running"), ("stop", "stop it: TERM, then KILL after 10 s")]
        self._screen.app.push_screen(ChoiceDialog(f"{run.title} is running", choices, send=chosen))


def _field_of(param: ParamView) -> Field:
    choices = f" [{', '.join(param.choices)}]" if param.choices else ""
    return Field(
        param.name, f"{param.title or param.name}{choices}", param.default or "", required=param.required
    )
