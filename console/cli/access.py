"""`ops users`, `token`, `keys`, `audit`, `approve`: who may do what, and what was done."""

import json
import sys
import urllib.error
import urllib.request
from typing import Any

import click

from console.cli.options import as_json, client_of, reaches_ops, say_json
from console.ops_api.client import CallRefusedError, OpsError, UnreachableError
from console.ops_api.which_daemon import DaemonChoice
from console.text.plain import one_line, table


@click.group()
def users() -> None:
    """People and programs that may use the ops daemon: add, list, rotate, revoke."""


@users.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice(["viewer", "responder", "approver", "admin", "ingest"]), required=True
)
@as_json
@reaches_ops
@click.pass_obj
def add(which: DaemonChoice, name: str, role: str, as_json: bool) -> None:
    """Add a user NAME; the token is shown once."""
    made = client_of(which).post_json("/v1/users", {"name": name, "role": role})
    say_json(made) if as_json else click.echo(
        f"{made['name']} ({made['role']}): {made['token']}\nshown once; keep it"
    )


@users.command("list")
@as_json
@reaches_ops
@click.pass_obj
def list_users(which: DaemonChoice, as_json: bool) -> None:
    """Every user with its role."""
    found = client_of(which).get_json("/v1/users")["users"]
    if as_json:
        say_json(found)
    else:
        rows = ((str(u["name"]), str(u["role"]), "revoked" if u.get("revoked_at") else "") for u in found)
        click.echo("\n".join(table(("NAME", "ROLE", ""), rows)))


@users.command()
@click.argument("name")
@as_json
@reaches_ops
@click.pass_obj
def rotate(which: DaemonChoice, name: str, as_json: bool) -> None:
    """Give NAME a new token; the old one ends at once."""
    made = client_of(which).post_json(f"/v1/users/{name}/rotate", {})
    say_json(made) if as_json else click.echo(f"{name}: {made['token']}\nshown once; keep it")


@users.command()
@click.argument("name")
@reaches_ops
@click.pass_obj
def revoke(which: DaemonChoice, name: str) -> None:
    """End NAME's token at once."""
    client_of(which).delete(f"/v1/users/{name}")
    click.echo(f"{name} is revoked")


@click.group()
def token() -> None:
    """The local stack's own tokens."""


@token.command()
@click.argument("name", type=click.Choice(["admin", "ingest", "metrics", "api-admin"]))
@reaches_ops
@click.pass_obj
def show(which: DaemonChoice, name: str) -> None:
    """Print a token of the local stack."""
    click.echo(which.read_token(name))


@click.group()
def keys() -> None:
    """Keys of the analyze API: create, list, revoke."""


@keys.command()
@click.argument("name")
@click.option("--rate-limit", type=click.IntRange(1), help="Requests an hour.")
@as_json
@reaches_ops
@click.pass_obj
def create(which: DaemonChoice, name: str, rate_limit: int | None, as_json: bool) -> None:
    """Create a key called NAME; it is shown once."""
    body = {"name": name, **({"rate_limit_per_hour": rate_limit} if rate_limit else {})}
    made = api_call(which, "POST", "/v1/api-keys/", body)
    if as_json:
        say_json(made)
    else:
        click.echo(
            f"{made['name']}: {made['key']}\n{made['rate_limit_per_hour']} requests an hour; shown once, keep it"
        )


@keys.command("list")
@as_json
@reaches_ops
@click.pass_obj
def list_keys(which: DaemonChoice, as_json: bool) -> None:
    """Every key, without its secret."""
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
            "" if k.get("is_active", True) else "inactive",
        )
        for k in found
    )
    click.echo("\n".join(table(("ID", "NAME", "PER HOUR", ""), rows)))


@keys.command("revoke")
@click.argument("key_id")
@reaches_ops
@click.pass_obj
def revoke_key(which: DaemonChoice, key_id: str) -> None:
    """End a key by its id."""
    api_call(which, "DELETE", f"/v1/api-keys/{key_id}")
    click.echo(f"key {key_id} is revoked")


def api_call(which: DaemonChoice, method: str, path: str, body: object = None) -> Any:
    """One admin call of the analyze API of the local stack. Raises ``OpsError``."""
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
        raise (CallRefusedError if error.code in (401, 403) else OpsError)(
            f"the API says: {message}"
        ) from error
    except OSError as error:
        raise UnreachableError(
            f"the API at {which.address('api')} does not answer ({error}); see ops ps"
        ) from error


@click.group()
def audit() -> None:
    """The journal: verify its chain, show or export it."""


@audit.command("verify")
@as_json
@reaches_ops
@click.pass_obj
def verify_chain(which: DaemonChoice, as_json: bool) -> None:
    """Check the hash chain; exit code 1 names the first bad row."""
    answer = client_of(which).get_json("/v1/audit/verify", timeout_s=120)
    if as_json:
        say_json(answer)
    else:
        click.echo(_chain_line(answer))
    sys.exit(0 if answer.get("ok") else 1)


def _chain_line(answer: dict[str, Any]) -> str:
    sound = answer["sound_until"]
    if answer["ok"]:
        return f"sound: {answer['events']} rows, up to {sound['seq']} {sound['hash'][:16]}"
    bad = answer["first_bad"]
    return (
        f"BROKEN at row {bad['seq']}: {one_line(bad['why'])} ({bad['file']}); sound up to row {sound['seq']}"
    )


@audit.command("show")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@as_json
@reaches_ops
@click.pass_obj
def show_audit(which: DaemonChoice, limit: int, as_json: bool) -> None:
    """The latest rows."""
    client = client_of(which)
    newest = client.get_json("/v1/audit?limit=1")["head"]["seq"]
    rows = client.get_json(f"/v1/audit?after={max(0, newest - limit)}&limit={limit}")["entries"]
    if as_json:
        say_json(rows)
    else:
        cells = ((str(r["seq"]), r["at"][:19] + "Z", r["actor"], r["kind"], r["object"]) for r in rows)
        click.echo("\n".join(table(("SEQ", "AT", "ACTOR", "EVENT", "OBJECT"), cells)))


@audit.command()
@reaches_ops
@click.pass_obj
def export(which: DaemonChoice) -> None:
    """Every row as NDJSON, and the head of the chain on the last line."""
    for line in client_of(which).lines("/v1/audit/export"):
        click.echo(line.rstrip(b"\n"))


@click.command()
@click.argument("approval", required=False)
@as_json
@reaches_ops
@click.pass_obj
def approve(which: DaemonChoice, approval: str | None, as_json: bool) -> None:
    """Agree to what another person asked for; without an id, what is waiting."""
    client = client_of(which)
    if approval is None:
        waiting = client.get_json("/v1/approvals")["approvals"]
        if as_json:
            say_json(waiting)
        else:
            rows = (
                (str(a["id"]), str(a["asked_by"]), str(a["title"]), str(a["expires_at"])) for a in waiting
            )
            click.echo(
                "\n".join(table(("ID", "BY", "WHAT", "UNTIL"), rows)) if waiting else "nothing is waiting"
            )
        return
    agreed = client.post_json(f"/v1/approvals/{approval}/approve", {})
    say_json(agreed) if as_json else click.echo(f"approved {approval}")


COMMANDS = {"users": users, "token": token, "keys": keys, "audit": audit, "approve": approve}
