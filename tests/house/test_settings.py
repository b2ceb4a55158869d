"""Facts about settings: every variable is in the example and in DEPLOYMENT.md, each with the same default."""

import re

from server.api.config import ApiConfig
from server.ops.config import OpsConfig
from server.status.__main__ import StatusConfig
from tests.paths import CHECKOUT

_ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| (?:`([^`]*)`)? ?\| (.+) \|$", re.MULTILINE)
_LINE = re.compile(r"^(#? ?)([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)
_EXAMPLES = {"OPS_INGEST_TOKEN_FILE", "OPS_METRICS_TOKEN_FILE", "EXTERNAL_LABELS", "OPS_PUBLIC"}
"""Commented lines of the example that show how a value looks and no default."""


def documented() -> dict[str, tuple[str, str]]:
    """Each variable of DEPLOYMENT.md's tables with its default and its meaning."""
    rows = {}
    for names, default, meaning in _ROW.findall((CHECKOUT / "DEPLOYMENT.md").read_text()):
        for name in re.findall(r"[A-Z][A-Z_]+", names):
            rows[name] = (default, meaning)
    return rows


def example() -> dict[str, str]:
    """Each variable of .env.example with what it shows."""
    return {name: value for _, name, value in _LINE.findall((CHECKOUT / ".env.example").read_text())}


def test_the_example_and_the_document_name_the_same_variables() -> None:
    assert sorted(set(documented()) ^ set(example())) == []


def test_the_example_and_the_document_show_the_same_defaults() -> None:
    shown = {
        name: (value, documented()[name][0]) for name, value in example().items() if name not in _EXAMPLES
    }
    assert {name: both for name, both in shown.items() if both[0] != both[1]} == {}


def test_every_meaning_is_said() -> None:
    assert [name for name, (_, meaning) in documented().items() if not meaning.strip(" |")] == []


def test_the_defaults_are_the_codes() -> None:
    """What the document says, read as if it were set, comes to what there is when nothing is set."""
    said = {name: default for name, (default, _) in documented().items() if default}
    assert ApiConfig.from_env(said) == ApiConfig()
    assert StatusConfig.from_env(said) == StatusConfig.from_env({})
    ops = {name: value for name, value in said.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    local = OpsConfig.from_env(
        {**ops, "STATUS_HOLD_DOWN": "0s", "STATUS_CLEARS_AFTER": "15s", "RUNBOOKS_DIR": ""}
    )
    assert local == OpsConfig.from_env({})
