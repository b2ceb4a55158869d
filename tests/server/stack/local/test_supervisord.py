"""Facts about the file that supervisord is given: every value arrives as it was meant."""

import tempfile
from pathlib import Path

import pytest
from supervisor.datatypes import dict_of_key_value_pairs

from server.stack.layout import Layout
from server.stack.local.programs import Program
from server.stack.local.supervisord import write_config


@pytest.mark.parametrize("value", ["plain", "two words, and a comma", '[{"name":"primary"}]', "it's"])
def test_a_value_of_the_environment_survives_its_quotes(value: str) -> None:
    with tempfile.TemporaryDirectory(
        prefix="sps-", dir="/tmp"
    ) as folder:  # short, so that its sockets' folder is inside
        _assert_arrives(Layout.at(Path(folder), 40_000), value)


def _assert_arrives(layout: Layout, value: str) -> None:
    layout.run.mkdir(parents=True)
    write_config(layout, [Program(name="api", argv=("true",), env={"VALUE": value})])
    lines = layout.supervisor_config.read_text().splitlines()
    environment = next(line for line in lines if line.startswith("environment="))
    assert dict_of_key_value_pairs(environment.removeprefix("environment=")) == {"VALUE": value}
