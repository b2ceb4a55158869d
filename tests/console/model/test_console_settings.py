"""Facts about the console's settings file."""

from pathlib import Path

import pytest

from console.model.console_settings import ConsoleSettings, read_settings, settings_path
from console.ops_api.errors import InvalidRequestError


def test_without_a_file_everything_is_as_it_comes() -> None:
    assert read_settings() == ConsoleSettings()


def _write(text: str) -> Path:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_file_sets_theme_first_screen_and_keys() -> None:
    path = _write('theme = "light"\nview = "graphs"\n[keys]\nack = "A"\n')
    try:
        settings = read_settings()
    finally:
        path.unlink()
    assert (settings.theme, settings.view, settings.keys) == ("light", "graphs", {"ack": "A"})


@pytest.mark.parametrize(
    ("text", "named"), [('theme = "pink"', "theme"), ("thme = 1", "thme"), ("theme = ", "console.toml")]
)
def test_a_fault_in_the_file_is_told_with_its_place(text: str, named: str) -> None:
    path = _write(text)
    try:
        with pytest.raises(InvalidRequestError, match=named):
            read_settings()
    finally:
        path.unlink()
