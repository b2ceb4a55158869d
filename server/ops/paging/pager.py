"""Paging as the daemon runs it: what is due is decided every second, sent, and checked every minute by an audit."""

import logging
from datetime import timedelta

import aiohttp

from alerts.escalation import OVERDUE_AFTER, is_called_for, is_overdue, policy_for
from server.ops.paging.escalations import look_at_all, page_what_is_due, why_muted
from server.ops.paging.outbox import PageOutbox
from server.ops.state.ledger import Ledger
from server.periodic import Periodic

_TURN = timedelta(seconds=1)
_AUDIT = timedelta(seconds=60)
_HEARTBEAT_TIMEOUT_S = 10
_SHOWN = timedelta(hours=1)
"""How long a page that reached nobody is shown as a fault."""
_log = logging.getLogger("paging")


class Pager:
    """Decides, sends and checks itself."""

    def __init__(
        self,
        ledger: Ledger,
        outbox: PageOutbox,
        session: aiohttp.ClientSession,
        heartbeat_url: str,
    ) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._session = session
        self._heartbeat_url = heartbeat_url
        self.overdue: tuple[int, ...] = ()
        """Incidents about which a page is more than a minute late, as of the last audit."""
        self.heartbeat_fault = ""
        self._turned_at = ledger.clock()

    async def turn(self) -> None:
        """Decides what is due and has it sent; raises the errors of the journal."""
        now = self._ledger.clock()
        if now < self._turned_at:
            await self._ledger.decide(look_at_all)
        self._turned_at = now
        more = True
        while more:
            more = await self._ledger.decide(page_what_is_due)
        await self._outbox.look()

    async def audit(self) -> None:
        """Looks at every open incident, whatever the timers believe; the heartbeat goes out only where all is well."""
        state, now = self._ledger.state, self._ledger.clock()
        late = []
        for incident in state.open_incidents():
            escalation = state.escalations.get(incident.id)
            if escalation is None or escalation.spell != incident.spell:
                # Nobody ever decided whom to call.
                wanted = is_called_for(incident) and policy_for(incident.severity, incident.mttr_target_s)
                overdue = bool(wanted) and now - incident.began_at > OVERDUE_AFTER
            else:
                overdue = is_overdue(escalation, incident, now)
            if overdue and not why_muted(state, incident, now):
                late.append(incident.id)
        self.overdue = tuple(late)
        if late:
            _log.error("pages are overdue for incidents %s", ", ".join(map(str, late)))
        elif self._heartbeat_url and self._ledger.fault is None:
            await self._beat()

    async def _beat(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_HEARTBEAT_TIMEOUT_S)
        try:
            async with self._session.get(self._heartbeat_url, timeout=timeout) as answer:
                self.heartbeat_fault = "" if answer.status < 400 else f"answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.heartbeat_fault = f"{type(error).__name__}"

    @property
    def fault(self) -> str:
        """What is wrong with paging, empty where nothing is."""
        since = self._ledger.clock() - _SHOWN
        failed = [
            page
            for page in self._ledger.state.pages.values()
            if page.failed and page.kind == "page" and page.decided_at > since
        ]
        unheard = [
            page
            for page in self._ledger.state.pages.values()
            if page.kind == "announcement"
            and page.decided_at > since
            and any(copy.state == "failed" for copy in page.deliveries.values())
        ]
        found = [
            f"announcement {unheard[-1].id} did not reach everybody (ops pages)" if unheard else "",
            f"pages are overdue for incidents {', '.join(map(str, self.overdue))}" if self.overdue else "",
            f"page {failed[-1].id} reached nobody" if failed else "",
            f"the heartbeat {self.heartbeat_fault}" if self.heartbeat_fault else "",
        ]
        return "; ".join(filter(None, found))

    @property
    def loops(self) -> tuple[Periodic, ...]:
        """What drives it."""
        return Periodic("paging", _TURN, self.turn), Periodic("paging audit", _AUDIT, self.audit)
