"""Reads what the evaluator (or Prometheus) knows: its alerts, its labels, its metrics."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import aiohttp
import msgspec

from alerts.wire import Moment, PostableAlert
from alerts.yaml_document import YamlError, read_yaml

FRESH_FOR = timedelta(minutes=5)
_LARGEST = 64 * 1024 * 1024
"""Bytes of an answer; one that has more is not read to its end."""
_TIMEOUT = aiohttp.ClientTimeout(total=5)


class PrometheusUnreachableError(Exception):
    """The source did not answer, or not with what was asked for."""


class PolledAlert(NamedTuple):
    """One alert of a poll."""

    alert: PostableAlert
    state: str
    """Its state at the source, ``pending`` or ``firing``."""
    unconfirmed: str = ""
    """Why the source itself cannot say whether it still holds."""


class DownTarget(msgspec.Struct, frozen=True):
    """A target of the source that does not answer."""

    labels: dict[str, str]

    def __hash__(self) -> int:
        return hash(frozenset(self.labels.items()))

    def may_show(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels may be about it: one has its job, and no label that says otherwise."""
        return "job" in labels and all(
            labels.get(name, value) == value for name, value in self.labels.items()
        )


class PolledAlerts(msgspec.Struct, frozen=True):
    """One good poll."""

    asked_at: datetime
    alerts: tuple[PolledAlert, ...]
    absence_counts: bool
    """Whether what is missing here may be taken as resolved."""
    down: tuple[DownTarget, ...] = ()
    """Targets that do not answer now, or did not at the poll before: nothing is known of what only they would show."""
    unreadable: dict[str, Exception] = {}
    """Alerts that are not as they should be, by what names them; while there is one, nothing is missing for certain."""


class PrometheusClient:
    """Prometheus' HTTP API, spoken by Prometheus and by the embedded evaluator alike."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._external: dict[str, str] | None = None
        self._good_since: datetime | None = None
        self._good_polls = 0
        self._down: tuple[DownTarget, ...] = ()
        self.fault: str | None = "not asked yet"

    async def get(self, path: str, params: dict[str, str] | None = None) -> tuple[int, bytes, str]:
        """Status, body and content type of a GET below ``/api/v1/``; raises ``PrometheusUnreachableError``."""
        try:
            async with self._session.get(
                f"{self._url}/api/v1/{path}", params=params, timeout=_TIMEOUT
            ) as response:
                body = await response.content.read(_LARGEST + 1)
                while len(body) <= _LARGEST and (
                    piece := await response.content.read(_LARGEST + 1 - len(body))
                ):
                    body += piece
                if len(body) > _LARGEST:
                    raise PrometheusUnreachableError(
                        f"{self._url}/api/v1/{path} answered more than {_LARGEST} bytes"
                    )
                return response.status, body, response.content_type
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PrometheusUnreachableError(
                f"{self._url} does not answer: {type(error).__name__} {error}"
            ) from error

    async def data(self, path: str, params: dict[str, str] | None = None) -> Any:
        """The ``data`` of an answer; raises ``PrometheusUnreachableError``."""
        status, body, _ = await self.get(path, params)
        try:
            answer = msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            raise PrometheusUnreachableError(
                f"{self._url}/api/v1/{path} answered {status} without JSON"
            ) from error
        if not isinstance(answer, dict) or answer.get("status") != "success":
            said = answer.get("error") if isinstance(answer, dict) else answer
            raise PrometheusUnreachableError(f"{self._url}/api/v1/{path} answered {status}: {said}")
        return answer["data"]

    async def measure(self, query: str) -> float | None:
        """The value of an instant query's first sample, None where there is none; raises ``PrometheusUnreachableError``."""
        data = await self.data("query", {"query": query})
        result = data.get("result", [])
        if data.get("resultType") == "scalar":
            return float(result[1])
        return float(result[0]["value"][1]) if result else None

    async def poll_alerts(self, now: datetime) -> PolledAlerts | None:
        """Prometheus' alerts with the external labels put on; None where it could not be read, see ``fault``."""
        try:
            external = await self._external_labels()
            data = await self.data("alerts")
            alerts, unreadable = _alerts(data["alerts"], external)
        except (PrometheusUnreachableError, msgspec.ValidationError, LookupError, TypeError) as error:
            self.fault, self._good_since, self._good_polls, self._external = str(error), None, 0, None
            return None
        self.fault = None
        self._good_polls += 1
        self._good_since = self._good_since or now
        settled = self._good_polls >= 2 and now - self._good_since >= FRESH_FOR
        before, self._down = self._down, await self._down_targets()
        down = tuple(dict.fromkeys((*self._down, *before)))
        return PolledAlerts(
            asked_at=now,
            alerts=alerts,
            absence_counts=settled and not unreadable,
            down=down,
            unreadable=unreadable,
        )

    async def _down_targets(self) -> tuple[DownTarget, ...]:
        """Targets that do not answer; none where the source does not say."""
        try:
            active = (await self.data("targets", {"state": "active"}))["activeTargets"]
            return tuple(
                DownTarget(msgspec.convert(target["labels"], dict[str, str]))
                for target in active
                if target["health"] == "down"
            )
        except (PrometheusUnreachableError, msgspec.ValidationError, LookupError, TypeError):
            return ()

    async def _external_labels(self) -> dict[str, str]:
        if self._external is None:
            status, body, _ = await self.get("status/config")
            self._external = _labels_in_config(body) if status == 200 else {}
        return self._external


def _labels_in_config(body: bytes) -> dict[str, str]:
    try:
        config = read_yaml(msgspec.json.decode(body)["data"]["yaml"])
        labels = (config.get("global") or {}).get("external_labels") or {}
    except (msgspec.DecodeError, YamlError, LookupError, TypeError, AttributeError):
        return {}
    return {str(name): str(value) for name, value in labels.items()}


def _alerts(
    listed: list[dict[str, Any]], external: dict[str, str]
) -> tuple[tuple[PolledAlert, ...], dict[str, Exception]]:
    """Those that can be read, and what was wrong with each of the others."""
    alerts: list[PolledAlert] = []
    unreadable: dict[str, Exception] = {}
    for n, raw in enumerate(listed):
        try:
            alerts.append(_alert(raw, external))
        except (
            msgspec.ValidationError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            OverflowError,
        ) as error:
            unreadable[f"alert {n} of the source"] = error
    return tuple(alerts), unreadable


def _alert(raw: dict[str, Any], external: dict[str, str]) -> PolledAlert:
    active_at = msgspec.convert(raw["activeAt"], type=Moment) if raw.get("activeAt") else None
    posted = PostableAlert(
        labels=msgspec.convert({**external, **raw["labels"]}, type=dict[str, str]),
        annotations=msgspec.convert(raw.get("annotations", {}), type=dict[str, str]),
        startsAt=active_at.astimezone(UTC) if active_at else None,
    )
    return PolledAlert(posted, str(raw.get("state", "firing")), str(raw.get("unconfirmed", "")))
