"""Tuning the running API: `python -m server.stack.actions.settings …`, live within a second, for a while or for good."""

import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from server.stack.layout import Layout
from server.stack.local.lifecycle import working_state
from server.stack.tokens import read_token

_BREAKERS = re.compile(r'^llm_breaker_open\{provider="([^"]+)"\} ([0-9.e+]+)', re.MULTILINE)


class SettingsApi:
    """The admin side of the API."""

    def __init__(self, url: str, token: str, *, only_checks: bool = False) -> None:
        self._url, self._token = url, token
        self.only_checks = only_checks
        """Whether the program is to say what is in force, and to change nothing."""

    def settings(self) -> dict[str, Any]:
        """The settings in force."""
        return dict(self.call("GET", "/v1/settings")["settings"])

    def change(self, values: Mapping[str, Any], seconds: int | None) -> None:
        """Put settings in force, with an end where ``seconds`` are given."""
        until = None if seconds is None else (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
        self.call("PATCH", "/v1/settings", {**values, **({"until": until} if until else {})})

    def all_keys(self) -> list[dict[str, Any]]:
        """Every API key."""
        found: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            page = self.call("GET", "/v1/api-keys/" + (f"?after={after}" if after else ""))
            found += page["keys"]
            after = page.get("next_after")
        return found

    def breakers(self) -> dict[str, bool]:
        """Every provider, and whether its breaker is open; empty where the metrics are not ours to read."""
        try:
            with urllib.request.urlopen(f"{self._url}/v1/metrics", timeout=15) as answer:  # noqa: S310
                text = str(answer.read().decode())
        except OSError:
            return {}
        return {name: float(value) > 0 for name, value in _BREAKERS.findall(text)}

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call; every fault ends the program with one sentence."""
        request = urllib.request.Request(  # noqa: S310  (the address is the operator's own)
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            _fail(f"the API says {error.code}: {_message(error.read())}")
        except OSError as error:
            _fail(f"the API at {self._url} does not answer ({error}); start it first: ops act start-api")


def _message(raw: bytes) -> str:
    try:
        return str(json.loads(raw)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return raw[:200].decode(errors="replace")


def _fail(message: str) -> NoReturn:
    click.echo(f"ops: {message}", err=True)
    sys.exit(1)


def _checked(api: SettingsApi, text: str) -> None:
    """End the program here where it was only to check; ``text`` is what it found."""
    if api.only_checks:
        click.echo(text)
        sys.exit(0)


def _seconds(text: str | None) -> int | None:
    return int(text.removesuffix("s")) if text else None


@click.group()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.option("--check", is_flag=True, help="Say what is in force now, and change nothing.")
@click.pass_context
def main(context: click.Context, state: Path, check: bool) -> None:
    """Settings, limits, providers, blocked clients."""
    layout = Layout.of_running(state) or Layout.at(state)
    token_file = Path(os.environ.get("API_ADMIN_TOKEN_FILE") or layout.tokens / "api-admin")
    if not token_file.exists():
        _fail(f"no admin token of the API in {token_file}")
    url = os.environ.get("API_URL") or layout.url("api") or ""
    context.obj = SettingsApi(url, read_token(token_file), only_checks=check)


@main.command("cache-ttl")
@click.argument("seconds", type=click.IntRange(0, 86_400))
@click.option("--for", "for_")
@click.pass_obj
def cache_ttl(api: SettingsApi, seconds: int, for_: str | None) -> None:
    """How long answers stay in the cache."""
    before = api.settings()["cache_default_ttl"]
    _checked(api, f"the cache TTL is {before} s now")
    api.change({"cache_default_ttl": seconds}, _seconds(for_))
    click.echo(f"cache TTL {before} s → {api.settings()['cache_default_ttl']} s" + _ending(for_))


@main.command("rate-limit")
@click.argument("per_hour", type=click.IntRange(1))
@click.option("--key", help="One key by its name or id; without it, the default of all keys.")
@click.option("--for", "for_")
@click.pass_obj
def rate_limit(api: SettingsApi, per_hour: int, key: str | None, for_: str | None) -> None:
    """Requests an hour, of one key or by default."""
    if key is None:
        before = api.settings()["default_rate_limit"]
        _checked(api, f"the default limit is {before} requests an hour now")
        api.change({"default_rate_limit": per_hour}, _seconds(for_))
        click.echo(f"default limit {before} → {per_hour} requests an hour" + _ending(for_))
        return
    if for_:
        _fail(
            "the limit of one key has no end of its own; leave out --for, and set it back with the same action"
        )
    chosen = _key(api, key)
    _checked(api, f"the limit of {chosen['name']} is {chosen['rate_limit_per_hour']} requests an hour now")
    api.call("PATCH", f"/v1/api-keys/{chosen['id']}", {"rate_limit_per_hour": per_hour})
    click.echo(f"limit of {chosen['name']} {chosen['rate_limit_per_hour']} → {per_hour} requests an hour")


@main.command("provider")
@click.argument("name")
@click.option("--for", "for_")
@click.pass_obj
def provider(api: SettingsApi, name: str, for_: str | None) -> None:
    """Which provider is tried first."""
    before = api.settings()["provider_order"]
    if api.only_checks:
        breakers = api.breakers()
        if breakers and name not in breakers:
            _fail(f"there is no provider {name}; there are {', '.join(sorted(breakers))}")
        if breakers.get(name):
            _fail(f"the breaker of {name} is open: its own calls fail, so that it cures nothing")
        _checked(
            api,
            f"first now: {before[0] if before else 'in configured order'}; {name} {'can be asked' if breakers else 'could not be looked up'}",
        )
    api.change({"provider_order": [name, *(other for other in before if other != name)]}, _seconds(for_))
    click.echo(f"providers {', '.join(before) or 'in configured order'} → {name} first" + _ending(for_))


@main.command("block")
@click.argument("client")
@click.option("--for", "for_")
@click.pass_obj
def block(api: SettingsApi, client: str, for_: str | None) -> None:
    """Refuse every request of one key."""
    chosen = _key(api, client)
    blocked = api.settings()["blocked_clients"]
    _checked(
        api, f"{chosen['name']} is {'blocked already' if chosen['id'] in blocked else 'not blocked now'}"
    )
    api.change({"block": [chosen["id"]]}, _seconds(for_))
    click.echo(f"{chosen['name']} is blocked" + _ending(for_))


@main.command("unblock")
@click.argument("client")
@click.pass_obj
def unblock(api: SettingsApi, client: str) -> None:
    """Let a blocked key in again."""
    chosen = _key(api, client)
    _checked(api, f"{len(api.settings()['blocked_clients'])} clients are blocked now")
    api.change({"unblock": [chosen["id"], chosen["name"]]}, None)
    click.echo(f"{chosen['name']} is let in again")


def _key(api: SettingsApi, name: str) -> dict[str, Any]:
    found = [key for key in api.all_keys() if name in (key["id"], key["name"], key["key_prefix"])]
    if len(found) != 1:
        _fail(f"{len(found) or 'no'} keys are called {name}; see ops keys list and give an id")
    return found[0]


def _ending(for_: str | None) -> str:
    seconds = _seconds(for_)
    if seconds is None:
        return ""
    return f", until {datetime.now(UTC) + timedelta(seconds=seconds):%H:%M:%SZ}"


if __name__ == "__main__":
    main(prog_name="python -m server.stack.actions.settings")
