"""The way from wanting a step run to knowing how it ended: its values, its plan, the confirmation, the output."""

from collections.abc import Callable, Sequence

import msgspec
from textual.screen import Screen

from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.execution import needed_confirmation, new_execution_id
from console.text.plain import clock
from console.text.telling_line import telling_line
from console.tui.calls import Calls, Notice
from console.tui.dialogs import ChoiceDialog, ConfirmDialog, LineDialog
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
        self.watched: ExecutionView | None = None

    @property
    def _output(self) -> OutputPane:
        return self._screen.query_one("#output", OutputPane)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._screen.post_message(Notice(text, bad=bad))

    def begin(
        self, request: ExecutionRequest, inputs: Sequence[ParamView], step: StepView | None = None
    ) -> None:
        """Ask for one value after another, then for the plan."""
        if not inputs:
            self._asking, self._step = request, step
            self._desk.plan(request)
            return
        param, *rest = inputs

        def given(value: str | None) -> None:
            if value is None and param.required:
                self._say("cancelled; nothing was run")
                return
            params = request.params if value is None else {**request.params, param.name: value}
            self.begin(msgspec.structs.replace(request, params=params), rest, step)

        needed = "" if param.required else " (may be left empty)"
        choices = f" [{', '.join(param.choices)}]" if param.choices else ""
        question = f"{param.title or param.name}{choices}{needed}"
        self._screen.app.push_screen(LineDialog(question, param.default or ""), given)

    def planned(self, request: ExecutionRequest, plan: ExecutionView, environment: str) -> None:
        """What would run is known: run a read, ask about a change."""
        if self._asking is None or request.execution_id != self._asking.execution_id:
            return
        refusal = self._situation.refusal()
        if refusal and (plan.kind != "read" or not self._situation.is_read_only):
            self._say(refusal, bad=True)
            return
        request = msgspec.structs.replace(request, digest=plan.digest)
        if needed_confirmation(plan) is None:
            self._run(request, plan)
            return

        def decided(confirm: str | None) -> None:
            if confirm is None:
                self._say("cancelled; nothing was run")
                return
            self._run(msgspec.structs.replace(request, confirm=confirm), plan)

        self._screen.app.push_screen(ConfirmDialog(plan, environment), decided)

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

    def trouble(self, request: ExecutionRequest, text: str) -> None:
        """The run was refused, or nobody knows; the output of an earlier run is not left under its name."""
        if self._shown is None or request.execution_id == (self._asking or request).execution_id:
            self._show(request, request.step or request.action or "")
        if self._is_shown(request.execution_id):
            self._output.trouble(text)

    def ask_approval(self, request: ExecutionRequest) -> None:
        """Ask a second person for their word, or go past it with a reason."""

        def ask(client: OpsClient) -> str:
            asked = client.ask_approval(request)
            return f"asked until {clock(asked.expires_at)}: another person approves it (3, then A); then run it again"

        def decided(choice: str | None) -> None:
            if choice == "ask":
                self._desk.do(ask)
            elif choice == "glass":
                self._screen.app.push_screen(LineDialog("break the glass: why can nobody be asked?"), go_past)

        def go_past(reason: str | None) -> None:
            if not reason:
                self._say("the glass takes a reason; nothing was run")
            else:
                again = msgspec.structs.replace(request, execution_id=new_execution_id(), break_glass=reason)
                self._show(again, again.step or again.action or "")
                self._desk.run(again)

        choices = [
            ("leave", "leave it"),
            ("ask", "ask for another person's approval of exactly this"),
            ("glass", "break the glass: run it now, L2 is told"),
        ]
        self._screen.app.push_screen(ChoiceDialog("this takes a second person", choices), decided)

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

        def decided(choice: str | None) -> None:
            if choice == "stop":
                self._desk.cancel(run.execution_id)

        choices = [("leave", "leave it running"), ("stop", "stop it: TERM, then KILL after 10 s")]
        self._screen.app.push_screen(ChoiceDialog(f"{run.title} is running", choices), decided)
