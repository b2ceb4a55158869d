"""Whether a channel could take a message as things stand here: what a page would find out too late."""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from alerts.contacts import Channel, Person
from server.ops.paging.send import SendError, secret_of


def unreachable(people: Iterable[Person], env: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By person, the channels that cannot take a message, each with why. Looks at the disk, sends nothing."""
    return {
        person.id: tuple(
            f"{channel.label}: {why}" for channel in person.channels if (why := channel_trouble(channel, env))
        )
        for person in people
    }


def channel_trouble(channel: Channel, env: Mapping[str, str]) -> str:
    """Why a channel cannot take a message; empty where nothing here speaks against it."""
    match channel.kind:
        case "file":
            return _file_trouble(Path(channel.target))
        case "command":
            there = shutil.which(channel.argv[0], path=env.get("PATH"))
            return "" if there else f"there is no program {channel.argv[0]}"
        case "apprise" | "pagerduty":
            try:
                secret_of(channel.target, env)
            except (SendError, OSError, UnicodeDecodeError) as error:
                return str(error)
            return ""


def _file_trouble(path: Path) -> str:
    if path.is_dir():
        return "it is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    return "" if os.access(path if path.exists() else path.parent, os.W_OK) else "it cannot be written"
