"""Facts about the documents: links lead somewhere, settings are listed, the shelf is sound, every part says what it is."""

import ast
import re
from pathlib import Path

import pytest

from console.runbook_folder import lint_folder
from server.api.config import ApiConfig
from tests.house.source import tree_of
from tests.paths import CHECKOUT

# Whoever has parsed the sources once has them for all of these.
pytestmark = pytest.mark.xdist_group("house")

ROOT = CHECKOUT
PACKAGES = ("server", "alerts", "runbooks", "web", "console")
DOCUMENTS = sorted(
    p
    for p in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in ("var", "build") for part in p.relative_to(ROOT).parts)
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    targets = [t.partition("#")[0] for t in _LINK.findall(document.read_text()) if "://" not in t]
    assert [t for t in targets if t and not (document.parent / t).exists()] == []


def test_the_shelf_of_runbooks_is_sound() -> None:
    assert [str(fault) for fault in lint_folder(ROOT / "runbooks")] == []


def _settings() -> set[str]:
    named = {name.upper() for name in ApiConfig.__struct_fields__}
    pattern = re.compile(
        r"""(?:env\.get|env|reader\.(?:read|text|secret|first)|self\.secret|_env\.get)[(\[]\s*"([A-Z][A-Z_]+)\""""
    )
    for process in ("evaluator", "ops", "status"):
        for path in (ROOT / "server" / process).rglob("*.py"):
            named |= set(pattern.findall(path.read_text()))
    return named - {"OPS_TOKEN", "PORT", "PATH", "HOME", "TZ", "LANG", "USER", "LOGNAME", "SUDO_USER"}


def test_every_setting_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    assert (
        sorted(name for name in _settings() if not re.search(rf"^#? ?{name}=", example, re.MULTILINE)) == []
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_begins_with_a_sentence(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*.py")
        if not (ast.get_docstring(tree_of(path)) or "").rstrip().endswith((".", "!", "?", ":", "…"))
    ]
    assert silent == []


def test_no_document_names_a_place_on_somebodys_machine() -> None:
    pattern = re.compile(r"/(?:root|home)/\w+|/wor[k]/")
    named = [str(path.relative_to(ROOT)) for path in DOCUMENTS if pattern.search(path.read_text())]
    assert named == []


_COUNTED = re.compile(r"http_request(?:s_total|_duration_seconds_bucket)(?:\\?\{([^}]*)\})?\[")
_OF_ONE_HANDLER = re.compile(r"sum by \([^)]*handler[^)]*\) \(rate\($")


@pytest.mark.parametrize(
    "path",
    sorted(p for pattern in ("runbooks/**/*.md", "runbooks/*.yml", "alerts/rules/*.yml", "deploy/grafana/**/*.json", "*.md")
           for p in ROOT.glob(pattern) if p.name != "CHANGELOG.md"),
    ids=lambda path: str(path.relative_to(ROOT)),
)  # fmt: skip
def test_whatever_counts_requests_leaves_out_our_own_probes_and_scrapes(path: Path) -> None:
    """But for the commands by hand that have always stood in the index, which says what they count."""
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("curl -sG"))
    counting = [
        text[found.start() : found.end() + 20]
        for found in _COUNTED.finditer(text)
        if "handler" not in (found[1] or "") and not _OF_ONE_HANDLER.search(text[: found.start()])
    ]
    assert counting == []
