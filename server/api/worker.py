"""``python -m server.api.worker SOCKET LIFELINE READY``: one worker, started by the master with these descriptors."""

import os
import signal
import socket
import sys

from server.api.config import Config
from server.api.serve import serve


def main(arguments: list[str]) -> int:
    """Serve on the inherited socket."""
    listening, lifeline, ready = map(int, arguments)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    serve(Config.from_env(os.environ), socket.socket(fileno=listening), lifeline=lifeline, ready=ready)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
