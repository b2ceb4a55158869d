"""Facts about imports that a linter on the source cannot see: what is loaded at run time."""

import subprocess
import sys

import pytest


def _loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    return set(subprocess.check_output([sys.executable, "-c", program], text=True).split())


@pytest.mark.parametrize(
    ("statement", "never"),
    [
        ("import console.cli.main", {"aiopg", "textual", "rich", "aiohttp", "server"}),
        ("import alerts.wire, alerts.fingerprint", {"aiohttp", "server", "sqlite3"}),
        ("import runbooks.wire", {"aiohttp", "server", "sqlite3"}),
    ],
)
def test_importing_one_part_of_the_house_does_not_load_another(statement: str, never: set[str]) -> None:
    assert not _loaded_by(statement) & never
