"""Facts about types that threads decode: nothing of them is left to be worked out by the thread that comes first."""

import subprocess
import sys

import pytest

from tests.paths import CHECKOUT

_LOOK = """
import msgspec, sys
from alerts.wire import _below
import {module}
{start}
late = []
worked_out = msgspec._utils.get_class_annotations
def told(kind):
    late.append(f"{{kind.__module__}}.{{kind.__qualname__}}")
    return worked_out(kind)
msgspec._utils.get_class_annotations = told
for kind in list(_below(msgspec.Struct)):
    if kind.__module__.startswith({rooms}):
        try:
            msgspec.json.Decoder(kind)
        except (TypeError, NameError):
            late = [name for name in late if not name.endswith(kind.__qualname__)]
print(*sorted(set(late)))
"""
_OPS = "\n".join(
    (
        "import asyncio, os, pathlib, tempfile",
        "from server.ops.config import OpsConfig",
        "async def run(folder):",
        "    config = OpsConfig(state=pathlib.Path(folder), runbooks=pathlib.Path('runbooks'), ballast_mb=0)",
        "    async with server.ops.app.daemon(config, os.environ): pass",
        "with tempfile.TemporaryDirectory() as folder: asyncio.run(run(folder))",
    )
)
_CONSOLE = "\n".join(
    (
        "from console.ops_api.client import DaemonAccess, OpsClient",
        "console.tui.app.ConsoleApp(OpsClient(DaemonAccess('http://127.0.0.1:1', 'x')))",
    )
)


@pytest.mark.parametrize(
    ("module", "start", "rooms"),
    [
        ("alerts.wire", "", ("alerts.wire",)),
        ("runbooks.wire", "", ("alerts.wire", "runbooks.wire")),
        ("console.ops_api.client", "", ("alerts.wire", "runbooks.wire", "console.ops_api.client")),
        ("console.tui.app", _CONSOLE, ("alerts", "runbooks", "console")),
        ("server.ops.app", _OPS, ("alerts", "runbooks", "server")),
    ],
)
def test_no_thread_is_the_first_to_work_a_type_out(module: str, start: str, rooms: tuple[str, ...]) -> None:
    program = _LOOK.format(module=module, start=start, rooms=rooms)
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("", "")
