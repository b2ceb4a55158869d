"""Sends one message over one channel and ends: ``python -m server.ops.paging.send`` with both on standard input.

A process of its own, because a receiver may hang and a library may block: whoever started it can end it. Exit code
0 means that the channel took the message; else the last line on standard error says what was wrong.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
"""Events API v2; ``PAGERDUTY_EVENTS_URL`` names another place."""
_TIMEOUT_S = 10
_PASSED_ON = frozenset(
    {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "HTTPS_PROXY", "HTTP_PROXY"}
)
"""Variables that a command is given."""
_PAGERDUTY_SEVERITIES = {"critical": "critical", "warning": "warning", "info": "info", "none": "info"}


class SendError(Exception):
    """The channel did not take the message; the text says why, without its secret."""


def send(channel: dict[str, Any], message: dict[str, str]) -> None:
    """Sends; raises ``SendError`` or ``OSError``."""
    match channel["kind"]:
        case "file":
            _append(Path(channel["target"]), message["line"])
        case "command":
            _run(channel["argv"], message)
        case "apprise":
            _apprise(secret_of(channel["target"], os.environ), message)
        case "pagerduty":
            _pagerduty(secret_of(channel["target"], os.environ), message)
        case other:
            raise SendError(f"there is no channel of kind {other!r}")


def _append(path: Path, line: str) -> None:
    # One write of whole lines: several senders may write to the file at once.
    with path.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def _run(argv: list[str], message: dict[str, str]) -> None:
    # Not what the daemon has: its environment holds secrets that no receiver needs.
    env = {name: value for name, value in os.environ.items() if name in _PASSED_ON}
    done = subprocess.run(
        argv,
        input=json.dumps(message),
        text=True,
        errors="replace",
        env=env,
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SendError(f"{argv[0]} ended with {done.returncode}{': ' + said[-1] if said else ''}")


def _apprise(url: str, message: dict[str, str]) -> None:
    import apprise

    if not apprise.Apprise.instantiate(url):
        raise SendError("the value is no URL that apprise knows")
    kind = "failure" if message["severity"] == "critical" else "warning"
    kind = {"resolve": "success", "announce": "info"}.get(message["event"], kind)
    target = apprise.Apprise()
    target.add(url)
    if not target.notify(title=message["subject"], body=message["body"], notify_type=kind):
        raise SendError("apprise could not deliver it")


def _pagerduty(routing_key: str, message: dict[str, str]) -> None:
    if message["event"] == "announce":
        raise SendError("PagerDuty is for outages: nobody is to be woken by an announcement")
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": message["event"],
        "dedup_key": message["dedup_key"],
    }
    if message["event"] == "trigger":
        event["payload"] = {
            "summary": message["subject"][:1024],
            "source": "ops",
            "severity": _PAGERDUTY_SEVERITIES[message["severity"]],
            "timestamp": message["at"],
            "custom_details": {"text": message["body"]},
        }
    url = os.environ.get("PAGERDUTY_EVENTS_URL") or _PAGERDUTY
    body = json.dumps(event).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  (ours or the operator's)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            answer.read(10_000)
    except urllib.error.HTTPError as error:
        raise SendError(f"PagerDuty answered {error.code}") from error


def secret_of(reference: str, env: Mapping[str, str]) -> str:
    """The secret that ``env:NAME`` or ``file:/PATH`` stands for. Raises ``SendError`` and ``OSError``."""
    kind, _, place = reference.partition(":")
    if kind == "env":
        value = env.get(place, "")
        if not value:
            raise SendError(f"the variable {place} is not set")
        return value
    value = Path(place).read_text().strip()
    if not value:
        raise SendError(f"{place} is empty")
    return value


def main() -> int:
    """Reads the channel and the message, sends, and says what was wrong."""
    given = json.load(sys.stdin)
    try:
        send(given["channel"], given["message"])
    except (SendError, OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
