"""What every test may rely on: no proxy, no colour, UTC, and a loud word about peers that are missing."""

import gc
import os
import shutil
import tempfile

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

# A machine that does other things too makes an example slow, and no fact false.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "OPS_URL", "OPS_TOKEN", "OPS_STATE"):
    os.environ.pop(name, None)
os.environ["TZ"] = "UTC"
_SETTINGS = tempfile.TemporaryDirectory(prefix="sps-settings-")
"""Where keys of journals go that a test does not name: never into the settings of whoever runs the tests."""
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = _SETTINGS.name


# Thousands of tests and their modules stay to the end: the collector need not look at them again and again.
gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share the local stack are one worker's: one stack comes up, and no other runs beside it."""
    for item in items:
        if "local_stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))
        group = item.get_closest_marker("xdist_group")
        if group is not None and getattr(config.option, "loadgroup", False):
            # pytest-xdist 3.8 writes the group where pytest 9.2 no longer reads it, and deals the tests out as if there were none.
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    _SETTINGS.cleanup()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--chaos-rounds", type=int, default=20, help="kill -9 rounds in the slow suite")
    parser.addoption("--soak-minutes", type=float, default=1, help="how long the slow suite's soak lasts")


@pytest.fixture(scope="session")
def peer() -> "Peer":
    return Peer(required=os.environ.get("SPS_REQUIRE_PEERS") == "1")


class Peer:
    """Finds programs that tests compare with; where they are required, a missing one fails."""

    def __init__(self, *, required: bool) -> None:
        self._required = required

    def find(self, program: str) -> str:
        """The path of ``program``; skips the test where it is missing and not required."""
        path = shutil.which(program)
        if path is None:
            if self._required:
                pytest.fail(f"{program} is required here and is not installed")
            pytest.skip(f"{program} is not on this machine; install it to compare with it")
        return path
