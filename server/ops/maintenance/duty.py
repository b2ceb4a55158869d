"""Calls the owners of maintenance windows for what is due by the clock, each thing once."""

from datetime import timedelta

from alerts.maintenance import Duty, Maintenance, OwnerCalled, due_duties
from server.ops.paging.escalations import decide_page
from server.ops.paging.on_call import called_at
from server.ops.state.ledger import DAEMON, Ledger, Transaction
from server.ops.state.state import State
from server.periodic import Periodic

_TURN = timedelta(seconds=1)


class WindowDuty:
    """Looks at every window that is planned or on, each second."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.loop = Periodic("maintenance", _TURN, self.turn)

    async def turn(self) -> None:
        """Decides what is due; raises the errors of the journal."""
        now = self._ledger.clock()
        if any(due_duties(window, now) for window in self._ledger.state.open_windows()):
            await self._ledger.decide(call_owners)


def call_owners(tx: Transaction) -> None:
    """Each window by itself: one that cannot be looked at keeps no other owner from being called."""
    for window in tx.state.open_windows():
        tx.attempt("maintenance", f"maintenance {window.id}", _call_owner, tx, window)


def _call_owner(tx: Transaction, window: Maintenance) -> None:
    for duty in due_duties(window, tx.now):
        _call(tx, window, duty)


def _call(tx: Transaction, window: Maintenance, duty: Duty) -> None:
    people = owner_of(tx.state, window)
    level, why = "", ""
    if not people:
        called = called_at(tx.state, "L1", tx.now)
        people, level = called.people, called.level
        why = f"its owner {window.owner} is not among the contacts"
    falls_to = "" if level else "L1"
    decide_page(tx, "notice", people, level=level, why=why, text=duty.text, falls_to=falls_to)
    called_for = OwnerCalled(id=window.id, keys=(duty.key, *duty.settles))
    tx.record(called_for, DAEMON, f"maintenance-{window.id}")


def owner_of(state: State, window: Maintenance) -> tuple[str, ...]:
    """The owner as the contacts know them, by id or by the name of their user; nobody where they do not."""
    people = state.contacts.people
    if window.owner in people:
        return (window.owner,)
    return tuple(person.id for person in people.values() if person.user == window.owner)[:1]
