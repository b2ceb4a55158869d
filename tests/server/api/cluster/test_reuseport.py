"""Facts about steering: new connections go to the first listeners only, and what waits in the others stays there."""

import socket
import sys

import pytest

from server.api.cluster.reuseport import reuseport_among_first

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SO_ATTACH_REUSEPORT_CBPF is Linux")


def _listeners(count: int) -> list[socket.socket]:
    first = socket.create_server(("127.0.0.1", 0), backlog=256, reuse_port=True)
    address = first.getsockname()
    return [first, *(socket.create_server(address, backlog=256, reuse_port=True) for _ in range(count - 1))]


def _connect(listener: socket.socket, count: int) -> list[socket.socket]:
    return [socket.create_connection(listener.getsockname()) for _ in range(count)]


def _waiting(listener: socket.socket) -> int:
    listener.setblocking(False)
    for number in range(1000):
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return number
    raise AssertionError("more than anybody opened")


@pytest.mark.parametrize("first", [1, 2, 3])
def test_new_connections_go_to_the_first_listeners_and_to_each_of_them(first: int) -> None:
    listeners = _listeners(3)
    assert reuseport_among_first(listeners, first)
    clients = _connect(listeners[0], 90)
    waiting = [_waiting(listener) for listener in listeners]
    for each in (*clients, *listeners):
        each.close()
    assert sum(waiting) == 90
    assert [number > 0 for number in waiting] == [place < first for place in range(3)]


def test_what_waits_in_a_listener_that_gets_no_more_is_still_there() -> None:
    listeners = _listeners(2)
    assert reuseport_among_first(listeners, 2)
    before = _connect(listeners[0], 60)
    assert reuseport_among_first(listeners, 1)
    after = _connect(listeners[0], 60)
    waiting = [_waiting(listener) for listener in listeners]
    for each in (*before, *after, *listeners):
        each.close()
    assert sum(waiting) == 120
    assert 0 < waiting[1] < 60


def test_a_listener_that_is_added_gets_nothing_before_it_is_its_turn() -> None:
    listeners = _listeners(1)
    assert reuseport_among_first(listeners, 1)
    listeners.append(socket.create_server(listeners[0].getsockname(), backlog=256, reuse_port=True))
    clients = _connect(listeners[0], 60)
    waiting = [_waiting(listener) for listener in listeners]
    for each in (*clients, *listeners):
        each.close()
    assert waiting == [60, 0]
