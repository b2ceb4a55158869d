"""The end of a service's log, asked of the daemon."""

import urllib.parse

from console.ops_api.client import OpsClient
from console.text.log_line import ServiceLine
from console.text.records.logs import read_log


def tail_of(client: OpsClient, service: str, lines: int) -> tuple[ServiceLine, ...]:
    """The last lines of a service's log; raises ``OpsError``."""
    path = f"/v1/logs/{urllib.parse.quote(service, safe='')}?tail={lines}"
    return read_log(service, client.text(path))
