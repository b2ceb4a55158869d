"""Ports that are told to nobody twice before they are used."""

import secrets
import subprocess
import sys

import pytest

from server.stack.drill.free_ports import PORTS, free_ports

_ANOTHER = (
    "from server.stack.drill import free_ports as module\n"
    "module.secrets.randbelow = lambda below: 0\n"
    "print(module.free_ports())"
)


def test_who_asks_next_is_told_others_although_nobody_listens_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: 0)
    told = [free_ports() for _ in range(4)]
    told.append(int(subprocess.run([sys.executable, "-c", _ANOTHER], capture_output=True, check=True).stdout))
    assert len(set(told)) == 5
    assert all(abs(one - other) >= PORTS for one in told for other in told if one != other)
