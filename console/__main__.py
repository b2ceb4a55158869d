"""``python -m console``: the same as ``ops console``; with arguments, the same as ``ops``."""

import sys

from console.cli.main import main

if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.argv.append("console")
    main()
