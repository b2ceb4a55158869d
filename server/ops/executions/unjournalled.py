"""Imports what the fallback program did while the daemon could not be reached."""

import hashlib
from pathlib import Path

import msgspec

from server.ops.alerting.foreign_alert import clean_text, cut
from server.ops.executions.redactor import Redactor
from server.ops.state.events import UnjournalledRun
from server.ops.state.ledger import Actor, Ledger, Transaction

LOG = "unjournalled.jsonl"
_LONGEST_WORD = 4_096
_AUTH = "file"
_KEPT = "unjournalled.imported.jsonl"


class _Line(msgspec.Struct, frozen=True):
    at: str
    actor: str
    action: str
    object: str
    argv: tuple[str, ...] = ()
    exit_code: int | None = None


class UnjournalledLog:
    """The fallback program's log in the state directory."""

    def __init__(self, folder: Path, ledger: Ledger, redactor: Redactor) -> None:
        self._path = folder / LOG
        self._kept = folder / _KEPT
        self._ledger = ledger
        self._redactor = redactor

    async def import_new(self) -> int:
        """Journals every line that is not in the journal yet and sets the log aside; how many they were."""
        if not self._path.exists():
            return 0
        taken = self._path.with_suffix(".taken")
        if not taken.exists():
            self._path.rename(taken)
        lines = [line for line in taken.read_text(errors="replace").splitlines() if line.strip()]
        count = await self._ledger.decide(lambda tx: sum(self._take(tx, line) for line in lines))
        with self._kept.open("a") as kept:
            kept.writelines(self._redactor.redacted(line) + "\n" for line in lines)
        taken.unlink()
        return count

    def _take(self, tx: Transaction, line: str) -> bool:
        sha256 = hashlib.sha256(line.encode()).hexdigest()
        if sha256 in tx.state.imported:
            return False

        def clean(text: str) -> str:
            return clean_text(cut(text, _LONGEST_WORD), self._redactor.redacted)

        try:
            run = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, msgspec.ValidationError):
            run = _Line(at="", actor="unknown", action="unreadable", object=line[:1_000])
        event = UnjournalledRun(
            line_sha256=sha256,
            ran_at=clean(run.at),
            actor=clean(run.actor),
            argv=tuple(map(clean, run.argv)),
            action=clean(run.action),
            object=clean(run.object),
            exit_code=run.exit_code,
        )
        tx.record(event, Actor(event.actor or "unknown", _AUTH), event.object or "unknown")
        return True
