"""What forked programs find done: every module of the console and the ops daemon is imported, and a daemon has run once."""

import gc
import os
import pkgutil
import tempfile
from importlib import import_module
from pathlib import Path

import uvloop

import console.cli
from server.ops.app import daemon
from server.ops.config import OpsConfig
from tests.paths import CHECKOUT


async def _run_once(state: Path) -> None:
    """Whatever a daemon reads, compiles and keeps at its first start is kept for those that are forked."""
    config = OpsConfig(
        state=state, runbooks=CHECKOUT / "runbooks", ballast_mb=0, prometheus_url="http://127.0.0.1:1"
    )
    async with daemon(config, os.environ):
        pass


for _module in pkgutil.walk_packages(console.cli.__path__, "console.cli."):
    import_module(_module.name)
with tempfile.TemporaryDirectory(prefix="sps-preloaded-") as _folder:
    uvloop.run(_run_once(Path(_folder)))
gc.collect()
gc.freeze()
