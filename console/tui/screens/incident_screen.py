"""One incident: its facts, its timeline as it goes on, and everything that can be done with it."""

from collections.abc import Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from alerts.wire import IncidentView
from console.model.situation import Situation
from console.text.glyphs import Glyphs
from console.text.incident_page import incident_page
from console.text.plain import harmless
from console.text.wording import incident_clock
from console.tui.calls import CallDone, Calls, Fetched
from console.tui.dialogs import TextScreen
from console.tui.incident_verbs import BY_NAME, VERBS, ask_verb, choose_verb
from console.tui.screens.cockpit_screen import CockpitScreen
from console.tui.screens.runbook_screen import RunbookScreen

_SHOWN = ("ack", "note", "escalate", "resolve")
_SHOWN_AFTER = {
    "resolved": ("close", "note", "reopen"),
    "reviewing": ("close", "note", "reopen"),
    "closed": ("note", "reopen"),
    "false_positive": ("note", "reopen"),
}
"""Verbs that the bottom line names while an incident is open, and once it is over: what comes next, not what has been."""
_LOOK_EVERY_S = 3.0


class IncidentScreen(CockpitScreen):
    """Stands above the screen it was opened from; ``q`` goes back there."""

    VIEW = "incident"
    BINDINGS = [
        Binding("r", "read", "runbook"),
        *(
            Binding(verb.key, f"verb('{verb.name}')", verb.words, show=verb.name in _SHOWN)
            for verb in sorted(VERBS, key=lambda v: v.name not in _SHOWN)
        ),
        Binding("x", "verbs", "all verbs"),
        Binding("p", "postmortem", "post-mortem"),
        Binding("o", "outputs", "outputs"),
        Binding("y", "copy_page", "copy", show=False),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("ctrl+d,pagedown,space", "scroll(10)", "page down", show=False),
        Binding("ctrl+u,pageup", "scroll(-10)", "page up", show=False),
        Binding("q,escape", "close", "back"),
    ]

    def __init__(self, situation: Situation, desk: Calls, glyphs: Glyphs, incident_id: int) -> None:
        super().__init__(situation, desk, glyphs)
        self._incident_id = incident_id
        self._incident: IncidentView | None = None
        self._seen_version = -1

    def compose_body(self) -> ComposeResult:
        with Vertical(id="list-frame", classes="frame") as frame:
            frame.border_title = f"incident {self._incident_id}"
            with VerticalScroll(id="page"):
                yield Static("loading …", markup=False, id="page-text")

    def on_mount(self) -> None:
        self.focus_body()
        self.set_interval(0.5, self._look_if_changed)
        self.set_interval(_LOOK_EVERY_S, self._look)
        self.show_header()
        self._look()

    def _look(self) -> None:
        if self.is_current:
            self.desk.fetch(lambda client: client.incident(self._incident_id))

    def _look_if_changed(self) -> None:
        known = self.situation.board.incidents.get(self._incident_id)
        if known is not None and known.version != self._seen_version:
            self._seen_version = known.version
            self._look()

    def on_fetched(self, message: Fetched) -> None:
        if message.trouble and self._incident is None:
            self.query_one("#page-text", Static).update(message.trouble)
        elif message.trouble:
            self.say(message.trouble, bad=True)
        elif isinstance(message.found, IncidentView):
            self._incident = message.found
            self._show()

    def on_call_done(self, message: CallDone) -> None:
        self._look()

    def _show(self) -> None:
        incident = self._incident
        if incident is None:
            return
        self.query_one("#page-text", Static).update("\n".join(incident_page(incident)))
        again = f" · time {incident.spell}" if incident.spell > 1 else ""
        clock = incident_clock(incident, self.situation.clock.now())
        frame = self.query_one("#list-frame", Vertical)
        frame.border_title = f"incident {incident.id} · {incident.state.replace('_', ' ')}{again}"
        frame.border_subtitle = f"CLOCK {clock}" if clock else "q back"
        after = _SHOWN_AFTER.get(incident.state)
        self.show_keys(_keys_naming(after) if after is not None else None)

    def focus_body(self) -> None:
        self.set_focus(self.query_one("#page"))

    def filter_changed(self, text: str) -> None:
        """Only the lines of the timeline that have the text."""
        if self._incident is not None:
            lines = incident_page(self._incident)
            kept = [line for line in lines if text.lower() in line.lower()]
            self.query_one("#page-text", Static).update("\n".join(kept) or "no line has that")

    def action_verb(self, name: str) -> None:
        ask_verb(self, BY_NAME[name], self._incident_id)

    def action_verbs(self) -> None:
        choose_verb(self, self._incident_id)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#page").scroll_relative(y=lines, animate=False)

    def action_read(self) -> None:
        """The runbook of this incident; its steps are run for it. Without one, the shelf to choose from."""
        incident = self._incident
        if incident is None:
            self.say("still loading")
            return
        if incident.runbook is None:
            self.say("this incident has no runbook of its own; here is the shelf")
        self.app.push_screen(
            RunbookScreen(self.situation, self.desk, self.glyphs, incident.runbook or "", incident)
        )

    def action_copy_page(self) -> None:
        if self._incident is not None:
            self.copy("\n".join(incident_page(self._incident)))

    def action_outputs(self) -> None:
        """The runs of this incident, whose outputs are one key away."""
        self.app.run_worker(self.app.run_action(f"app.go_filtered('runs', '#{self._incident_id}')"))

    def action_postmortem(self) -> None:
        self.app.push_screen(PostmortemScreen(self.desk, self._incident_id))

    def action_close(self) -> None:
        line = self.query_one("#filter")
        if line.has_focus:
            self.action_back()
            self._show()
            return
        self.app.pop_screen()


def _keys_naming(named: Sequence[str]) -> list[Binding]:
    """The keys of the screen, these verbs in front and no other verb named."""
    first, *others = [b for b in IncidentScreen.BINDINGS if isinstance(b, Binding)]
    keys = {binding.action: binding for binding in others}
    front = [replace(keys.pop(f"verb('{name}')"), show=True) for name in named]
    left = [replace(b, show=b.show and not b.action.startswith("verb(")) for b in keys.values()]
    return [first, *front, *left]


class PostmortemScreen(TextScreen):
    """The draft of a post-mortem, or the one that was shared."""

    def __init__(self, desk: Calls, incident_id: int) -> None:
        super().__init__("loading …", f"post-mortem of incident {incident_id}")
        self._desk, self._incident_id = desk, incident_id

    def on_mount(self) -> None:
        self._desk.for_screen(self).fetch(lambda client: client.postmortem(self._incident_id).markdown)

    def on_fetched(self, message: Fetched) -> None:
        text = message.trouble or str(message.found)
        self.query_one("#text Static", Static).update(harmless(text))
