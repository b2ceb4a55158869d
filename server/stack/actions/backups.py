"""Backups of the database that really restore: `python -m server.stack.actions.backups backup|restore|list`."""

import json
import os
import shutil
import subprocess
import sys
import urllib.parse
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from server.stack.layout import Layout
from server.stack.local.lifecycle import working_state
from server.stack.local.wheels import NoWheelError, postgres_program

_KEPT = 10
_COUNTS = {
    "api_keys": "SELECT count(*) FROM api_keys",
    "request_logs": "SELECT count(*) FROM request_logs",
    "runtime_settings": "SELECT count(*) FROM runtime_settings",
}
_SWAP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{live}' AND pid <> pg_backend_pid();
ALTER DATABASE "{live}" RENAME TO "{aside}";
ALTER DATABASE "{scratch}" RENAME TO "{live}";
"""


class Store:
    """One database and the folder of its backups."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._dsn, self.folder = dsn, folder
        self.name = urllib.parse.urlsplit(dsn).path.lstrip("/") or "structured_prompt_db"

    def dsn(self, database: str) -> str:
        """The address of another database of the same server, without the password."""
        parts = urllib.parse.urlsplit(self._dsn)
        who, at, where = parts.netloc.rpartition("@")
        return urllib.parse.urlunsplit(
            parts._replace(path=f"/{database}", netloc=f"{who.partition(':')[0]}{at}{where}")
        )

    def run(self, program: str, *args: str) -> str:
        """Run a program of PostgreSQL; a failure ends us with its last words. The password never is in argv."""
        try:
            path = str(postgres_program(program))
        except NoWheelError:
            path = program
        password = urllib.parse.urlsplit(self._dsn).password
        env = {**os.environ, "PGPASSWORD": urllib.parse.unquote(password)} if password else None
        done = subprocess.run(
            [path, *args],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=3600,
            check=False,
            env=env,
        )
        if done.returncode != 0:
            _fail(f"{program} failed: {done.stderr.strip()[-500:]}")
        return done.stdout

    def sql(self, database: str, statements: str) -> str:
        """Run statements one by one, stopping at the first that fails."""
        lines = [word for line in statements.strip().splitlines() for word in ("-c", line)]
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *lines, self.dsn(database))


def _fail(message: str) -> NoReturn:
    click.echo(f"ops: {message}", err=True)
    sys.exit(1)


@click.group()
@click.option("--state", type=click.Path(path_type=Path, readable=False), default=working_state)
@click.pass_context
def main(context: click.Context, state: Path) -> None:
    """Back up, restore, list."""
    layout = Layout.of_running(state) or Layout.at(state)
    context.obj = Store(os.environ.get("DATABASE_URL") or layout.database_url, state / "backups")


@main.command()
@click.option("--check", is_flag=True, help="Only say whether there is room for it.")
@click.pass_obj
def backup(store: Store, check: bool) -> None:
    """Dump the database, and prove that the dump restores, in a database that is dropped again."""
    store.folder.mkdir(mode=0o700, exist_ok=True)
    if check:
        _check_room(store)
        return
    path = store.folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.dump"
    part = path.with_suffix(".part")
    store.run("pg_dump", "--format=custom", f"--file={part}", store.dsn(store.name))
    scratch = f"{store.name}_proof"
    store.sql("postgres", f'DROP DATABASE IF EXISTS "{scratch}"\nCREATE DATABASE "{scratch}"')
    store.run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={store.dsn(scratch)}", str(part))
    counts = _counts(store, scratch)
    store.sql("postgres", f'DROP DATABASE "{scratch}"')
    part.chmod(0o600)
    part.rename(path)
    for old in sorted(store.folder.glob("*.dump"))[:-_KEPT]:
        old.unlink()
    click.echo(f"{path.name}: {path.stat().st_size} bytes, restored once to prove it: {counts}")


def _check_room(store: Store) -> None:
    """The proof is a second database of the same size: both must fit, with a tenth to spare."""
    size = int(store.sql(store.name, f"SELECT pg_database_size('{store.name}')"))
    free = shutil.disk_usage(store.folder).free
    text = f"the database has {size / 1e6:.0f} MB, {free / 1e6:.0f} MB are free in {store.folder}"
    if free < 2.2 * size:
        _fail(f"{text}: too little for a dump and for the database in which it is proven")
    click.echo(text)


def _counts(store: Store, database: str) -> str:
    """How many rows each table that matters has."""
    return ", ".join(f"{table} {store.sql(database, query).strip()}" for table, query in _COUNTS.items())


@main.command()
@click.argument("name")
@click.option("--check", is_flag=True, help="Only say whether the backup can be read.")
@click.pass_obj
def restore(store: Store, name: str, check: bool) -> None:
    """Restore a backup beside the live database, then swap them; the old one is kept under another name."""
    path = store.folder / Path(name).name
    if not path.exists():
        known = ", ".join(p.name for p in sorted(store.folder.glob("*.dump"))) or "none"
        _fail(f"no backup {name}; there are: {known}")
    if check:
        entries = store.run("pg_restore", "--list", str(path))
        click.echo(f"{path.name} can be read: {entries.count('TABLE DATA')} tables with data")
        return
    scratch, aside = f"{store.name}_restored", f"{store.name}_before_{datetime.now(UTC):%Y%m%d_%H%M%S}"
    store.sql("postgres", f'DROP DATABASE IF EXISTS "{scratch}"\nCREATE DATABASE "{scratch}"')
    store.run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={store.dsn(scratch)}", str(path))
    click.echo(f"restored beside the live database: {_counts(store, scratch)}")
    store.sql("postgres", _SWAP.format(live=store.name, aside=aside, scratch=scratch))
    click.echo(f"swapped; what was live is kept as {aside}; the API reconnects by itself")


@main.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.pass_obj
def list_(store: Store, as_json: bool) -> None:
    """The backups there are."""
    found = sorted(store.folder.glob("*.dump"))
    if as_json:
        click.echo(json.dumps([_facts(path) for path in found]))
        return
    for path in found:
        click.echo(f"{path.name}  {path.stat().st_size} bytes")
    if not found:
        click.echo("no backups yet; ops act backup makes one")


def _facts(path: Path) -> dict[str, object]:
    kept = path.stat()
    at = datetime.fromtimestamp(int(kept.st_mtime), UTC)
    return {"name": path.name, "size_bytes": kept.st_size, "at": at.isoformat()}


if __name__ == "__main__":
    main(prog_name="python -m server.stack.actions.backups")
