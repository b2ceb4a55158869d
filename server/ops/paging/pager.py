"""Paging as the daemon runs it: what is due is decided every second, sent, and checked every minute by an audit."""

import asyncio
import logging
from datetime import datetime, timedelta

import aiohttp

from alerts.escalation import OVERDUE_AFTER, is_called_for, is_overdue
from alerts.escalation_policy import PAGED_SEVERITIES
from alerts.self_alerts import PAGES_OVERDUE
from server.ops.alerting.watchdog import hold_own_alert, own_alert
from server.ops.paging.escalations import look_at_all, page_what_is_due, why_muted
from server.ops.paging.outbox import PageOutbox
from server.ops.paging.pagerduty import PagerDutyAnswers
from server.ops.state.ledger import Ledger, Transaction
from server.ops.state.state import State
from server.periodic import Periodic

_TURN = timedelta(seconds=1)
_AUDIT = timedelta(seconds=60)
_HEARTBEAT_TIMEOUT_S = 10
_SHOWN = timedelta(hours=1)
"""How long a page that reached nobody is shown as a fault."""
_AUDITED_AT_ONCE = 10
"""Incidents between two turns of the loop: each may have hundreds of alerts to look at."""
_NAMED = 10
"""Incidents that the alert about late pages names."""
_log = logging.getLogger("paging")


class Pager:
    """Decides, sends and checks itself."""

    def __init__(
        self,
        ledger: Ledger,
        outbox: PageOutbox,
        session: aiohttp.ClientSession,
        heartbeat_url: str,
        answers: PagerDutyAnswers | None = None,
    ) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._session = session
        self._heartbeat_url = heartbeat_url
        self._answers = answers
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
        late = []
        for n, incident in enumerate(self._ledger.state.open_incidents(), 1):
            if _is_late(self._ledger.state, incident.id, self._ledger.clock()):
                late.append(incident.id)
            if n % _AUDITED_AT_ONCE == 0:
                await asyncio.sleep(0)
        self.overdue = tuple(late)
        if late:
            _log.error("pages are overdue for incidents %s", ", ".join(map(str, late)))
        await self._ledger.decide(self._hold_overdue)
        if late:
            # Whoever turns every second has not: the alert of it would wait for the same turn.
            await self.turn()
        elif self._heartbeat_url and self._ledger.fault is None:
            await self._beat()

    def _hold_overdue(self, tx: Transaction) -> None:
        which = ", ".join(map(str, self.overdue[:_NAMED]))
        summary = (
            f"Pages are more than a minute late, of incidents {which}: read ops incidents, and call by hand"
        )
        hold_own_alert(tx, own_alert(PAGES_OVERDUE, summary, tx.now), firing=bool(self.overdue))

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
            self._answers.fault if self._answers is not None else "",
        ]
        return "; ".join(filter(None, found))

    @property
    def loops(self) -> tuple[Periodic, ...]:
        """What drives it."""
        own = Periodic("paging", _TURN, self.turn), Periodic("paging audit", _AUDIT, self.audit)
        return own if self._answers is None else (*own, self._answers.loop)


def _is_late(state: State, incident_id: int, now: datetime) -> bool:
    incident, escalation = state.incidents.get(incident_id), state.escalations.get(incident_id)
    if incident is None:
        return False
    if escalation is None or escalation.spell != incident.spell:
        # Nobody ever decided whom to call.
        wanted = is_called_for(incident) and incident.severity in PAGED_SEVERITIES
        overdue = wanted and now - incident.began_at > OVERDUE_AFTER
    else:
        overdue = is_overdue(escalation, incident, now)
    return overdue and not why_muted(state, incident, now)
