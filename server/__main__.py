"""``python -m server``: the API process."""

import os
import socket
import sys

from server.api.config import Config, ConfigFault
from server.api.serve import serve


def main() -> int:
    """Start the API. Exit code 2: the environment is wrong, or the port is taken."""
    try:
        config = Config.from_env(os.environ)
    except ConfigFault as fault:
        sys.stderr.write(f"server: {fault}\n")
        return 2
    try:
        listener = socket.create_server((config.api_bind, config.api_port), backlog=1024)
    except OSError as error:
        sys.stderr.write(f"server: cannot listen on {config.api_bind}:{config.api_port}: {error.strerror}\n")
        return 2
    serve(config, [listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
