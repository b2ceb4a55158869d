"""After an incident: is the service really well? `python -m server.stack.verify.verify` asks it as a caller would."""

import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from server.stack.analyze_client import ApiClient
from server.stack.layout import Layout
from server.stack.local.lifecycle import working_state
from server.stack.tokens import read_token, write_token
from server.stack.verify.light_load import SECONDS, NoResultError, light_load

KEY_NAME, LOAD_KEY_NAME = "ops-verify", "ops-load-test"
_GIVEN = {KEY_NAME: "API_CHECK_KEY", LOAD_KEY_NAME: "API_LOAD_KEY"}
"""The variables in which a step has them: it may run as a user who cannot read their files."""
_LOAD_LIMIT = 100_000_000
"""Requests an hour: a load test must not measure its own limit."""
_SERVER_ERRORS = re.compile(r'^http_requests_total\{[^}]*status="5\d\d"[^}]*\} ([0-9.e+]+)', re.MULTILINE)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One question and its answer."""

    name: str
    state: Literal["ok", "degraded", "failed"]
    text: str
    took_ms: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Every answer, and what they come to."""

    state: Literal["ok", "degraded", "failed"]
    checks: tuple[Check, ...]


class VerificationFailedError(Exception):
    """What a check found; ``degraded`` where the service still serves."""

    def __init__(self, text: str, *, degraded: bool = False) -> None:
        super().__init__(text)
        self.degraded = degraded


class VerifiedService:
    """The service under verification, as its addresses and secrets."""

    def __init__(
        self, api_url: str, prometheus_url: str, admin_token: str, keys: Path, metrics_token: str = ""
    ) -> None:
        self.url = api_url
        self._api, self._prometheus = ApiClient(api_url), ApiClient(prometheus_url)
        self._admin_token, self._keys = admin_token, keys
        self._metrics_token = metrics_token

    def health(self) -> str:
        """What the API says of itself and its dependencies."""
        status, answer = self._api.call("GET", "/v1/health", headers=self._metrics_header())
        # Beyond loopback the parts are told to METRICS_TOKEN alone.
        parts = answer.get("dependencies") or {}
        words = ", ".join(f"{name} {info.get('status')}" for name, info in parts.items())
        words = words or "of its parts it tells METRICS_TOKEN alone"
        text = f"{answer.get('status', f'HTTP {status}')}: {words}"
        if answer.get("status") == "healthy":
            return text
        raise VerificationFailedError(text, degraded=answer.get("status") == "degraded")

    def analyze(self) -> str:
        """A real call with a key of its own."""
        status, answer = self._analyze(self._key())
        if status == 401:
            (self._keys / KEY_NAME).unlink(missing_ok=True)
            status, answer = self._analyze(self._key())
        if status == 429:
            raise VerificationFailedError("the key ops-verify is over its limit", degraded=True)
        if status != 200 or not answer.get("validated"):
            raise VerificationFailedError(
                f"HTTP {status}: {answer.get('error', {}).get('message', 'not validated')}"
            )
        return f"intent {answer['data'].get('intent')}, {answer['llm_provider']}, {answer['latency_ms']} ms"

    def metrics(self) -> str:
        """Metrics exist, and Prometheus has them."""
        if "http_requests_total" not in self._api.text("/v1/metrics", self._metrics_header()):
            raise VerificationFailedError("/v1/metrics has no http_requests_total")
        query = urllib.parse.quote('up{job="api"}')
        try:
            _, answer = self._prometheus.call("GET", f"/api/v1/query?query={query}")
            result = answer["data"]["result"]
        except (OSError, KeyError) as error:
            raise VerificationFailedError(
                f"exported, but Prometheus does not answer ({error})", degraded=True
            ) from error
        if not result or result[0]["value"][1] != "1":
            raise VerificationFailedError(
                "exported, but Prometheus has no good scrape of the API yet", degraded=True
            )
        return "exported and scraped"

    def load(self, seconds: int = SECONDS) -> str:
        """Five callers for a while."""
        try:
            light = light_load(self.url, self.load_key(), seconds=seconds)
        except NoResultError as error:
            raise VerificationFailedError(f"not measured: {error}", degraded=True) from error
        if not light.good:
            raise VerificationFailedError(str(light))
        return str(light)

    def server_errors(self) -> float:
        """How many 5xx the API has answered since it started."""
        return sum(
            float(value)
            for value in _SERVER_ERRORS.findall(self._api.text("/v1/metrics", self._metrics_header()))
        )

    def _metrics_header(self) -> dict[str, str]:
        """What an API that listens beyond loopback asks for before it tells details."""
        return {"Authorization": f"Bearer {self._metrics_token}"} if self._metrics_token else {}

    def _analyze(self, key: str) -> tuple[int, dict[str, Any]]:
        return self._api.analyze("Test after incident", key=key, cache_ttl=0)

    def load_key(self) -> str:
        """A key whose limit no load test reaches, made where there is none. Raises ``VerificationFailedError`` and ``OSError``."""
        kept = self._keys / LOAD_KEY_NAME
        if (
            _GIVEN[LOAD_KEY_NAME] not in os.environ
            and kept.exists()
            and self._analyze(read_token(kept))[0] == 401
        ):
            kept.unlink()
        return self._key(LOAD_KEY_NAME, _LOAD_LIMIT)

    def _key(self, name: str = KEY_NAME, limit: int | None = None) -> str:
        if given := os.environ.get(_GIVEN[name]):
            return given
        if (self._keys / name).exists():
            return read_token(self._keys / name)
        headers = {"Authorization": f"Bearer {self._admin_token}"}
        wanted = {"name": name, "rate_limit_per_hour": limit}
        status, made = self._api.call("POST", "/v1/api-keys/", wanted, headers)
        if status not in (200, 201):
            raise VerificationFailedError(
                f"no key could be made: HTTP {status} {made.get('error', {}).get('message', '')}"
            )
        write_token(self._keys / name, made["key"])
        return str(made["key"])


def verify(
    service: VerifiedService, only: str | None = None, *, load: bool = False, seconds: int = SECONDS
) -> Report:
    """Ask everything, and count the 5xx that came while we asked; or ``only`` one thing."""
    if only == "health":
        return _report([_checked("health", service.health)])
    if only == "load":
        return _report([_checked("load", lambda: _measured(service, seconds))])
    try:
        before = service.server_errors()
    except OSError:
        before = 0.0
    checks = [
        _checked("health", service.health),
        _checked("analyze", service.analyze),
        _checked("metrics", service.metrics),
        *([_checked("load", lambda: service.load(seconds))] if load else []),
    ]
    checks.append(_checked("errors", lambda: _no_new_errors(before, service.server_errors())))
    return _report(checks)


def _measured(service: VerifiedService, seconds: int) -> str:
    """A load test that was asked for by itself and could not be made has failed."""
    try:
        return service.load(seconds)
    except VerificationFailedError as wrong:
        raise VerificationFailedError(str(wrong)) from wrong


def _no_new_errors(before: float, after: float) -> str:
    if after > before:
        raise VerificationFailedError(f"{after - before:.0f} new server errors while verifying")
    return f"no new server errors ({after:.0f} since the API started)"


def _checked(name: str, ask: Callable[[], str]) -> Check:
    started = time.monotonic()
    state: Literal["ok", "degraded", "failed"] = "ok"
    try:
        text = ask()
    except VerificationFailedError as wrong:
        state, text = ("degraded" if wrong.degraded else "failed"), str(wrong)
    except OSError as error:
        state, text = "failed", f"no answer ({getattr(error, 'reason', error)})"
    return Check(name=name, state=state, text=text, took_ms=round((time.monotonic() - started) * 1000, 1))


def _report(checks: list[Check]) -> Report:
    states = {check.state for check in checks}
    worst: Literal["ok", "degraded", "failed"] = "ok"
    if states != {"ok"}:
        worst = "failed" if "failed" in states else "degraded"
    return Report(state=worst, checks=tuple(checks))


def service_of(state: Path) -> VerifiedService:
    """The service that the environment names, else the local stack's in ``state``."""
    layout = Layout.of_running(state) or Layout.at(state)
    token_file = Path(os.environ.get("API_ADMIN_TOKEN_FILE") or layout.tokens / "api-admin")
    return VerifiedService(
        os.environ.get("API_URL") or layout.url("api") or "",
        os.environ.get("PROMETHEUS_URL") or layout.url("evaluator") or "",
        read_token(token_file) if os.access(token_file, os.R_OK) else os.environ.get("ADMIN_TOKEN", ""),
        token_file.parent,
        os.environ.get("METRICS_TOKEN", ""),
    )


@click.command()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.option("--json", "as_json", is_flag=True)
@click.option("--only", type=click.Choice(["health", "load"]))
@click.option("--load", is_flag=True, help="The light load test too: five callers, a minute.")
@click.option("--seconds", type=click.IntRange(1, 600), default=SECONDS, help="How long the load test lasts.")
def main(state: Path, as_json: bool, only: str | None, load: bool, seconds: int) -> None:
    """Verify, print, and end with 0 when all is well (degraded: 0 too, said plainly), else 1."""
    service = service_of(state)
    report = verify(service, only, load=load, seconds=seconds)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        for check in report.checks:
            mark = {"ok": "ok ", "degraded": "!  ", "failed": "!! "}[check.state]
            click.echo(f"{mark}{check.name:<8} {check.text}  ({check.took_ms:.0f} ms)")
        click.echo(f"verdict: {report.state}")
    sys.exit(1 if report.state == "failed" else 0)


if __name__ == "__main__":
    main()
