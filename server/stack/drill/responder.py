"""The engineer of a drill: everything is done through the ops API, as a person would do it."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
import msgspec

from alerts.wire import AlertView, IncidentView, Moment, StreamMeta
from runbooks.wire import ExecutionRequest, ExecutionView, RunbookView


class DrillFailedError(Exception):
    """The drill cannot go on; the message says what did not happen."""


class _Alerts(msgspec.Struct):
    alerts: tuple[AlertView, ...]
    meta: StreamMeta


class _Executions(msgspec.Struct):
    executions: tuple[ExecutionView, ...]


class _Loop(msgspec.Struct):
    last_success_at: Moment | None = None


class _Health(msgspec.Struct):
    parts: dict[str, str]
    loops: dict[str, _Loop]


class Responder:
    """Calls of the ops API of one drill stack."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session, self._url = session, url
        self._headers = {"Authorization": f"Bearer {token}"}

    async def alerts(self) -> _Alerts:
        """Everything unresolved, and the daemon's word about its source."""
        return msgspec.json.decode(await self._call("GET", "/v1/alerts"), type=_Alerts)

    async def alert(self, name: str) -> AlertView | None:
        """An unresolved alert by name."""
        return next(
            (a for a in (await self.alerts()).alerts if a.alertname == name and a.state != "resolved"), None
        )

    async def acknowledge(self, incident_id: int) -> IncidentView:
        """Take the incident."""
        return msgspec.json.decode(
            await self._call("POST", f"/v1/incidents/{incident_id}/ack", {}), type=IncidentView
        )

    async def incident(self, incident_id: int) -> IncidentView:
        """The incident as it is now."""
        return msgspec.json.decode(await self._call("GET", f"/v1/incidents/{incident_id}"), type=IncidentView)

    async def audited_paging(self, *, since: datetime) -> bool:
        """Whether the daemon has audited its paging since then. Raises ``DrillFailedError`` where that found something late."""
        health = msgspec.json.decode(await self._call("GET", "/v1/health"), type=_Health)
        said = health.parts.get("paging", "")
        if said != "ok":
            raise DrillFailedError(f"paging is not well: {said}")
        audited_at = health.loops["paging audit"].last_success_at
        return audited_at is not None and audited_at > since

    async def executions(self) -> tuple[ExecutionView, ...]:
        """Everything that was run, the first first."""
        found = msgspec.json.decode(await self._call("GET", "/v1/executions?limit=1000"), type=_Executions)
        return found.executions[::-1]

    async def runbook(self, runbook_id: str) -> RunbookView:
        """The runbook as the daemon reads it."""
        return msgspec.json.decode(await self._call("GET", f"/v1/runbooks/{runbook_id}"), type=RunbookView)

    async def run_step(
        self,
        runbook: str,
        step: str,
        incident_id: int | None,
        *,
        params: Mapping[str, str] | None = None,
        timeout_s: float = 150,
    ) -> ExecutionView:
        """Plan a step, confirm what was shown, run it, and wait for its end."""
        request = ExecutionRequest(
            execution_id=f"drill-{secrets.token_hex(8)}",
            runbook=runbook,
            step=step,
            params=dict(params or {}),
            incident_id=incident_id,
        )
        return await self._run(request, f"step {step}", timeout_s)

    async def run_action(
        self, action: str, *, maintenance_id: int | None = None, timeout_s: float = 150
    ) -> ExecutionView:
        """Run an action past the runbooks, for a maintenance window, and wait for its end."""
        request = ExecutionRequest(
            execution_id=f"drill-{secrets.token_hex(8)}", action=action, maintenance_id=maintenance_id
        )
        return await self._run(request, action, timeout_s)

    async def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Any other call; raises ``DrillFailedError`` where it is refused."""
        return await self._call(method, path, body)

    async def _run(self, request: ExecutionRequest, what: str, timeout_s: float) -> ExecutionView:
        planned = msgspec.json.decode(
            await self._call("POST", "/v1/executions/plan", request), type=ExecutionView
        )
        confirm = (
            None if planned.kind == "read" else planned.action if planned.kind == "change" else planned.object
        )
        request = msgspec.structs.replace(request, digest=planned.digest, confirm=confirm)
        run = msgspec.json.decode(await self._call("POST", "/v1/executions", request), type=ExecutionView)
        deadline = time.monotonic() + timeout_s
        while run.state == "running":
            if time.monotonic() > deadline:
                raise DrillFailedError(f"{what} has not ended within {timeout_s:.0f} s")
            await self._call("GET", f"/v1/executions/{run.execution_id}/output?stdout=0&stderr=0&wait=1")
            run = msgspec.json.decode(
                await self._call("GET", f"/v1/executions/{run.execution_id}"), type=ExecutionView
            )
        return run

    async def output(self, execution_id: str) -> str:
        """What a finished step printed."""
        raw = await self._call("GET", f"/v1/executions/{execution_id}/output?stdout=0&stderr=0&wait=0")
        answer: dict[str, Any] = msgspec.json.decode(raw)
        return str(answer["stdout"]["data"] + answer["stderr"]["data"])

    async def _call(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else msgspec.json.encode(body)
        headers = {**self._headers, "Content-Type": "application/json"}
        try:
            async with self._session.request(method, self._url + path, data=data, headers=headers) as answer:
                raw = await answer.read()
                if answer.status >= 400:
                    raise DrillFailedError(
                        f"{method} {path} was answered {answer.status}: {raw[:300].decode(errors='replace')}"
                    )
                return raw
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DrillFailedError(f"the ops daemon did not answer {method} {path}: {error}") from error


async def until(what: str, timeout_s: float, holds: Callable[[], Any]) -> float:
    """Ask until ``holds`` (a coroutine function) is true; seconds it took. Raises ``DrillFailedError`` naming ``what``."""
    started = time.monotonic()
    while not await holds():
        if time.monotonic() - started > timeout_s:
            raise DrillFailedError(f"{what} did not happen within {timeout_s:.0f} s")
        await asyncio.sleep(0.2)
    return time.monotonic() - started
