"""Taking an alert's incident and giving it back: what is told, and what can be undone for a while."""

import time

from console.model.situation import Situation
from console.ops_api.doing import UNDO_S, Doing, is_recent
from console.text.plain import clock, one_line
from console.tui.calls import Acknowledged, Calls


class Ownership:
    """Remembers what was taken from here, so that only one's own doing is undone. Answers in words."""

    def __init__(self, desk: Calls, situation: Situation) -> None:
        self._desk, self._situation = desk, situation
        self._acked: tuple[Doing, float] | None = None
        """The incident that was taken from here, and when; nobody had it before."""
        self._held_before = False
        """Whether somebody had the incident already that is being acknowledged."""

    def take(self, incident_id: int) -> str:
        """Take an incident; what speaks against it in words, empty where it is asked for."""
        known = self._situation.board.incidents.get(incident_id)
        owner = known.acknowledged_by if known is not None else None
        if owner is not None and owner != self._situation.user and known is not None:
            return f"incident {incident_id} is {one_line(owner)}'s since {clock(known.acknowledged_at)}, not yours"
        self._acked, self._held_before = None, owner is not None
        self._desk.acknowledge(incident_id)
        return ""

    def took(self, message: Acknowledged) -> tuple[str, bool]:
        """What came of it in words, and whether that is bad."""
        incident, me = message.incident, self._situation.user
        since = clock(incident.acknowledged_at)
        if incident.acknowledged_by != me:
            owner = one_line(incident.acknowledged_by or "nobody")
            return f"incident {incident.id} is {owner}'s since {since}, not yours", True
        if self._held_before:
            return f"incident {incident.id} is yours already, since {since}; it holds longer now", False
        self._acked = (Doing("ack", (incident.id,)), time.monotonic())
        return f"incident {incident.id} is yours ({me}); u undoes it within {UNDO_S:g} s", False

    def undo(self) -> str:
        """Give back what was taken a moment ago; why not in words, empty where it is asked for."""
        if self._acked is None or not is_recent(time.monotonic() - self._acked[1]):
            return f"nothing to undo (an acknowledgement can be undone for {UNDO_S:g} s; later: ops unack)"
        self._desk.undo(self._acked[0])
        self._acked = None
        return ""
