"""``python -m server``: the API, a master with its workers."""

import asyncio
import os
import sys

from server.api.cluster.master import Master
from server.api.config import ApiConfig, ApiConfigError
from server.api.telemetry.log import Log


def main() -> int:
    """Start the API. Exit code 2: the environment is wrong, or the port is taken."""
    try:
        config = ApiConfig.from_env(os.environ)
    except ApiConfigError as fault:
        sys.stderr.write(f"server: {fault}\n")
        return 2
    config.state.mkdir(parents=True, exist_ok=True)
    log = Log(level=config.log_level)
    try:
        master = Master(config, os.environ, log)
    except OSError as error:
        sys.stderr.write(f"server: cannot listen on {config.api_bind}:{config.api_port}: {error.strerror}\n")
        return 2
    try:
        return asyncio.run(master.run())
    finally:
        log.close()


if __name__ == "__main__":
    sys.exit(main())
