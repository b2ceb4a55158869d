"""A screen from which steps and actions are run: the way of a run from its plan to its end."""

from alerts.wire import AlertView
from console.model.situation import Situation
from console.text.glyphs import Glyphs
from console.tui import calls as d
from console.tui.cure import Cure, is_verification
from console.tui.run_flow import RunFlow
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.widgets.runbook_pane import RunbookPane
from runbooks.wire import ExecutionView


class RunnerScreen(CockpitScreen):
    """A screen with an ``OutputPane`` with the id ``output``, which shows the latest run that was begun from here."""

    def __init__(self, situation: Situation, desk: d.Calls, glyphs: Glyphs) -> None:
        super().__init__(situation, desk, glyphs)
        self.runs = RunFlow(self, self.desk, situation, self.show_run)
        self._cure = Cure()

    def show_run(self) -> None:
        """Something runs from here: show where its output is seen."""

    def after_run(self, message: d.RunEnded) -> None:
        """A run has ended and its end is shown."""

    def after_trouble(self, message: d.RunTrouble) -> None:
        """A run was refused, or nobody knows what became of it; that is shown."""

    def go_on_after(self, run: ExecutionView, pane: RunbookPane, alert: AlertView | None) -> None:
        """After a step of a runbook: the verification runs by itself after a change, else the cursor goes on."""
        pane.refresh_steps()
        verification = self._cure.after(run, pane.runbook, alert)
        if is_verification(run):
            pane.put_cursor(run.step or "")
            if words := self._cure.told_before(run):
                self.runs.resolved(words)
        elif verification is None:
            pane.go_to_fitting()
        else:
            pane.put_cursor(verification.name)
            pane.action_run()

    def tell_cured(self) -> None:
        """Say that what a change was made for is over, once it is."""
        board = self.situation.board
        words = self._cure.told(board.alerts.rows, board.incidents)
        if words:
            self.say(words)
            self.runs.resolved(words)

    def on_planned(self, message: d.Planned) -> None:
        self.runs.planned(message.request, message.plan, self.situation.target)

    def on_run_began(self, message: d.RunBegan) -> None:
        self.runs.began(message.execution)

    def on_run_printed(self, message: d.RunPrinted) -> None:
        self.runs.printed(message.output)

    def on_run_ended(self, message: d.RunEnded) -> None:
        self.situation.board.executions[message.execution.execution_id] = message.execution
        self.runs.ended(message.execution)
        self.after_run(message)

    def on_run_trouble(self, message: d.RunTrouble) -> None:
        self.runs.trouble(message)
        self.after_trouble(message)
        if message.wants_approval:
            self.runs.ask_approval(message.request)

    def action_pager(self) -> None:
        """The whole output of the latest run."""
        if self.runs.watched is None:
            self.say("no step has been run from here yet")
            return
        self.app.show_in_pager(self.runs.watched.execution_id)  # type: ignore[attr-defined]  # the app is ours
