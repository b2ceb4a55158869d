"""Where the daemon stands, in one value: first line of a snapshot, payload of a heartbeat."""

from collections.abc import Callable
from datetime import timedelta

from alerts.wire import StreamMeta
from server.ops.state.ledger import Ledger
from server.ops.stream.ring import Ring
from server.ops.users import Caller

_QUARANTINE_COUNTS = timedelta(days=1)


class MetaSource:
    """Gathers what every answer says about the daemon itself."""

    def __init__(self, ledger: Ledger, ring: Ring, target_label: str, evaluator: Callable[[], str]) -> None:
        self._ledger = ledger
        self._ring = ring
        self._target_label = target_label
        self._evaluator = evaluator

    def for_caller(self, caller: Caller) -> StreamMeta:
        """As one caller sees it."""
        now = self._ledger.clock()
        return StreamMeta(
            boot=self._ring.boot,
            seq=self._ring.number,
            server_time=now,
            user=caller.name,
            role=caller.role,
            target=self._target_label,
            read_only=self.read_only,
            evaluator=self._evaluator(),
            temporary_changes=len(self._ledger.state.temporary_in_force(now)),
            hotline=self._ledger.state.contacts.hotline,
            postmortems_overdue=self._ledger.state.postmortems_overdue,
            quarantined=sum(1 for bad in self._ledger.state.quarantine if now - bad.at < _QUARANTINE_COUNTS),
        )

    @property
    def read_only(self) -> str | None:
        """Why changes are refused just now."""
        if self._ledger.fault is not None:
            return f"the journal cannot be written: {self._ledger.fault}"
        return self._ledger.state.read_only
