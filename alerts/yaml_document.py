"""YAML as Go's yaml.v3 reads it into texts: scalars as written, doubled keys refused, tabs between words allowed."""

import base64
import binascii
import contextlib
from collections.abc import Hashable, Iterator
from typing import Any

import yaml

_BLANKS = " \t"
_NULLS = ("", "~", "null", "Null", "NULL")
_WRITTEN_TAGS = ("int", "float", "bool", "timestamp")
_CORE = "tag:yaml.org,2002:"


class YamlError(ValueError):
    """A text that is no YAML, or has a key twice."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason = reason
        self.line = line
        """From 1; None where the fault has no place."""
        super().__init__(reason if line is None else f"line {line}: {reason}")


def read_yaml(text: str, *, typed: bool = False) -> Any:
    """The first document of a text: mappings, lists, texts and None.

    With ``typed`` numbers and truth values are such; dates are texts always, so that none is impossible.
    Raises ``YamlError``.
    """
    loader = (_UniqueKeys if typed else _AsWritten)(_checked(text))
    with _told_as_ours(loader):
        node = loader.get_node() if loader.check_node() else None
        return None if node is None else loader.construct_document(node)


def compose_yaml(text: str) -> yaml.Node | None:
    """The first document of a text as nodes that know their lines; None where there is none. Raises ``YamlError``."""
    loader = _AsWritten(_checked(text))
    with _told_as_ours(loader):
        return loader.get_node() if loader.check_node() else None


@contextlib.contextmanager
def _told_as_ours(loader: yaml.SafeLoader) -> Iterator[None]:
    """Whatever the library finds wrong is a ``YamlError``; the loader is disposed of."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(
            error.problem or error.context or "no YAML", mark.line + 1 if mark else None
        ) from error
    except yaml.YAMLError as error:
        raise YamlError(str(error)) from error
    except RecursionError as error:
        raise YamlError("nested too deep") from error
    except YamlError:
        raise
    except (ValueError, OverflowError) as error:
        raise YamlError(f"a value that its tag does not allow: {error}") from error
    finally:
        loader.dispose()


def _checked(text: str) -> str:
    """The text, if YAML may have all of its characters. Raises ``YamlError``."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise YamlError(f"the character {found.group()!r} is not allowed", line)
    return text


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key that is there twice; a merged mapping (``<<``) gives way to the keys beside it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        if isinstance(node, yaml.MappingNode):
            _refuse_doubled(node)
        return super().construct_mapping(node, deep=deep)

    def scan_to_next_token(self) -> None:
        """Tabs may stand between tokens, not in an indentation."""
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self._skip_blanks()
            super().scan_to_next_token()

    def scan_plain_spaces(self, indent: int, start_mark: Any) -> list[str]:
        """What lies between two words of a plain scalar: blanks as they are, a line break as a space."""
        blanks = self._skip_blanks()
        if self.peek() not in "\r\n\x85\u2028\u2029":
            return [blanks] if blanks else []
        return super().scan_plain_spaces(indent, start_mark) or []

    def scan_flow_scalar(self, style: str) -> yaml.ScalarToken:
        """A scalar in quotes, whose escapes must all be characters."""
        token = super().scan_flow_scalar(style)
        if any("\ud800" <= char <= "\udfff" for char in token.value):
            raise YamlError("an escape that is half of a surrogate pair", token.start_mark.line + 1)
        return token

    def scan_block_scalar_indicators(self, start_mark: Any) -> tuple[bool | None, int | None]:
        """What ``|`` or ``>`` is followed by: whether line breaks are kept, and by how much the text is indented."""
        keeps, indent = None, None
        while (sign := self.peek()) in tuple("+-123456789"):
            if sign.isdigit() and indent is None:
                indent = int(sign)
            elif not sign.isdigit() and keeps is None:
                keeps = sign == "+"
            else:
                break
            self.forward()
        if self.peek() not in tuple("\0 \t\r\n\x85\u2028\u2029"):
            raise YamlError(f"unexpected {self.peek()!r} behind | or >", start_mark.line + 1)
        return keeps, indent

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> None:
        self._skip_blanks()
        super().scan_block_scalar_ignored_line(start_mark)

    def _skip_blanks(self) -> str:
        length = 0
        while self.peek(length) in tuple(_BLANKS):
            length += 1
        blanks: str = self.prefix(length)
        self.forward(length)
        return blanks


class _AsWritten(_UniqueKeys):
    """Every scalar is the text as written, but for null."""


def _refuse_doubled(node: yaml.MappingNode) -> None:
    doubled = doubled_key(node)
    if doubled is not None:
        raise doubled


def doubled_key(node: yaml.MappingNode) -> YamlError | None:
    """What is wrong with the first key of a mapping that is there twice, or is no word; None where nothing is."""
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            return YamlError("a key must be a word", key.start_mark.line + 1)
        line = key.start_mark.line + 1
        if key.value in lines:
            return YamlError(f"key {key.value!r} is there already, in line {lines[key.value]}", line)
        lines[key.value] = line
    return None


def _written(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise YamlError("a word is wanted here", node.start_mark.line + 1)
    return str(node.value)


def _foreign(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    """A tag of somebody's own says nothing here."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return _written(loader, node)


def _null(loader: yaml.SafeLoader, node: yaml.Node) -> None:
    word = _written(loader, node)
    if word not in _NULLS:
        raise YamlError(f"cannot decode {word!r} as null", node.start_mark.line + 1)


def _binary(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    try:
        return base64.b64decode(_written(loader, node)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise YamlError(f"!!binary: {error}", node.start_mark.line + 1) from error


def _resolvers(*kept: str) -> dict[str, Any]:
    """The implicit tags of the loader that are kept."""
    tags = {_CORE + name for name in kept}
    return {
        first: [(tag, pattern) for tag, pattern in found if tag in tags]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_UniqueKeys.yaml_implicit_resolvers = _resolvers("null", "merge", "int", "float", "bool")
_AsWritten.yaml_implicit_resolvers = _resolvers("null", "merge")
for _loader in (_UniqueKeys, _AsWritten):
    _loader.add_constructor(_CORE + "timestamp", _written)
    _loader.add_constructor(_CORE + "binary", _binary)
    _loader.add_constructor(_CORE + "null", _null)
    _loader.add_multi_constructor("!", _foreign)
for _tag in _WRITTEN_TAGS:
    _AsWritten.add_constructor(_CORE + _tag, _written)
