"""The yardstick of the status page: a bare aiohttp handler with the same bytes and headers. ``python -m bench.bare_page PORT URL``"""

import sys
import urllib.request

from aiohttp import web

_MADE_BY_AIOHTTP = frozenset({"content-length", "date", "connection"})


def main(port: int, url: str) -> None:
    """Fetches the answer once, and gives it for ever."""
    with urllib.request.urlopen(url) as answer:
        body = answer.read()
        headers = {
            name: value for name, value in answer.headers.items() if name.lower() not in _MADE_BY_AIOHTTP
        }

    async def page(request: web.Request) -> web.Response:
        return web.Response(body=body, headers=headers)

    app = web.Application()
    app.router.add_get("/", page)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
