"""A tunnel to a daemon that only its own host can reach: OpenSSH forwards a port for as long as a command lives."""

import atexit
import contextlib
import socket
import subprocess
import tempfile
import time
import urllib.parse

from console.ops_api.errors import UnreachableError

_PATIENCE_S = 60.0
"""A person may have to type a passphrase, or touch a key."""
_MASTER_S = 10


class Tunnel:
    """``ssh -L`` to one address as the host sees it; a connection that is shared already (ControlMaster) is used."""

    def __init__(self, host: str, url: str) -> None:
        """Opens it. Raises ``UnreachableError`` with what ssh said where that fails."""
        parts = urllib.parse.urlsplit(url)
        self._host = host
        self._port = _free_port()
        there = f"{parts.hostname or '127.0.0.1'}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        self._forward = f"127.0.0.1:{self._port}:{there}"
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the tunnel, and is written by ssh
        self.url = parts._replace(netloc=f"127.0.0.1:{self._port}").geturl()
        """The address on this side."""
        atexit.register(self.close)
        if self._master("check") and self._master("forward", "-L", self._forward):
            self._shared = True
            return
        self._shared = False
        self._open()

    def close(self) -> None:
        """Ends the forwarding; a shared connection stays."""
        if self._shared:
            self._shared = False
            self._master("cancel", "-L", self._forward)
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process = None

    def _master(self, order: str, *words: str) -> bool:
        """Whether a connection that is shared is there and takes the order."""
        argv = ["ssh", "-O", order, *words, self._host]
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_MASTER_S, check=False
            )
            return done.returncode == 0
        return False

    def _open(self) -> None:
        argv = ["ssh", "-N", "-o", "ExitOnForwardFailure=yes", "-L", self._forward, self._host]
        try:
            # Its own session would keep it from asking for a passphrase; Ctrl-C ends it with the command.
            self._process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=self._said, stderr=self._said
            )
        except OSError as error:
            raise UnreachableError(
                f"ssh cannot be run: {error.strerror}; install OpenSSH's client"
            ) from error
        until = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.close()
                raise UnreachableError(f"no tunnel through {self._host}: {self._reason()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return True
        except OSError:
            return False

    def _reason(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else "ssh ended without a word"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
