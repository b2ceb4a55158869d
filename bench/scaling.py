"""What it costs to keep every listening socket open, and what it would cost not to: `python -m bench.scaling`."""

import socket
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path

from bench.processes import Api, api, stores, wrk
from server.api.cluster.master_client import Done, Scale, send_order
from server.api.cluster.reuseport import reuseport_among_first

_ROUNDS = 5
_WAITING = 400


def measure() -> list[str]:
    """One line each."""
    with stores() as env, api(env) as fresh, api(env) as scaled:
        state = Path(env["STATE"]) / f"api-{scaled.url.rpartition(':')[2]}"
        for workers in (6, 1):
            *_, last = send_order(state, Scale(workers=workers), wait_s=60)
            assert isinstance(last, Done), last
            assert last.ok, last.text
        kept = _ratio(fresh, scaled, _kept)
        new = _ratio(fresh, scaled, _new)
    return [
        f"hits over kept connections, one worker on 6 sockets against one on 1: {kept}",
        f"hits over new connections, the same: {new}",
        f"{_WAITING} connections that wait in two sockets, one of which is closed: {_reset(steered=False)} reset",
        f"the same, the socket left open and its connections taken by the other's worker: {_reset(steered=True)} reset",
    ]


def _ratio(fresh: Api, scaled: Api, rate: Callable[[Api], float]) -> str:
    found = []
    for service in (fresh, scaled):
        rate(service)
    for _ in range(_ROUNDS):
        alone = rate(fresh)
        found.append(rate(scaled) / alone)
    return f"{statistics.median(found):.2f} ({min(found):.2f}–{max(found):.2f})"


def _kept(service: Api) -> float:
    return wrk(f"{service.url}/v1/analyze/", service.key, seconds=2, connections=32).each_second


def _new(service: Api) -> float:
    command = ["wrk", "-t1", "-c16", "-d2", "-H", "Connection: close", f"{service.url}/v1/live"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(text.partition("Requests/sec:")[2].split()[0])


def _reset(*, steered: bool) -> int:
    """How many of the connections that nobody has accepted yet are lost when the second socket's worker goes."""
    first = socket.create_server(("127.0.0.1", 0), backlog=1024, reuse_port=True)
    second = socket.create_server(first.getsockname(), backlog=1024, reuse_port=True)
    clients = [socket.create_connection(first.getsockname()) for _ in range(_WAITING)]
    if steered:
        reuseport_among_first([first, second], 1)
        accepted = [*_accepted(first), *_accepted(second)]
    else:
        second.close()
        accepted = _accepted(first)
    for connection in accepted:
        connection.sendall(b"x")
    lost = 0
    for client in clients:
        try:
            lost += client.recv(1) != b"x"
        except ConnectionResetError:
            lost += 1
    for each in (*clients, *accepted, first, second):
        each.close()
    return lost


def _accepted(listener: socket.socket) -> list[socket.socket]:
    listener.setblocking(False)
    found: list[socket.socket] = []
    try:
        while True:
            found.append(listener.accept()[0])
    except BlockingIOError:
        return found


if __name__ == "__main__":
    print("\n".join(measure()))
