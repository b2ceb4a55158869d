"""What the ops daemon says about its own health."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from server.ops.configuration import Configuration
from server.ops.paging.pager import Pager
from server.ops.state.ballast import Ballast
from server.ops.state.ledger import Ledger
from server.ops.stream.meta import MetaSource
from server.periodic import LoopHealth, Loops
from server.runner.control_group import ABILITIES, Ability

_PARTS = {"turns": "tick", "publishing": "publish", "stream": "stream", "rehearsals": "rehearsal"}
"""What the daemon does by itself, and the loop that does it."""


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
        abilities: tuple[Ability, ...],
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
        self._abilities = abilities

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
        left_out = self._ledger.item_faults.parts
        loops = self._loops.health
        parts |= {part: self._of_loop(loops[loop], left_out.get(part)) for part, loop in _PARTS.items()}
        for part, said in left_out.items():
            if part not in _PARTS:
                known = parts.get(part, "ok")
                parts[part] = said if known == "ok" else f"{known}; {said}"
        degraded = [name for name, state in parts.items() if state != "ok"]
        now, kept = self._ledger.clock(), self._ledger.kept_head
        return {
            "status": "degraded" if degraded else "ok",
            "parts": parts,
            "degraded": degraded,
            "loops": loops,
            "last_success": {part: loops[loop].last_success_at for part, loop in _PARTS.items()},
            "steps": {name: name in self._abilities for name in ABILITIES},
            "read_only": self._meta.read_only,
            "hosts": "any" if self._takes_any_host else "named",
            "boot": self._boot,
            "uptime_s": round((now - self._started_at).total_seconds(), 1),
            "journal": {"seq": kept.seq, "hash": kept.hash.hex()},
        }

    def _of_loop(self, loop: LoopHealth, left_out: str | None) -> str:
        said = [left_out] if left_out else []
        if loop.fault is not None:
            last = f"{loop.last_success_at:%Y-%m-%d %H:%M:%SZ}" if loop.last_success_at else "never"
            said.insert(0, f"{loop.fault} (last went well: {last})")
        return "; ".join(said) or "ok"
