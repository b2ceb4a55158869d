"""Reads back what people answered in PagerDuty: REST API v2, ``GET /incidents`` by the key under which we sent it.

Source: PagerDuty's API reference, "List incidents" (``incident_key``, ``statuses[]``) and the schema of an incident.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

import aiohttp
import msgspec

from alerts.escalation import is_called_for
from alerts.incident import Incident
from alerts.wire import Moment
from server.ops.alerting.foreign_alert import clean_text
from server.ops.paging.answers import PageAnswer, is_taken, take_answer
from server.ops.paging.message import dedup_key_of
from server.ops.state.ledger import Actor, Ledger, Transaction
from server.ops.state.state import State
from server.periodic import Periodic

_EVERY = timedelta(seconds=15)
_TIMEOUT_S = 10
_MOST_ASKED_ABOUT = 50
_LONGEST_NAME = 60
_LARGEST_ANSWER = 1_000_000
_PERSON = "user_reference"
"""Type of a reference to a user; what an integration or a time-out did is nobody's answer."""


class _Reference(msgspec.Struct):
    type: str = ""
    summary: str | None = ""


class _Acknowledgement(msgspec.Struct):
    at: Moment
    acknowledger: _Reference


class _ForeignIncident(msgspec.Struct):
    id: str
    status: str
    created_at: Moment
    acknowledgements: tuple[_Acknowledgement, ...] = ()
    last_status_change_by: _Reference | None = None


class _Listed(msgspec.Struct):
    incidents: tuple[_ForeignIncident, ...] = ()


class PagerDutyAnswers:
    """Looks at the incidents about which somebody was called over PagerDuty."""

    def __init__(
        self,
        ledger: Ledger,
        session: aiohttp.ClientSession,
        token: str,
        url: str,
        redact: Callable[[str], str],
    ) -> None:
        self._ledger = ledger
        self._session = session
        self._token, self._url = token, url.rstrip("/")
        self._redact = redact
        self.fault = ""
        """Why PagerDuty could not be asked, empty where it could."""
        self.loop = Periodic("pagerduty", _EVERY, self.look)

    async def look(self) -> None:
        """Asks about each incident that is on, and takes what was answered; raises the errors of the journal."""
        asked = [
            i
            for i in islice(self._ledger.state.latest_open(), _MOST_ASKED_ABOUT)
            if _is_there(self._ledger.state, i)
        ]
        for incident in asked:
            try:
                found = await self._ask(incident)
            except (
                aiohttp.ClientError,
                TimeoutError,
                OSError,
                msgspec.MsgspecError,
                _RefusedAnswerError,
            ) as error:
                self.fault = f"PagerDuty cannot be asked: {self._redact(str(error) or type(error).__name__)}"
                return
            answer = self._answer(incident, found)
            if answer is not None:
                await self._ledger.decide(lambda tx, answer=answer: _take(tx, answer))  # type: ignore[misc]
        self.fault = ""

    async def _ask(self, incident: Incident) -> _ForeignIncident | None:
        """The latest incident that PagerDuty has under our key."""
        params = [
            ("incident_key", dedup_key_of(incident.id)),
            ("date_range", "all"),
            *(("statuses[]", status) for status in ("triggered", "acknowledged", "resolved")),
            ("sort_by", "created_at:desc"),
            ("limit", "1"),
        ]
        headers = {
            "Authorization": f"Token token={self._token}",
            "Accept": "application/vnd.pagerduty+json;version=2",
        }
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        url = f"{self._url}/incidents"
        async with self._session.get(url, params=params, headers=headers, timeout=timeout) as answer:
            if answer.status != 200:
                raise _RefusedAnswerError(f"it answered {answer.status}")
            raw = await answer.content.read(_LARGEST_ANSWER)
        listed = msgspec.json.decode(raw, type=_Listed).incidents
        return max(listed, key=lambda one: one.created_at, default=None)

    def _answer(self, incident: Incident, found: _ForeignIncident | None) -> PageAnswer | None:
        if found is None:
            return None
        if found.status == "acknowledged" and found.acknowledgements:
            last = max(found.acknowledgements, key=lambda one: one.at)
            if last.acknowledger.type == _PERSON:
                key = f"{found.id} acknowledged {last.at:%Y-%m-%dT%H:%M:%SZ}"
                by = self._actor(last.acknowledger)
                return PageAnswer(
                    incident_id=incident.id, where="PagerDuty", key=key, what="acknowledged", by=by
                )
        by_whom = found.last_status_change_by
        if found.status == "resolved" and by_whom is not None and by_whom.type == _PERSON:
            return PageAnswer(
                incident_id=incident.id,
                where="PagerDuty",
                key=f"{found.id} resolved",
                what="resolved",
                by=self._actor(by_whom),
            )
        return None

    def _actor(self, reference: _Reference) -> Actor:
        """The user of ours whose contact has that name, else the name as PagerDuty has it."""
        name = clean_text(reference.summary or "somebody", self._redact)[:_LONGEST_NAME]
        people = self._ledger.state.contacts.people.values()
        user = next((person.user for person in people if person.name == name), "")
        return Actor(user or f"{name} (PagerDuty)", "pagerduty")


class _RefusedAnswerError(Exception):
    """PagerDuty answered something else than what was asked for."""


def _is_there(state: State, incident: Incident) -> bool:
    """Whether somebody was called over PagerDuty about an incident that is on."""
    escalation = state.escalations.get(incident.id)
    if escalation is None or not is_called_for(incident):
        return False
    people = (state.contacts.people.get(name) for name in escalation.people)
    return any(c.kind == "pagerduty" for person in people if person is not None for c in person.channels)


def _take(tx: Transaction, answer: PageAnswer) -> None:
    if not is_taken(tx, answer):
        take_answer(tx, answer)
