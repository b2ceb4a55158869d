"""Redis: the one file that imports redis."""

from typing import Any

import redis.asyncio
import redis.exceptions


class RedisDown(Exception):
    """Redis could not be reached, or did not answer in time."""


async def info_once(url: str, *, timeout_s: float = 1.0) -> dict[str, Any]:
    """Connect, run INFO, disconnect: for probes and one-off tools, never for a request.

    Raises ``RedisDown`` when there is no answer within ``timeout_s`` seconds.
    """
    client = redis.asyncio.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
    try:
        answer: dict[str, Any] = await client.info()
    except (redis.exceptions.RedisError, OSError) as error:
        raise RedisDown(str(error) or f"no answer within {timeout_s} s") from error
    finally:
        await client.aclose()
    return answer


async def unlink_matching(url: str, pattern: str, *, timeout_s: float = 5.0) -> int:
    """Remove every key that matches, by SCAN and UNLINK, and say how many: for tools, never for a request.

    Raises ``RedisDown``.
    """
    client = redis.asyncio.Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
    removed, batch = 0, []
    try:
        async for key in client.scan_iter(match=pattern, count=1000):
            batch.append(key)
            if len(batch) == 500:
                removed += await client.unlink(*batch)
                batch.clear()
        if batch:
            removed += await client.unlink(*batch)
    except (redis.exceptions.RedisError, OSError) as error:
        raise RedisDown(str(error) or f"no answer within {timeout_s} s") from error
    finally:
        await client.aclose()
    return removed
