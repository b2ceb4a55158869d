"""A store that is written to by hand is held, also right after another hold of it has ended."""

import os
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from console.cli.services.direct import hold_store
from console.ops_api.errors import CallRefusedError
from console.ops_api.which_daemon import DaemonChoice
from runbooks.wire import ExecutionRequest, ExecutionView

_GONE = 2**22 + 1
"""No process has this number: it is above the kernel's highest."""


def _hold(pid: int) -> ExecutionView:
    return ExecutionView(
        execution_id="hold-00000001", state="running", kind="change", title="Keep other changes off", actor="admin",
        argv=(), digest="", requested_at=datetime(2026, 3, 1, tzinfo=UTC), action="hold-postgres",
        params={"pid": str(pid)},
    )  # fmt: skip


class Refused:
    """A daemon that refuses the first times, and what it says runs after each of them."""

    def __init__(self, *looks: tuple[ExecutionView, ...]) -> None:
        self._looks = list(looks)
        self.asked = 0
        self.held = False

    def plan(self, request: ExecutionRequest) -> ExecutionView:
        self.asked += 1
        if self._looks:
            raise CallRefusedError("service:postgres is held by admin for 0 s")
        return _hold(os.getpid())

    def execute(self, request: ExecutionRequest) -> None:
        self.held = True

    def executions(self, limit: int) -> tuple[ExecutionView, ...]:
        return self._looks.pop(0)


def _held(monkeypatch: pytest.MonkeyPatch, daemon: Refused) -> None:
    monkeypatch.setattr("console.cli.services.direct.client_of", lambda which: daemon)
    hold_store(cast(DaemonChoice, cast(Any, None)), "postgres")


@pytest.mark.parametrize(
    "looks", [((_hold(_GONE),),), ((),), ((_hold(_GONE),), (_hold(_GONE),), ())], ids=["seen", "gone", "both"]
)
def test_a_hold_whose_process_has_ended_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, looks: tuple[tuple[ExecutionView, ...], ...]
) -> None:
    daemon = Refused(*looks)
    _held(monkeypatch, daemon)
    assert daemon.held
    assert daemon.asked == len(looks) + 1


def test_a_hold_of_a_process_that_lives_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = Refused((_hold(os.getpid()),), ())
    with pytest.raises(CallRefusedError):
        _held(monkeypatch, daemon)
    assert daemon.asked == 1


def test_another_change_that_holds_the_store_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = Refused((), ())
    with pytest.raises(CallRefusedError):
        _held(monkeypatch, daemon)
    assert daemon.asked == 2
