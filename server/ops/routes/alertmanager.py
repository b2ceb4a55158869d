"""Alertmanager's API v2, so that Prometheus and amtool work against the ops daemon; and its webhook."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from alerts.alert import Alert
from alerts.inhibition import inhibited_by
from alerts.silence import Matcher, MatcherError, Silence, check_matchers, silenced_by
from alerts.wire import PostableAlert
from server.http.call import BadRequestError, NotFoundError
from server.http.problem_table import Problems
from server.http.route import Reply
from server.ops.alerting.intake import take_alerts
from server.ops.alerting.matcher_text import parse_matcher
from server.ops.alerting.watchdog import Watchdog
from server.ops.executions.redactor import Redactor
from server.ops.http import OpsCall, OpsRoute
from server.ops.state.events import AlertQuarantined, SilenceSet
from server.ops.state.ledger import Ledger, Transaction
from server.ops.views import firing_names

_LONGEST_QUARANTINED = 4_000
_LONG_AGO = "1970-01-01T00:00:00Z"
"""End of a resolved alert that does not tell it; an end before the start is moved to the start."""
_CONFIG = "route:\n  receiver: ops\nreceivers:\n- name: ops\n"

PROBLEMS: Problems = {MatcherError: (400, "invalid")}


class _PostedSilence(msgspec.Struct, frozen=True):
    matchers: tuple[Matcher, ...]
    startsAt: datetime
    endsAt: datetime
    createdBy: str = ""
    comment: str = ""
    id: str | None = None


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
        await self._take(call, await call.body(list[msgspec.Raw]), "prometheus")
        return Reply({})

    async def _webhook(self, call: OpsCall) -> Reply:
        message = await call.body(dict[str, Any])
        alerts = message.get("alerts")
        if not isinstance(alerts, list):
            raise BadRequestError("a webhook message has a list of alerts", "alerts")
        await self._take(
            call, [msgspec.Raw(msgspec.json.encode(_as_posted(a))) for a in alerts], "alertmanager"
        )
        if int(message.get("truncatedAlerts") or 0) > 0:
            self._poll_soon()
        return Reply({})

    async def _take(self, call: OpsCall, raw: list[msgspec.Raw], source: str) -> None:
        """Answers only after the journal has committed; a bad alert does not take its batch with it."""
        good, bad = _sorted_out(raw, self._redactor.redacted)
        good = [_redacted(alert, self._redactor) for alert in good]
        now = self._ledger.clock()
        for alert in good:
            self._watchdog.saw(alert, now)

        def decide(tx: Transaction) -> None:
            take_alerts(tx, good, call.caller.actor, source)
            for quarantined in bad:
                tx.record(quarantined, call.caller.actor, source)

        await self._ledger.decide(decide)

    async def _alerts(self, call: OpsCall) -> Reply:
        return Reply(self._gettable(call))

    async def _groups(self, call: OpsCall) -> Reply:
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for alert in self._gettable(call):
            labels: Mapping[str, str] = alert["labels"]
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

    def _gettable(self, call: OpsCall) -> list[dict[str, Any]]:
        matchers = [parse_matcher(text) for text in call.request.query.getall("filter", [])]
        wanted = {name: call.query(name, "true") != "false" for name in ("active", "silenced", "inhibited")}
        now, state = self._ledger.clock(), self._ledger.state
        firing = firing_names(state)
        found = []
        for alert in state.alerts.values():
            if not alert.active or not all(matcher.matches(alert.labels) for matcher in matchers):
                continue
            silenced = silenced_by(state.silences.values(), alert.labels, now)
            inhibited = inhibited_by(alert.alertname, firing)
            muted = bool(silenced or inhibited)
            if (silenced and not wanted["silenced"]) or (inhibited and not wanted["inhibited"]):
                continue
            if not muted and not wanted["active"]:
                continue
            found.append(_gettable(alert, silenced, inhibited))
        return found

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
        if posted.endsAt <= max(posted.startsAt, self._ledger.clock()):
            raise BadRequestError("a silence must end after it starts, and not in the past", "endsAt")

        def decide(tx: Transaction) -> str:
            if posted.id is not None and posted.id not in tx.state.silences:
                raise NotFoundError(f"there is no silence {posted.id}")
            silence = Silence(
                id=posted.id or str(uuid.uuid4()),
                matchers=posted.matchers,
                starts_at=posted.startsAt if posted.id else max(posted.startsAt, tx.now),
                ends_at=posted.endsAt,
                created_by=call.caller.name,
                comment=self._redactor.redacted(posted.comment),
                updated_at=tx.now,
            )
            tx.record(SilenceSet(silence=silence), call.caller.actor, silence.id)
            return silence.id

        return Reply({"silenceID": await self._ledger.decide(decide)})

    async def _expire_silence(self, call: OpsCall) -> Reply:
        def decide(tx: Transaction) -> None:
            silence = self._find(call.path("id"))
            if silence.state(tx.now) != "expired":
                ended = msgspec.structs.replace(
                    silence, ends_at=tx.now, starts_at=min(silence.starts_at, tx.now), updated_at=tx.now
                )
                tx.record(SilenceSet(silence=ended), call.caller.actor, silence.id)

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
        return Reply([{"name": "ops"}])


def _sorted_out(
    raw: list[msgspec.Raw], redacted: Callable[[str], str]
) -> tuple[list[PostableAlert], list[AlertQuarantined]]:
    good, bad = [], []
    for item in raw:
        try:
            alert = msgspec.json.decode(item, type=PostableAlert)
            _check(alert)
        except (msgspec.ValidationError, ValueError) as error:
            text = redacted(bytes(item).decode(errors="replace"))[:_LONGEST_QUARANTINED]
            bad.append(AlertQuarantined(why=str(error), raw=text))
        else:
            good.append(alert)
    return good, bad


def _redacted(alert: PostableAlert, redactor: Redactor) -> PostableAlert:
    """Annotations are somebody else's text; labels are the alert's identity and stay."""
    annotations = redactor.redacted_values(alert.annotations)
    if annotations is alert.annotations:
        return alert
    return msgspec.structs.replace(alert, annotations=annotations)


def _check(alert: PostableAlert) -> None:
    if not alert.labels.get("alertname"):
        raise ValueError("it has no alertname")
    if any(at is not None and at.tzinfo is None for at in (alert.startsAt, alert.endsAt)):
        raise ValueError("its times have no time zone")


def _as_posted(alert: Any) -> Any:
    """A webhook's alert as one that is posted; whether it is resolved is its own ``status``'s word."""
    if not isinstance(alert, dict):
        return alert
    posted = {
        name: alert[name] for name in ("labels", "annotations", "startsAt", "generatorURL") if name in alert
    }
    if alert.get("status") == "resolved":
        ended = str(alert.get("endsAt") or "")
        posted["endsAt"] = _LONG_AGO if not ended or ended.startswith("0001-") else ended
    return posted


def _gettable(alert: Alert, silenced: tuple[str, ...], inhibited: tuple[str, ...]) -> dict[str, Any]:
    return {
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": alert.started_at,
        "endsAt": alert.ends_at,
        "updatedAt": alert.seen_at,
        "fingerprint": alert.fingerprint,
        "generatorURL": alert.generator_url,
        "receivers": [{"name": "ops"}],
        "status": {
            "state": "suppressed" if silenced or inhibited else "active",
            "silencedBy": silenced,
            "inhibitedBy": inhibited,
        },
    }


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
