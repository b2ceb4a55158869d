"""The house's modules as they are written, each read and parsed once and only when a test asks for it."""

import ast
from functools import cache
from pathlib import Path

from tests.paths import CHECKOUT

PACKAGES = ("server", "alerts", "runbooks", "web", "console")
MODULES = sorted(path for package in PACKAGES for path in (CHECKOUT / package).rglob("*.py"))


def place(path: Path) -> str:
    """``path`` as seen from the checkout."""
    return str(path.relative_to(CHECKOUT))


@cache
def text_of(path: Path) -> str:
    """What stands in the file."""
    return path.read_text()


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of the module's tree, itself the first, in the order of ``ast.walk``."""
    return tuple(ast.walk(ast.parse(text_of(path))))


def tree_of(path: Path) -> ast.Module:
    """The module's tree."""
    tree = nodes_of(path)[0]
    assert isinstance(tree, ast.Module)
    return tree
