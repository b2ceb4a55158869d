"""`ops keys`: keys of the analyze API."""

import json
import urllib.parse
from typing import Any

import click

from console.cli.answer import say
from console.cli.columns import listed, tabular
from console.cli.noun import NounGroup
from console.cli.options import as_json, reaches_ops, say_json
from console.ops_api.client import error_kind
from console.ops_api.errors import NotThereError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice


@click.group(cls=NounGroup, alone="list")
def keys() -> None:
    """Keys of the analyze API: create, list, revoke.

    \b
    Examples:
      ops keys create demo --rate-limit 500
    """


@keys.command()
@click.argument("name")
@click.option("--rate-limit", type=click.IntRange(1), help="Requests an hour.")
@as_json
@reaches_ops
@click.pass_obj
def create(which: DaemonChoice, name: str, rate_limit: int | None, as_json: bool) -> None:
    """Create a key called NAME; it is shown once.

    \b
    Examples:
      ops keys create demo --rate-limit 500
    """
    body = {"name": name, **({"rate_limit_per_hour": rate_limit} if rate_limit else {})}
    made = api_call(which, "POST", "/v1/api-keys/", body)
    if as_json:
        say_json(made)
    else:
        say(
            f"{made['name']}: {made['key']}\n{made['rate_limit_per_hour']} requests an hour; shown once, keep it",
            str(made["key"]),
        )


@keys.command("list")
@tabular
@as_json
@reaches_ops
@click.pass_obj
def list_keys(which: DaemonChoice, as_json: bool) -> None:
    """Every key, without its secret.

    \b
    Examples:
      ops keys list
    """
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = api_call(which, "GET", f"/v1/api-keys/{after and f'?after={after}'}")
        found += page["keys"]
        after = page.get("next_after")
    if as_json:
        say_json(found)
        return
    rows = (
        (
            str(k["id"]),
            str(k["name"]),
            str(k["rate_limit_per_hour"]),
            "active" if k.get("is_active", True) else "inactive",
        )
        for k in found
    )
    head, names = ("ID", "NAME", "PER HOUR", "STATE"), (str(k["id"]) for k in found)
    text = listed(head, rows, names=names, empty="there is no key yet; ops keys create NAME makes one")
    say(text, *text.splitlines())


@keys.command("revoke")
@click.argument("key_id")
@as_json
@reaches_ops
@click.pass_obj
def revoke_key(which: DaemonChoice, key_id: str, as_json: bool) -> None:
    """End a key by its id.

    \b
    Examples:
      ops keys revoke 7
    """
    if not key_id.strip():
        raise NotThereError("a key has an id; ops keys list has them")
    api_call(which, "DELETE", f"/v1/api-keys/{urllib.parse.quote(key_id, safe='')}")
    say_json({"id": key_id, "revoked": True}) if as_json else say(f"key {key_id} is revoked", key_id)


def api_call(which: DaemonChoice, method: str, path: str, body: object = None) -> Any:
    """One admin call of the analyze API of the local stack. Raises ``OpsError``."""
    # Imported when a key is asked about: no other command goes past the ops API.
    import urllib.error
    import urllib.request

    url = f"{which.address('api')}{path}"
    request = urllib.request.Request(  # noqa: S310  (the address is the stack's own)
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {which.read_token('api-admin')}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        raw = error.read()
        try:
            message = json.loads(raw)["error"]["message"]
        except (ValueError, KeyError, TypeError):
            message = raw[:200].decode(errors="replace")
        raise error_kind(error.code)(f"the API says: {message}") from error
    except OSError as error:
        raise UnreachableError(
            f"the API at {which.address('api')} does not answer ({error}); see ops ps"
        ) from error


COMMANDS = {"keys": keys}
