"""Rehearsals and the results of drills over HTTP."""

import asyncio
import contextlib

import msgspec

from runbooks.wire import DrillReport
from server.http.call import BadRequestError, NotFoundError
from server.http.route import Reply
from server.ops.executions.redactor import Redactor
from server.ops.executions.runbook_folder import RunbookFolder
from server.ops.http import OpsCall, OpsRoute
from server.ops.rehearsals.rehearsals import Rehearsals
from server.ops.state.events import RunbookDrilled
from server.ops.state.ledger import Ledger
from server.store.anchor import spelled
from server.store.chain import head_of

_LONGEST_WAIT_S = 30
_LONGEST_WORDS = 500


class _Rehearse(msgspec.Struct, frozen=True):
    runbook: str | None = None


class ProofRoutes:
    """``/v1/rehearsals`` and ``/v1/drills``."""

    def __init__(
        self, ledger: Ledger, shelf: RunbookFolder, rehearsals: Rehearsals, redactor: Redactor
    ) -> None:
        self._ledger = ledger
        self._shelf = shelf
        self._rehearsals = rehearsals
        self._redactor = redactor

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("GET", "/v1/rehearsals", "viewer", self._rehearsal),
            OpsRoute("POST", "/v1/rehearsals", "responder", self._rehearse),
            OpsRoute("POST", "/v1/drills", "responder", self._drilled),
        ]

    async def _rehearsal(self, call: OpsCall) -> Reply:
        """Waits for more steps than the caller has seen, or for the end, at most ``wait`` seconds."""
        seen = call.query_int("seen", 0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(call.query_int("wait", 0, at_most=_LONGEST_WAIT_S)):
                while (view := self._rehearsals.view).state == "running" and len(view.steps) <= seen:
                    await self._rehearsals.news.wait()
        return Reply(self._rehearsals.view)

    async def _rehearse(self, call: OpsCall) -> Reply:
        wanted = (await call.body(_Rehearse)).runbook
        known = tuple(self._shelf.catalogue.runbooks)
        if wanted is not None and wanted not in known:
            raise NotFoundError(f"there is no runbook {wanted}")
        return Reply(self._rehearsals.begin((wanted,) if wanted else known, call.caller), 202)

    async def _drilled(self, call: OpsCall) -> Reply:
        report = await call.body(DrillReport)
        if report.runbook not in self._shelf.catalogue.runbooks:
            raise BadRequestError(f"there is no runbook {report.runbook} here", "runbook")
        failure = self._redactor.redacted(report.failure)[:_LONGEST_WORDS]
        event = RunbookDrilled(report=msgspec.structs.replace(report, failure=failure))
        entry = await self._ledger.decide(lambda tx: tx.record(event, call.caller.actor, report.runbook))
        # Kept with the report, it shows later whether the journal is still the one in which this was recorded.
        noted = spelled(head_of(entry))
        return Reply({"runbook": report.runbook, "recorded": True, "journal": noted}, 201)
