"""Bringing a local stack up and taking it down, saying what happens while it does."""

import errno
import fcntl
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from server.stack.layout import Layout
from server.stack.local.polling import wait_until
from server.stack.local.programs import services
from server.stack.local.supervisord import (
    BeingStoppedError,
    NotUpError,
    end_orphans,
    find_orphans,
    list_services,
    log_tail,
    start_supervisord,
    stop_everything,
    wait_until_stopped,
    write_config,
)
from server.stack.local.wheels import prepare_postgres, prepare_redis
from server.stack.tokens import ensure_tokens

Say = Callable[[str], None]
_READY_PATHS = {"api": "/v1/ready", "ops": "/v1/live", "status": "/healthz", "evaluator": "/-/healthy"}
_LEAST_DISK = 300 * 1024 * 1024


class CannotStartError(Exception):
    """The stack cannot come up; the message says why and the way out."""


def bring_up(layout: Layout, say: Say, extra: Mapping[str, str]) -> bool:
    """Bring the stack up, or join the one that runs. True when this call started it. Raises ``CannotStartError``.

    Interrupted (``KeyboardInterrupt``), it takes down what it has started before it passes that on.
    """
    # Of everything that is made from here on, by us and by what we start: nobody else's to read.
    os.umask(0o077)
    is_ours = False
    try:
        with _one_at_a_time(layout, say):
            if _is_up(layout, say):
                return False
            layout = layout.at_its_best
            left = find_orphans(layout)
            if left:
                say(f"ending {len(left)} processes of a stack that was killed")
                end_orphans(layout)
            _check_ports(layout)
            _check_disk(layout.state)
            is_ours = True
            try:
                _prepare(layout, say, extra)
                start_supervisord(layout)
            except (NotUpError, RuntimeError, OSError) as error:
                raise CannotStartError(str(error)) from error
            layout.remember()
        _wait_ready(layout, say)
    except KeyboardInterrupt:
        if is_ours:
            say("stopping what has come up so far")
            take_down(layout)
        raise
    return True


@contextmanager
def _one_at_a_time(layout: Layout, say: Say) -> Iterator[None]:
    try:
        layout.state.mkdir(parents=True, exist_ok=True)
        file = (layout.state / ".up.lock").open("w")
    except OSError as error:
        raise CannotStartError(
            f"{layout.state} cannot be written ({error.strerror}); choose another with --state DIR"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another ops up is at work here; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_up(layout: Layout, say: Say) -> bool:
    running = Layout.of_running(layout.state)
    if running is None:
        return False
    try:
        list_services(running)
    except BeingStoppedError:
        say("the stack that ran here is being stopped; waiting for it")
        wait_until_stopped(running)
        return False
    except NotUpError:
        return False
    if running.ports != layout.ports:
        ports = ", ".join(f"{name} {port}" for name, port in running.ports.items())
        raise CannotStartError(
            f"a stack is up in {layout.state} on other ports ({ports}); ops down first, or join it as it is"
        )
    return True


def _check_ports(layout: Layout) -> None:
    for name, port in {**layout.ports, "postgres": layout.postgres_port}.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno == errno.EACCES:
                    raise CannotStartError(
                        f"port {port} ({name}) needs rights that you lack; try ops up --port-base 8100"
                    ) from error
                raise CannotStartError(
                    f"port {port} ({name}) is taken{_holder(port)}; stop that, or use another block: ops up --port-base 8100"
                ) from error


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr
                and connection.laddr.port == port
                and connection.pid
            ):
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return ""


def _check_disk(state: Path) -> None:
    free = shutil.disk_usage(state).free
    if free < _LEAST_DISK:
        raise CannotStartError(
            f"only {free // 2**20} MB are free under {state}, {_LEAST_DISK // 2**20} are needed; "
            "free some, or choose another place with --state DIR"
        )


def _prepare(layout: Layout, say: Say, extra: Mapping[str, str]) -> None:
    _keep_to_ourselves(layout)
    ensure_tokens(layout.tokens)
    if not (layout.state / "postgres" / "made-whole").exists():
        say("making a PostgreSQL data folder")
    prepare_postgres(layout)
    prepare_redis(layout, for_others=bool(extra.get("OPS_STEP_USER") or os.environ.get("OPS_STEP_USER")))
    write_config(layout, services(layout, extra))


def _keep_to_ourselves(layout: Layout) -> None:
    """Folders as they must be, also those that an earlier version made wider.

    Others may pass through the state folder, to what is published and, as PostgreSQL's own user, to the database; they
    can list nothing in it and enter nothing else.
    """
    layout.state.chmod(0o711)
    for name in ("api", "evaluator", "ops", "logs", "redis", "backups", "releases"):
        folder = layout.state / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
    (layout.state / "public").mkdir(exist_ok=True)
    (layout.state / "public").chmod(0o755)
    layout.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if layout.run.is_symlink() or layout.run.stat().st_uid != os.geteuid():
        raise CannotStartError(f"{layout.run} is somebody else's; remove it, or choose another --state DIR")
    layout.run.chmod(0o700)


def _wait_ready(layout: Layout, say: Say) -> None:
    waiting = {service.name for service in list_services(layout)}
    trouble: list[str] = []

    def all_ready() -> bool:
        for view in list_services(layout):
            if view.name in waiting and view.state == "running" and is_ready(layout, view.name):
                waiting.discard(view.name)
                say(f"{view.name} is up" + (f" on {view.url}" if view.url else ""))
            elif view.name in waiting and view.state == "fatal":
                trouble.append(view.name)
        return not waiting or bool(trouble)

    done = wait_until(all_ready, timeout_s=90, every_s=0.1)
    if trouble or not done:
        name = trouble[0] if trouble else sorted(waiting)[0]
        raise CannotStartError(
            f"{name} does not come up; the rest runs. Its log ends: {log_tail(layout, name, 4)}\n"
            f"See ops logs {name}; then ops restart {name}, or ops down and ops up again"
        )


def is_ready(layout: Layout, name: str) -> bool:
    """Whether a service answers, or a store has its socket."""
    if name == "postgres":
        return layout.postgres_socket.exists()
    if name == "redis":
        return layout.redis_socket.exists()
    try:
        with urllib.request.urlopen(f"{layout.url(name)}{_READY_PATHS[name]}", timeout=1) as answer:  # noqa: S310  (loopback)
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def take_down(layout: Layout) -> bool:
    """Stop everything of the stack and remove sockets and pid files; False when nothing was up."""
    was_up = bool(find_orphans(layout))
    stop_everything(layout)
    shutil.rmtree(layout.run, ignore_errors=True)
    (layout.state / "stack.json").unlink(missing_ok=True)
    return was_up


def stale(layout: Layout) -> list[str]:
    """What of this stack is still on the machine: processes and sockets, for a test and for a doubtful engineer."""
    left = [f"process {process.pid} {process.name()}" for process in find_orphans(layout)]
    return left + ([str(layout.run)] if layout.run.exists() else [])


def working_state() -> Path:
    """The state folder that ``OPS_STATE`` names, else ``var`` here."""
    return Path(os.environ.get("OPS_STATE") or "var")
