"""What a person has set for the console: theme, keys, sounds, the first screen; a file in TOML that nobody has to have."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from console.ops_api.errors import InvalidRequestError

View = Literal["alerts", "incidents", "runs", "services", "logs", "graphs", "windows"]


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file; what is not in it is as it comes."""

    theme: Literal["", "dark", "light", "contrast", "terminal"] = ""
    """Empty: ours where the terminal has all colours, else the terminal's own sixteen."""
    ascii: bool = False
    mouse: bool = True
    bell: bool = True
    view: View | Literal["last"] = "last"
    """The screen that is opened first; ``last``: the one that was left."""
    keys: dict[str, str] = {}
    """The name of a key's action, such as ``ack``, to the key that is to do it."""


def settings_path() -> Path:
    """The file that holds them."""
    # Imported where the console is opened: no other command needs it.
    from platformdirs import user_config_path

    return user_config_path("structured-prompt") / "console.toml"


def read_settings() -> ConsoleSettings:
    """What the file says. Raises ``InvalidRequestError`` that says where in it what is wrong."""
    path = settings_path()
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), ConsoleSettings)
    except FileNotFoundError:
        return ConsoleSettings()
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InvalidRequestError(f"{path} cannot be read: {error}") from error
