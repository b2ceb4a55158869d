"""What must never be shown, and every text with it taken out."""

import time
from pathlib import Path

from server.ops.config import OpsConfig
from server.runner.redaction import Redaction, any_kind

_LOOK_EVERY_S = 1.0


class Redactor:
    """Takes the daemon's secrets out of texts before they reach a screen, the disk, the journal or a person."""

    def __init__(self, config: OpsConfig) -> None:
        self._config = config
        self._files: dict[Path, tuple[int, str]] = {}
        self._learnt: set[str] = set()
        self._redaction = Redaction(())
        self._redacts: tuple[str, ...] = ()
        self._look_again_at = 0.0
        # Made before there is anybody who would have to wait for it.
        any_kind()

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
