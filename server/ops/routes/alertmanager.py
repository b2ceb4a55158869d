"""Alertmanager's API v2, so that Prometheus and amtool work against the ops daemon; and its webhook."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiohttp import web

from alerts.alert import Alert
from alerts.matcher import Matcher, MatcherError, check_matchers, parse_matcher
from alerts.pattern import PatternError, compile_pattern
from alerts.silence import Silence, expired, set_silence
from alerts.wire import Moment
from server.http.call import BadRequestError, NotFoundError
from server.http.listener_limits import read_body
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.alerting.foreign_alert import clean_text
from server.ops.alerting.intake import take_alerts
from server.ops.alerting.posted import OddItem, PostedReader, RawAlert
from server.ops.alerting.shared_decision import Said, SharedDecisions, decided
from server.ops.alerting.watchdog import Watchdog
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute, stream_list
from server.ops.state.events import SilenceSet
from server.ops.state.ledger import Ledger, Transaction, is_accompanied
from server.ops.state.state import State
from server.runner.redaction import MASK

_AT_ONCE = 100
"""Alerts that one decision takes: a few milliseconds of it."""
_EVENTS_AT_ONCE = 120
"""Events after which a decision takes no more alerts: each incident that opens is several."""
_BYTES_AT_ONCE = 64 * 1024
_FEW = 10
_FEW_BYTES = 8 * 1024
"""Alerts, and bytes of them, of a post that shares its decision with others."""
_LABELS = msgspec.json.Decoder(dict[str, str])
_CONFIG = "route:\n  receiver: ops\nreceivers:\n- name: ops\n"

PROBLEMS: Problems = {MatcherError: (400, "invalid")}

_RECEIVER = "ops"
_TRUE = frozenset({"true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"})
"""Source: go-openapi ``swag.ConvertBool``, which Alertmanager's API uses."""


class _Webhook(msgspec.Struct, frozen=True):
    """What we read of Alertmanager's webhook message, version 4; the rest may be anything."""

    alerts: msgspec.Raw
    truncatedAlerts: msgspec.Raw = msgspec.Raw(b"0")


_NOTHING_CUT = (b"0", b"null", b'"0"', b'""')


class _PostedSilence(msgspec.Struct, frozen=True):
    matchers: tuple[Matcher, ...]
    startsAt: Moment
    endsAt: Moment
    createdBy: str = ""
    comment: str = ""
    id: str | None = None


class ReceiverBody(msgspec.Struct, frozen=True):
    """Alertmanager's ``receiver``."""

    name: str


class GettableStatus(msgspec.Struct, frozen=True):
    """Alertmanager's ``alertStatus``."""

    state: str
    silencedBy: tuple[str, ...] = ()
    inhibitedBy: tuple[str, ...] = ()


class GettableAlert(msgspec.Struct, frozen=True, kw_only=True):
    """Alertmanager's ``gettableAlert``."""

    labels: dict[str, str]
    annotations: dict[str, str]
    startsAt: datetime
    endsAt: datetime
    updatedAt: datetime
    fingerprint: str
    generatorURL: str
    receivers: tuple[ReceiverBody, ...] = (ReceiverBody("ops"),)
    status: GettableStatus


_ACTIVE = GettableStatus(state="active")


class AlertmanagerRoutes:
    """``/api/v2/…`` and ``/v1/internal/alerts/webhook``."""

    def __init__(
        self,
        ledger: Ledger,
        watchdog: Watchdog,
        boot: str,
        redactor: Redactor,
        poll_soon: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._watchdog = watchdog
        self._boot = boot
        self._redactor = redactor
        self._poll_soon = poll_soon
        self._reader = PostedReader(redactor)
        self._shared = SharedDecisions(ledger, self._decision)
        self._started_at = ledger.clock()

    def routes(self) -> list[OpsRoute]:
        """Every path of this file."""
        return [
            OpsRoute("POST", "/api/v2/alerts", "ingest", self._post_alerts),
            OpsRoute("POST", "/v1/internal/alerts/webhook", "ingest", self._webhook),
            OpsRoute("GET", "/api/v2/alerts", "viewer", self._alerts),
            OpsRoute("GET", "/api/v2/alerts/groups", "viewer", self._groups),
            OpsRoute("GET", "/api/v2/silences", "viewer", self._silences),
            OpsRoute("POST", "/api/v2/silences", "responder", self._post_silence),
            OpsRoute("GET", r"/api/v2/silence/{id}", "viewer", self._silence),
            OpsRoute("DELETE", r"/api/v2/silence/{id}", "responder", self._expire_silence),
            OpsRoute("GET", "/api/v2/status", "viewer", self._status),
            OpsRoute("GET", "/api/v2/receivers", "viewer", self._receivers),
        ]

    async def _post_alerts(self, call: OpsCall) -> Reply:
        await self._take(call, await self._items(await read_body(call.request)), "prometheus")
        return Reply({})

    async def _webhook(self, call: OpsCall) -> Reply:
        message = await call.body(_Webhook)
        await self._take(call, await self._items(message.alerts), "alertmanager", by_status=True)
        if message.truncatedAlerts not in _NOTHING_CUT:
            self._poll_soon()
        return Reply({})

    async def _items(self, listed: bytes | msgspec.Raw) -> Sequence[RawAlert | OddItem]:
        try:
            return await self._reader.split(bytes(listed))
        except msgspec.DecodeError as error:
            raise BadRequestError(f"alerts are a JSON list: {error}", "alerts") from error

    async def _take(
        self, call: OpsCall, items: Sequence[RawAlert | OddItem], source: str, *, by_status: bool = False
    ) -> None:
        """Answers only after the journal has committed; a bad alert does not take its batch with it.

        A large batch is several decisions, each of its own alerts: none of them depends on another.
        """
        said = Said(call.caller.actor, source, by_status)
        size = sum(map(_size, items)) if len(items) <= _FEW else 0
        if 0 < size <= _FEW_BYTES and not is_accompanied():
            await self._shared.take(items, size, said)
            return
        parts = list(_parts(await self._causes_first(items)))
        decisions = []
        for n, part in enumerate(parts):
            decide = self._decision(part, said)
            decisions.append(decided(self._ledger, decide, accompanied=n == len(parts) - 1))
            await asyncio.sleep(0)
        await asyncio.gather(*decisions)

    async def _causes_first(self, items: Sequence[RawAlert | OddItem]) -> Sequence[RawAlert | OddItem]:
        """Causes before symptoms over the whole of a batch that is several decisions; each orders its own."""
        if len(items) <= _AT_ONCE:
            return items
        is_cause = self._ledger.state.inhibition.is_cause
        causes: list[RawAlert | OddItem] = []
        others: list[RawAlert | OddItem] = []
        for n, item in enumerate(items):
            (causes if is_cause(_labels_of(item)) else others).append(item)
            if n % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return [*causes, *others]

    def _decision(self, items: Sequence[RawAlert | OddItem], said: Said) -> Callable[[Transaction], bool]:
        posted, now = self._reader.read(items, by_status=said.by_status), self._ledger.clock()
        # What must be journalled together with all of it is with the only decision that there is then.
        most_events = None if is_accompanied() else _EVENTS_AT_ONCE
        for alert in posted.good:
            self._watchdog.saw(alert.alertname, alert.ends_at, now)
        left: Sequence[Alert] | None = None

        def decide(tx: Transaction) -> bool:
            nonlocal left
            if left is None:
                for quarantined in posted.bad:
                    tx.record(quarantined, said.actor, said.source)
                left = [alert.episode(tx.now, said.source) for alert in posted.good]
            left = take_alerts(tx, left, said.actor, self._watchdog.skew, most_events)
            return bool(left)

        return decide

    async def _alerts(self, call: OpsCall) -> web.StreamResponse:
        return await stream_list(call.request, self._gettable(call))

    async def _groups(self, call: OpsCall) -> Reply:
        groups: dict[tuple[str, str], list[GettableAlert]] = {}
        async for part in self._gettable(call):
            for alert in part:
                labels = alert.labels
                key = (labels.get("service") or labels.get("job") or "", labels.get("alertname", ""))
                groups.setdefault(key, []).append(alert)
        return Reply(
            [
                {
                    "labels": {"service": service, "alertname": name},
                    "receiver": {"name": "ops"},
                    "alerts": alerts,
                }
                for (service, name), alerts in sorted(groups.items(), key=lambda pair: pair[0])
            ]
        )

    async def _gettable(self, call: OpsCall) -> AsyncIterator[list[GettableAlert]]:
        """Alerts that are not over and that the query asks for, a few at a time: the loop gets its turn between."""
        matchers = [parse_matcher(text) for text in call.request.query.getall("filter", [])]
        wanted = {name: _switch(call.query(name)) for name in ("active", "silenced", "inhibited")}
        if not _names_our_receiver(call.query("receiver")):
            return
        now, state = self._ledger.clock(), self._ledger.state
        for part in state.alerts.parts():
            yield [
                shown
                for _, alert in part
                if alert.active
                and all(matcher.matches(alert.labels) for matcher in matchers)
                and (shown := _shown(state, alert, now, wanted)) is not None
            ]
            await asyncio.sleep(0)

    async def _silences(self, call: OpsCall) -> Reply:
        matchers = [parse_matcher(text) for text in call.request.query.getall("filter", [])]
        now = self._ledger.clock()
        return Reply(
            [
                _gettable_silence(silence, now)
                for silence in self._ledger.state.silences.values()
                if all(any(own == wanted for own in silence.matchers) for wanted in matchers)
            ]
        )

    async def _silence(self, call: OpsCall) -> Reply:
        return Reply(_gettable_silence(self._find(call.path("id")), self._ledger.clock()))

    def _find(self, silence_id: str) -> Silence:
        try:
            return self._ledger.state.silences[silence_id]
        except KeyError:
            raise NotFoundError(f"there is no silence {silence_id}") from None

    async def _post_silence(self, call: OpsCall) -> Reply:
        posted = await call.body(_PostedSilence)
        check_matchers(posted.matchers)
        starts_at, ends_at = _in_utc(posted.startsAt, "startsAt"), _in_utc(posted.endsAt, "endsAt")
        if posted.endsAt <= posted.startsAt:
            raise BadRequestError("a silence must end after it starts", "endsAt")
        if posted.endsAt <= self._ledger.clock():
            raise BadRequestError("a silence cannot end in the past", "endsAt")
        wanted = Silence(
            id=posted.id or "",
            matchers=tuple(map(self._cleaned, posted.matchers)),
            starts_at=starts_at,
            ends_at=ends_at,
            created_by=call.caller.name,
            comment=self._redactor.redacted(posted.comment),
            updated_at=self._ledger.clock(),
        )

        def decide(tx: Transaction) -> str:
            before = self._find(wanted.id) if wanted.id else None
            changes = set_silence(before, wanted, new_id=str(uuid.uuid4()), now=tx.now)
            for silence in changes:
                tx.record(SilenceSet(silence=silence), call.caller.actor, silence.id)
            return changes[-1].id

        return Reply({"silenceID": await self._ledger.decide(decide)})

    def _cleaned(self, matcher: Matcher) -> Matcher:
        """The matcher as it meets the alerts' cleaned labels; a secret in an expression stands there as its mask."""
        value = clean_text(matcher.value, self._redactor.redacted)
        if matcher.is_regex and value != matcher.value:
            value = value.replace(MASK.decode(), f"\\[{MASK.decode()[1:-1]}\\]")
        name = clean_text(matcher.name, self._redactor.redacted)
        return msgspec.structs.replace(matcher, name=name, value=value)

    async def _expire_silence(self, call: OpsCall) -> Reply:
        def decide(tx: Transaction) -> None:
            silence = self._find(call.path("id"))
            if silence.state(tx.now) != "expired":
                tx.record(SilenceSet(silence=expired(silence, tx.now)), call.caller.actor, silence.id)

        await self._ledger.decide(decide)
        return Reply({})

    async def _status(self, call: OpsCall) -> Reply:
        return Reply(
            {
                "cluster": {"status": "disabled", "peers": []},
                "versionInfo": {
                    "version": "0.25.0",
                    "branch": "",
                    "buildDate": "",
                    "buildUser": "",
                    "goVersion": "",
                    "revision": self._boot,
                },
                "config": {"original": _CONFIG},
                "uptime": self._started_at,
            }
        )

    async def _receivers(self, call: OpsCall) -> Reply:
        return Reply([{"name": _RECEIVER}])


def _parts(items: Sequence[RawAlert | OddItem]) -> Iterator[Sequence[RawAlert | OddItem]]:
    """The items, a hundred or 64 KB at a time; of none, none once: the sender is answered for it."""
    part: list[RawAlert | OddItem] = []
    size = 0
    for item in items:
        length = _size(item)
        if part and (len(part) >= _AT_ONCE or size + length > _BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    yield part


def _size(item: RawAlert | OddItem) -> int:
    return len(item.whole) if isinstance(item, OddItem) else len(item.labels) + len(item.annotations)


def _in_utc(at: datetime, field: str) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise BadRequestError(
            f"{field} lies before the year 1 or after the year 9999 in UTC", field
        ) from None


def _switch(text: str) -> bool:
    """A boolean of the query as Alertmanager reads it: missing is true, and what is none of these words is false."""
    return not text or text.lower() in _TRUE


def _names_our_receiver(pattern: str) -> bool:
    """Whether alerts of this receiver are asked for: ours is the only one there is. Raises ``BadRequestError``."""
    try:
        return not pattern or compile_pattern(pattern).fullmatch(_RECEIVER) is not None
    except PatternError as error:
        raise BadRequestError(
            f"receiver={pattern!r} is no regular expression: {error}", "receiver"
        ) from error


def _shown(state: State, alert: Alert, now: datetime, wanted: Mapping[str, bool]) -> GettableAlert | None:
    """The alert, None where the query leaves it out."""
    windows = tuple(f"maintenance-{number}" for number in state.windows_on(alert.labels, now))
    silenced = (*state.silences_on(alert.labels, now), *windows)
    inhibited = state.inhibition.causes_of(alert.labels, now)
    muted = bool(silenced or inhibited)
    if (silenced and not wanted["silenced"]) or (inhibited and not wanted["inhibited"]):
        return None
    if not muted and not wanted["active"]:
        return None
    return GettableAlert(
        labels=alert.labels,
        annotations=alert.annotations,
        startsAt=alert.started_at,
        endsAt=alert.ends_at,
        updatedAt=alert.seen_at,
        fingerprint=alert.fingerprint,
        generatorURL=alert.generator_url,
        status=_ACTIVE
        if not muted
        else GettableStatus(state="suppressed", silencedBy=silenced, inhibitedBy=inhibited),
    )


def _gettable_silence(silence: Silence, now: datetime) -> dict[str, Any]:
    return {
        "id": silence.id,
        "matchers": silence.matchers,
        "startsAt": silence.starts_at,
        "endsAt": silence.ends_at,
        "updatedAt": silence.updated_at,
        "createdBy": silence.created_by,
        "comment": silence.comment,
        "status": {"state": silence.state(now)},
    }


def _labels_of(item: RawAlert | OddItem) -> dict[str, str]:
    """The labels as far as they can be read; none of what is odd."""
    try:
        return _LABELS.decode(item.labels) if isinstance(item, RawAlert) else {}
    except msgspec.DecodeError:
        return {}
