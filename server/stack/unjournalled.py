"""What was done while the ops daemon could not be reached, kept for it to import."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path


def note_unjournalled(state: Path, *, actor: str, action: str, obj: str, exit_code: int) -> None:
    """Append one line to ``unjournalled.jsonl`` and bring it to the disk."""
    line = {
        "at": datetime.now(UTC).isoformat(),
        "actor": actor,
        "argv": ["python", "-m", "server.stack", "service", *action.split("-", 1)],
        "action": action,
        "object": obj,
        "exit_code": exit_code,
    }
    with (state / "unjournalled.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
