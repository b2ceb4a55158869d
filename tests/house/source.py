"""The house's modules as they are written, each read and parsed once and only when a test asks for it."""

import ast
import gc
from collections.abc import Iterable
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
def tree_of(path: Path) -> ast.Module:
    """The module's tree."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text_of(path))
    finally:
        # Trees stay to the end and are many: neither their making nor any later test waits for a look at all of them.
        gc.freeze()
        if collects:
            gc.enable()


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of the module's tree, itself the first, in the order of ``ast.walk``."""
    return tuple(ast.walk(tree_of(path)))


@cache
def statements_of(path: Path) -> tuple[ast.stmt, ...]:
    """All statements of the module at whatever depth: what is defined and imported, without what is computed."""
    found: list[ast.stmt] = []
    blocks: list[Iterable[ast.AST]] = [tree_of(path).body]
    while blocks:
        for node in blocks.pop():
            if isinstance(node, ast.stmt):
                found.append(node)
            blocks += (
                getattr(node, name, ()) for name in ("body", "orelse", "finalbody", "handlers", "cases")
            )
    return tuple(found)
