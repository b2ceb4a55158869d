"""What a step is run with: its target's words, an allow-listed environment, and what must never be shown of it."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from server.ops.config import OpsConfig
from server.paths import CHECKOUT
from server.runner.redaction import Redaction

_LOOK_EVERY_S = 1.0
PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "DOCKER_HOST",
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "SERVICE_COMMAND",
    "DATABASE_READ_URL",
    "REDIS_READ_URL",
    "SSL_CERT_FILE",
)
"""Variables of the daemon that a step sees."""


class Surroundings:
    """The environment of every step on this daemon's target."""

    def __init__(self, config: OpsConfig, env: Mapping[str, str], url: str) -> None:
        self._config = config
        self._env = env
        self._url = url
        self.target = config.target
        self.cwd = CHECKOUT
        self._files: dict[Path, tuple[int, str]] = {}
        self._learnt: set[str] = set()
        self._redaction = Redaction(())
        self._redacts: tuple[str, ...] = ()
        self._look_again_at = 0.0

    @property
    def words(self) -> dict[str, str]:
        """What ``{python}`` and the like stand for in an argv."""
        words = {
            "python": sys.executable,
            "state": str(self._config.state),
            "api_url": self._config.api_url,
            "status_url": self._config.status_url,
            "prometheus_url": self._config.prometheus_url,
            "ops_url": self._url,
        }
        if self._config.service_command:
            words["service_command"] = self._config.service_command
        return words

    def environment(self, viewer_token: str | None) -> dict[str, str]:
        """The variables of one step; only a read step has a token, and only to look."""
        env = {name: self._env[name] for name in PASSED_ON if name in self._env}
        here = Path(sys.executable).parent
        env["PATH"] = os.pathsep.join([str(here), env.get("PATH", os.defpath)])
        env |= {
            "OPS_STATE": str(self._config.state),
            "OPS_URL": self._url,
            "API_URL": self._config.api_url,
            "STATUS_URL": self._config.status_url,
            "PROMETHEUS_URL": self._config.prometheus_url,
            "TARGET": self._config.target,
            "NO_COLOR": "1",
            "TERM": "dumb",
        }
        for name, value in (
            ("DATABASE_URL", self._config.database_url),
            ("REDIS_URL", self._config.redis_url),
        ):
            if value:
                env[name] = value
        if viewer_token is not None:
            env["OPS_TOKEN"] = viewer_token
        return env

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: from the environment, from every token file as it is now, and learnt since."""
        folder = self._config.state / "tokens"
        files = [*folder.iterdir()] if folder.is_dir() else []
        if self._config.api_admin_token_file is not None and self._config.api_admin_token_file.exists():
            files.append(self._config.api_admin_token_file)
        for path in files:
            self._read(path)
        held = {token for _, token in self._files.values() if token}
        return (*self._config.secrets, *sorted(held | self._learnt))

    def learn(self, secret: str) -> str:
        """A secret made just now; returns it."""
        self._learnt.add(secret)
        self._look_again_at = 0.0
        return secret

    def redacted(self, text: str) -> str:
        """The text as it may be shown and kept."""
        return self._current().of(text)

    def redacted_values(self, values: dict[str, str]) -> dict[str, str]:
        """The values as they may be shown and kept; cheap where there is nothing to hide."""
        together = "\n".join(values.values())
        redaction = self._current()
        if redaction.of(together) == together:
            return values
        return {name: redaction.of(value) for name, value in values.items()}

    @property
    def redaction(self) -> Redaction:
        """What hides the secrets that are known now; another one as soon as another secret is."""
        return self._current()

    def _current(self) -> Redaction:
        now = time.monotonic()
        if now >= self._look_again_at:
            self._look_again_at = now + _LOOK_EVERY_S
            if self.secrets != self._redacts:
                self._redacts = self.secrets
                self._redaction = Redaction(self._redacts)
        return self._redaction

    def _read(self, path: Path) -> None:
        """Takes the file's secret; an earlier one of the same file stays secret."""
        try:
            changed_at = path.stat().st_mtime_ns
            if path in self._files and self._files[path][0] == changed_at:
                return
            if path in self._files:
                self._learnt.add(self._files[path][1])
            self._files[path] = (changed_at, path.read_text().strip())
        except OSError:
            return
