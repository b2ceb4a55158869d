"""Emptying the response cache without touching a rate limit."""

import asyncio
import json
import urllib.request
from pathlib import Path

from server.stack.tokens import read_token
from server.store.redis import RedisDownError, count_matching, unlink_matching


def count(redis_url: str) -> int:
    """How many entries there are. Raises ``OSError`` where Redis does not answer."""
    try:
        return asyncio.run(count_matching(redis_url, "cache:*"))
    except RedisDownError as error:
        raise OSError(str(error)) from error


def clear(api_url: str, token_file: Path, redis_url: str) -> tuple[int, str]:
    """How many entries went, and by which way. Raises ``OSError`` where neither way works."""
    request = urllib.request.Request(  # noqa: S310  (the address is the operator's own)
        f"{api_url}/v1/cache", method="DELETE", headers={"Authorization": f"Bearer {read_token(token_file)}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return int(json.load(answer).get("removed", 0)), "through the API"
    except OSError as api_error:
        try:
            return asyncio.run(unlink_matching(redis_url, "cache:*")), "in Redis itself"
        except RedisDownError as error:
            raise OSError(f"the API said {api_error}, Redis said {error}") from error
