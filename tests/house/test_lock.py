"""Facts about requirements.lock: it says of every package that setup.cfg names which one exactly, for every Python."""

import configparser
import re

import pytest
from packaging.requirements import Requirement

from tests.paths import CHECKOUT

_LOCK = (CHECKOUT / "requirements.lock").read_text()
_PINS = re.findall(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)(.*?)(?=^\S|\Z)", _LOCK, re.MULTILINE | re.DOTALL
)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared() -> list[Requirement]:
    setup = configparser.ConfigParser()
    setup.read(CHECKOUT / "setup.cfg")
    extras = [*setup["options.extras_require"].values(), setup["options"]["install_requires"]]
    return [Requirement(line) for text in extras for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("wanted", _declared(), ids=str)
def test_what_setup_cfg_asks_for_is_locked_at_a_version_that_it_allows(wanted: Requirement) -> None:
    versions = [version for name, version, _ in _PINS if _canonical(name) == _canonical(wanted.name)]
    assert versions
    assert [version for version in versions if version not in wanted.specifier] == []


def test_the_build_needs_nothing_that_is_not_locked() -> None:
    assert "setuptools" in {_canonical(name) for name, _, _ in _PINS}


def test_every_locked_package_has_hashes() -> None:
    assert [name for name, _, rest in _PINS if "--hash=sha256:" not in rest] == []


def test_no_registry_is_named_in_the_lock() -> None:
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links", _LOCK) == []
