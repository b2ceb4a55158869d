"""What the ops daemon says about its own health."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from server.ops.configuration import Configuration
from server.ops.paging.pager import Pager
from server.ops.state.ballast import Ballast
from server.ops.state.ledger import Ledger
from server.ops.stream.meta import MetaSource
from server.periodic import Loops


class OpsHealth:
    """The daemon's parts and their state; degraded means that it works with less."""

    def __init__(
        self,
        ledger: Ledger,
        meta: MetaSource,
        boot: str,
        started_at: datetime,
        evaluator: Callable[[], str],
        ballast: Ballast,
        loops: Loops,
        configuration: Configuration,
        paging: Pager,
        blocked: str = "",
        takes_any_host: bool = False,
    ) -> None:
        self._ledger = ledger
        self._meta = meta
        self._boot = boot
        self._started_at = started_at
        self._evaluator = evaluator
        self._ballast = ballast
        self._loops = loops
        self._configuration = configuration
        self._paging = paging
        self._takes_any_host = takes_any_host
        self._blocked = blocked
        """Why the user of steps cannot run any; empty where it can."""

    def report(self) -> dict[str, Any]:
        """Status in a word, and each part with what is wrong with it."""
        parts = {
            "journal": self._ledger.fault or "ok",
            "evaluator": self._evaluator(),
            "ballast": "ok" if self._ballast.held else "given up, the disk is full or nearly so",
        }
        if self._ledger.set_aside is not None:
            parts["journal_set_aside"] = self._ledger.set_aside
        if self._blocked:
            parts["step_user"] = self._blocked
        if self._ledger.unsound is not None:
            parts["journal_audit"] = self._ledger.unsound
        if self._ledger.snapshot_fault is not None:
            parts["snapshot"] = self._ledger.snapshot_fault
        parts |= {f"loop {name}": fault for name, fault in self._loops.faults.items()}
        parts |= self._configuration.faults
        parts["paging"] = self._paging.fault or "ok"
        degraded = [name for name, state in parts.items() if state != "ok"]
        now, kept = self._ledger.clock(), self._ledger.kept_head
        return {
            "status": "degraded" if degraded else "ok",
            "parts": parts,
            "degraded": degraded,
            "loops": self._loops.health,
            "read_only": self._meta.read_only,
            "hosts": "any" if self._takes_any_host else "named",
            "boot": self._boot,
            "uptime_s": round((now - self._started_at).total_seconds(), 1),
            "journal": {"seq": kept.seq, "hash": kept.hash.hex()},
        }
