"""supervisord: its configuration, starting it, and asking it things over its socket."""

import http.client
import os
import signal
import subprocess
import sys
import xmlrpc.client
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from alerts.wire import ServiceView
from server.api.cluster.master_client import MasterAwayError, standing
from server.stack.layout import Layout
from server.stack.local.polling import wait_until
from server.stack.local.programs import MARK, Program

_STATES = {
    "RUNNING": "running", "STARTING": "starting", "STOPPING": "stopping", "STOPPED": "stopped",
    "BACKOFF": "backoff", "FATAL": "fatal", "EXITED": "exited",
}  # fmt: skip

_STOPS_S = 60.0
_STORES = ("postgres", "redis-server")


class NotUpError(Exception):
    """No supervisord answers for this state folder."""


class BeingStoppedError(NotUpError):
    """supervisord is ending its services and does nothing else any more."""


class ServiceTroubleError(Exception):
    """supervisord could not do what was asked of a service."""


def write_config(layout: Layout, services: Iterable[Program]) -> None:
    """Write supervisord's configuration, readable by its owner alone."""
    layout.run.mkdir(parents=True, exist_ok=True)
    (layout.state / "logs").mkdir(parents=True, exist_ok=True)
    head = (
        f"[supervisord]\nnodaemon=true\npidfile={layout.run}/supervisord.pid\n"
        f"logfile={layout.log('supervisord')}\nlogfile_maxbytes=5MB\nlogfile_backups=1\nloglevel=info\n"
        f"{'user=root' + chr(10) if os.geteuid() == 0 else ''}"
        f"[unix_http_server]\nfile={layout.supervisor_socket}\nchmod=0700\n"
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    )
    text = head + "".join(_program(layout, service) for service in services)
    descriptor = os.open(layout.supervisor_config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _program(layout: Layout, service: Program) -> str:
    env = ",".join(f"{name}={_quoted_value(value)}" for name, value in sorted(service.env.items()))
    command = " ".join(_quoted(word) for word in service.argv)
    return (
        f"[program:{service.name}]\ncommand={command}\nenvironment={env}\n"
        f"directory={'/' if service.user else Path.cwd()}\n"
        f"{'user=' + service.user + chr(10) if service.user else ''}"
        f"stdout_logfile={layout.log(service.name)}\nstdout_logfile_maxbytes=20MB\nstdout_logfile_backups=3\n"
        f"redirect_stderr=true\nautostart=true\nautorestart=true\nstartsecs=1\nstartretries=20\n"
        f"stopsignal={service.stop_signal}\nstopwaitsecs={service.stop_wait_s}\nkillasgroup=true\n"
    )


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _quoted_value(value: str) -> str:
    """A value of ``environment``, where supervisord knows both kinds of quotes but no escapes."""
    quote = "'" if '"' in value else '"'
    return quote + value.replace("%", "%%") + quote


def start_supervisord(layout: Layout) -> None:
    """Start supervisord in a session of its own and wait until it answers. Raises ``NotUpError``."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ") if name in os.environ}
    with layout.log("supervisord.start").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(layout.supervisor_config)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**kept, MARK: str(layout.state), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
    if (
        not wait_until(lambda: process.poll() is not None or _answers(layout), timeout_s=20)
        or process.poll() is not None
    ):
        words = layout.log("supervisord.start").read_text(errors="replace").strip()[-400:]
        raise NotUpError(f"supervisord did not start: {words or 'no word from it'}")


def _answers(layout: Layout) -> bool:
    """Whether one answers. Raises ``BeingStoppedError``."""
    try:
        supervisor(layout).getState()
    except BeingStoppedError:
        raise
    except NotUpError:
        return False
    return True


class _Proxy:
    """supervisord's methods; that it is not there or ends is a ``NotUpError``."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def __getattr__(self, method: str) -> Any:
        def call(*args: object) -> Any:
            # Imported here: a service that runs elsewhere is operated without the libraries of the local stack.
            try:
                from supervisor.xmlrpc import Faults, SupervisorTransport
            except ImportError as error:
                raise NotUpError(
                    "the libraries of the local stack are not installed: pip install 'structured-prompt-service[local]'"
                ) from error
            transport = SupervisorTransport(None, None, f"unix://{self._layout.supervisor_socket}")
            try:
                proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
                return getattr(proxy.supervisor, method)(*args)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.SHUTDOWN_STATE:
                    raise
                raise BeingStoppedError(
                    f"the stack in {self._layout.state} is being stopped; ops up waits for that and starts it anew"
                ) from fault
            except (OSError, http.client.HTTPException) as error:
                raise NotUpError(
                    f"no stack is up in {self._layout.state}; bring it up with ops up"
                ) from error
            finally:
                transport.close()

        return call


def supervisor(layout: Layout) -> _Proxy:
    """supervisord's own methods (``getState``, ``shutdown`` …) over its socket."""
    return _Proxy(layout)


def list_services(layout: Layout) -> list[ServiceView]:
    """Every service with its state. Raises ``NotUpError``."""
    return [_view(layout, info) for info in supervisor(layout).getAllProcessInfo()]


def _view(layout: Layout, info: dict[str, Any]) -> ServiceView:
    running = info["statename"] == "RUNNING"
    uptime = float(info["now"] - info["start"]) if running else None
    state: Any = _STATES.get(info["statename"], "unknown")
    detail = "" if running else _why_not(info)
    if running and info["name"] == "api":
        detail = _workers(layout)
    return ServiceView(
        name=info["name"], state=state, pid=info["pid"] or None, uptime_s=uptime,
        url=layout.url(info["name"]), detail=detail,
    )  # fmt: skip


def _why_not(info: dict[str, Any]) -> str:
    """Why it does not run and since when, in UTC (supervisord's own description is in the machine's local time)."""
    since = f"since {datetime.fromtimestamp(info['stop'], UTC):%Y-%m-%dT%H:%M:%SZ}" if info["stop"] else ""
    exited = f"exit code {info['exitstatus']}" if info["statename"] == "EXITED" else ""
    return str(info["spawnerr"]) or " ".join(filter(None, (exited, since))) or "never started"


def _workers(layout: Layout) -> str:
    """How many workers the API has, and of which version; nothing while its master does not answer."""
    try:
        now = standing(layout.api_state)
    except MasterAwayError:
        return ""
    up = len(now.workers)
    count = f"{now.wanted} worker{'s' if now.wanted > 1 else ''}" + (
        "" if up == now.wanted else f" ({up} up)"
    )
    ending = f" until {now.until_at:%H:%M:%SZ}" if now.until_at else ""
    return f"{count}{ending}, {', '.join(sorted({worker.version for worker in now.workers}))}".rstrip(", ")


def operate(layout: Layout, verb: str, name: str) -> ServiceView:
    """Start, stop or restart one service and wait for it. Raises ``NotUpError`` and ``ServiceTroubleError``."""
    try:
        if verb in ("stop", "restart"):
            _ignoring(supervisor(layout).stopProcess, name, fault="NOT_RUNNING")
        if verb in ("start", "restart"):
            _ignoring(supervisor(layout).startProcess, name, fault="ALREADY_STARTED")
    except xmlrpc.client.Fault as fault:
        tail = log_tail(layout, name, 3)
        raise ServiceTroubleError(
            f"could not {verb} {name}: {fault.faultString}. Last words of its log: {tail}"
        ) from fault
    return next(view for view in list_services(layout) if view.name == name)


def _ignoring(call: Any, name: str, *, fault: str) -> None:
    try:
        call(name)
    except xmlrpc.client.Fault as error:
        if not str(error.faultString).startswith(fault):
            raise


def log_tail(layout: Layout, service: str, lines: int) -> str:
    """The last lines of a service's log."""
    try:
        text = layout.log(service).read_text(errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:])


def stop_everything(layout: Layout) -> None:
    """Shut supervisord down with its services, then end whatever of this stack is left."""
    try:
        pid = int(supervisor(layout).getPID())
        supervisor(layout).shutdown()
        wait_until(lambda: _is_gone(pid), timeout_s=_STOPS_S)
    except BeingStoppedError:
        wait_until_stopped(layout)
    except NotUpError:
        pass
    end_orphans(layout)


def wait_until_stopped(layout: Layout) -> None:
    """Wait for a supervisord that somebody else stops, up to a minute: until it is gone, not only deaf."""
    try:
        pid = int((layout.run / "supervisord.pid").read_text())
    except (OSError, ValueError):
        pid = 0
    wait_until(lambda: not _is_there(layout) and (not pid or _is_gone(pid)), timeout_s=_STOPS_S)


def _is_there(layout: Layout) -> bool:
    """Whether one answers, be it that it is stopping."""
    try:
        return _answers(layout)
    except BeingStoppedError:
        return True


def _is_gone(pid: int) -> bool:
    """Whether the process has ended; one that is our own child is reaped."""
    try:
        if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            return False
        os.waitpid(pid, os.WNOHANG)
    except (psutil.NoSuchProcess, ChildProcessError):
        pass
    return True


def find_orphans(layout: Layout) -> list[psutil.Process]:
    """Processes that carry this stack's mark, or whose command line names its folders.

    A program may write its title over its environment (redis-server does), so that the mark alone is not enough.
    """
    places = (f"{layout.run}/", f"{layout.state}/")
    return [
        p for p in psutil.process_iter() if p.pid != os.getpid() and _belongs(p, str(layout.state), places)
    ]


def _belongs(process: psutil.Process, state: str, places: tuple[str, ...]) -> bool:
    try:
        if process.environ().get(MARK) == state:
            return True
        # A process may end between any two of these questions.
        words, name = process.cmdline(), process.name()
    except (psutil.Error, OSError):
        return False
    return name in _STORES and any(place in f"{word}/" for word in words for place in places)


def end_orphans(layout: Layout) -> int:
    """End what a killed supervisord left behind: TERM (INT for PostgreSQL), then KILL. How many there were."""
    orphans = find_orphans(layout)
    for process in orphans:
        try:
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
        except psutil.Error:
            continue
    _, stubborn = psutil.wait_procs(orphans, timeout=15)
    for process in stubborn:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(stubborn, timeout=5)
    return len(orphans)
