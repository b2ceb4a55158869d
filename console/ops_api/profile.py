"""Profiles: which daemon a name means, and where its token comes from. A token itself is never in the file."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from console.ops_api.errors import InvalidRequestError, NotThereError, OpsError

FAR_ADDRESS = "http://127.0.0.1:8001"
"""Where a daemon listens on its own host, where nobody says anything else."""
_PATIENCE_S = 60
"""A password store may ask a person for its own password."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One daemon, or one local stack."""

    url: str | None = None
    state: str | None = None
    """Folder of a local stack, in the place of an address."""
    token_command: str | None = None
    """Prints the token on its first line; run without a shell."""
    ssh: str | None = None
    """Host through which the address is reached, as OpenSSH knows it."""

    def token(self) -> str | None:
        """What the token's command prints; None without one. Raises ``OpsError`` where it fails or prints nothing."""
        if self.token_command is None:
            return None
        # Imported when a token is fetched: most commands have theirs already.
        import shlex
        import subprocess

        try:
            argv = shlex.split(self.token_command)
            done = subprocess.run(
                argv, stdout=subprocess.PIPE, text=True, errors="replace", timeout=_PATIENCE_S, check=False
            )
        except (OSError, ValueError, subprocess.SubprocessError, UnicodeDecodeError) as error:
            raise OpsError(f"the token command {self.token_command!r} could not be run: {error}") from error
        token = (done.stdout.splitlines() or [""])[0].strip()
        if done.returncode != 0 or not token:
            what = f"ended with {done.returncode}" if done.returncode else "printed nothing"
            raise OpsError(f"the token command {self.token_command!r} {what}")
        return token


def profiles_path() -> Path:
    """The file that holds them."""
    # Imported where a profile is asked for: most commands need none.
    from platformdirs import user_config_path

    return user_config_path("structured-prompt") / "profiles.toml"


def read_profiles() -> Mapping[str, Profile]:
    """All profiles by name. Raises ``InvalidRequestError`` that says where in the file what is wrong."""
    import tomllib

    path = profiles_path()
    try:
        document = tomllib.loads(path.read_text())
        return msgspec.convert(document.get("profiles", {}), dict[str, Profile])
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InvalidRequestError(f"{path} cannot be read: {error}") from error


def profile_named(name: str) -> Profile:
    """The profile of that name. Raises ``NotThereError``."""
    there = read_profiles()
    if name not in there:
        known = f"there are {', '.join(sorted(there))}" if there else "there is none yet"
        raise NotThereError(f"there is no profile {name}; {known}; ops profile add {name} --url URL makes it")
    return there[name]


def keep_profile(name: str, profile: Profile | None) -> Path:
    """Writes a profile, or with None takes it out; comments and other profiles in the file stay. Returns the file."""
    import tomlkit

    path = profiles_path()
    read_profiles()  # what is broken is told, and not written over
    document = tomlkit.parse(path.read_text()) if path.exists() else tomlkit.document()
    table = document.setdefault("profiles", tomlkit.table(is_super_table=True))
    if profile is None:
        table.pop(name, None)
    else:
        table[name] = msgspec.to_builtins(profile)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(tomlkit.dumps(document))
        fresh.replace(path)
    except OSError as error:
        raise OpsError(f"{path} cannot be written: {error.strerror}") from error
    return path
