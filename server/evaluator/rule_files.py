"""The rule files of a folder, each read for itself: what is wrong with one stops no other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.rule import RuleFileError, RuleGroup, parse_rules, speed_up
from server.evaluator.config import EvaluatorConfig, EvaluatorConfigError
from server.plain_file import read_plain

_SUFFIXES = (".yml", ".yaml")
_LEAST_SCRAPES = 3
"""A shortened window still has to hold this many scrapes, or no rate could be computed."""


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """What was found in the folder."""

    groups: tuple[RuleGroup, ...]
    faults: Mapping[str, str]
    """File name to what is wrong with it; nothing of such a file is evaluated."""


def load_rules(config: EvaluatorConfig) -> RuleFiles:
    """Every ``*.yml`` and ``*.yaml``, its windows shortened where the settings say so.

    Raises ``EvaluatorConfigError`` where there is no file, and ``RuleFileError`` where none can be used.
    """
    files = sorted(_files(config.rules_dir))
    if not files:
        raise EvaluatorConfigError(f"RULES_DIR: no *.yml or *.yaml in {config.rules_dir}")
    groups: list[RuleGroup] = []
    faults: dict[str, str] = {}
    for file in files:
        try:
            groups += parse_rules(_text(file), file.name, compat=config.compat)
        except RuleFileError as error:
            faults[file.name] = str(error)
    if len(faults) == len(files):
        raise RuleFileError("\n".join(faults.values()))
    return RuleFiles(tuple(_shortened(groups, config)), faults)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    except OSError:
        return


def _text(file: Path) -> str:
    """The text of a file. Raises ``RuleFileError`` where it cannot be read or is no UTF-8."""
    try:
        held = read_plain(file)
        return held.decode("utf-8-sig")
    except OSError as error:
        raise RuleFileError(f"{file.name}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = held.count(b"\n", 0, error.start) + 1
        raise RuleFileError(f"{file.name}: line {line}: byte {held[error.start]:#04x} is no UTF-8") from error


def _shortened(groups: list[RuleGroup], config: EvaluatorConfig) -> list[RuleGroup]:
    if config.speedup == 1:
        return groups
    least_ms = (_LEAST_SCRAPES + 1) * config.scrape_interval_ms
    return [speed_up(group, config.speedup, least_ms) for group in groups]
