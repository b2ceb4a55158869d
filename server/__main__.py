"""``python -m server``: the API, a master with its workers."""

import os
import sys

from server.api.config import Config, ConfigFault
from server.api.master import Master


def main() -> int:
    """Start the API. Exit code 2: the environment is wrong, or the port is taken."""
    try:
        config = Config.from_env(os.environ)
    except ConfigFault as fault:
        sys.stderr.write(f"server: {fault}\n")
        return 2
    try:
        master = Master(config, os.environ)
    except OSError as error:
        sys.stderr.write(f"server: cannot listen on {config.api_bind}:{config.api_port}: {error.strerror}\n")
        return 2
    return master.run()


if __name__ == "__main__":
    sys.exit(main())
