#!/bin/sh
# Is the service well? Health, a real analyze call, metrics, new errors. Exit code 0 when it is.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
PATH="$here/.venv/bin:$PATH"
command -v ops >/dev/null || { echo "health_check: ops is not installed; run make setup in $here" >&2; exit 1; }
exec ops verify "$@"
