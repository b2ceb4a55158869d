"""Taking an alert's incident: what is told, and what can be undone for a while."""

from console.model.situation import Situation
from console.ops_api.client import OpsClient
from console.ops_api.deed import Deed, undo
from console.text.plain import clock, one_line
from console.tui.calls import Acknowledged, Calls
from console.tui.undo import Reversible

_OVER = ("resolved", "reviewing", "closed", "merged", "false_positive")


class Ownership:
    """Remembers what was taken from here, so that only one's own doing is undone. Answers in words."""

    def __init__(self, desk: Calls, situation: Situation) -> None:
        self._desk, self._situation = desk, situation
        self._held_before = False
        """Whether somebody had the incident already that is being acknowledged."""

    def take(self, incident_id: int) -> str:
        """Take an incident; what speaks against it in words, empty where it is asked for."""
        known = self._situation.board.incidents.get(incident_id)
        if known is not None and known.state in _OVER:
            return f"incident {incident_id} is {known.state.replace('_', ' ')}: nothing of it is to be taken"
        owner = known.acknowledged_by if known is not None else None
        if owner is not None and owner != self._situation.user and known is not None:
            return f"incident {incident_id} is {one_line(owner)}'s since {clock(known.acknowledged_at)}, not yours"
        self._desk.undo.forget()
        self._held_before = owner is not None
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
        words = f"incident {incident.id} is yours ({me}); u undoes it within 10 s"
        self._desk.undo.remember(Reversible(words, lambda client: give_back(client, incident.id)))
        return words, False


def give_back(client: OpsClient, incident_id: int) -> str:
    """Give an incident back; what came of it in words."""
    return undo(client, Deed("ack", (incident_id,)))
