"""``python -m server.api.worker LINK``: one worker, started by the master with this end of a socket pair."""

import os
import socket
import sys

from server.api.config import ApiConfig
from server.api.worker.serve import serve


def main(arguments: list[str]) -> int:
    """Serve as the master says."""
    serve(ApiConfig.from_env(os.environ), socket.socket(fileno=int(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
