"""Redis probed with INFO, under redis_exporter's metric names."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from server.exposition import ExposedSample, Exposition, Metadata
from server.store.redis import RedisDownError, info_once

_NAMES = {
    "redis_memory_used_bytes": "used_memory",
    "redis_memory_max_bytes": "maxmemory",
    "redis_memory_used_rss_bytes": "used_memory_rss",
    "redis_mem_fragmentation_ratio": "mem_fragmentation_ratio",
    "redis_connected_clients": "connected_clients",
    "redis_blocked_clients": "blocked_clients",
    "redis_config_maxclients": "maxclients",
    "redis_rejected_connections_total": "rejected_connections",
    "redis_connections_received_total": "total_connections_received",
    "redis_commands_processed_total": "total_commands_processed",
    "redis_evicted_keys_total": "evicted_keys",
    "redis_expired_keys_total": "expired_keys",
    "redis_keyspace_hits_total": "keyspace_hits",
    "redis_keyspace_misses_total": "keyspace_misses",
    "redis_uptime_in_seconds": "uptime_in_seconds",
    "redis_rdb_last_bgsave_status": "rdb_last_bgsave_status",
    "redis_loading_dump_file": "loading",
}
METRICS = frozenset({"redis_up", "redis_db_keys", *_NAMES})
"""Every metric that the probe can show."""
_METADATA = {
    "redis_up": Metadata("gauge", "Whether the last probe could talk to Redis."),
    "redis_memory_used_bytes": Metadata("gauge", "Memory that Redis has allocated."),
}


def instance_of(url: str) -> str:
    """Where Redis listens, without any credentials."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    return f"{parts.hostname or 'localhost'}:{parts.port or 6379}"


async def probe_redis(url: str, *, timeout_s: float) -> Exposition:
    """Never fails: a Redis that does not answer is ``redis_up 0``."""
    try:
        info = await info_once(url, timeout_s=timeout_s)
    except RedisDownError:
        return Exposition([ExposedSample("redis_up", 0.0, None)], _METADATA)
    return Exposition([ExposedSample("redis_up", 1.0, None), *_facts(info), *_keys(info)], _METADATA)


def _facts(info: Mapping[str, Any]) -> list[ExposedSample]:
    found = []
    for metric, field in _NAMES.items():
        value = {"ok": 1, "err": 0}.get(str(info.get(field)), info.get(field))
        if isinstance(value, int | float):
            found.append(ExposedSample(metric, float(value), None))
    return found


def _keys(info: Mapping[str, Any]) -> list[ExposedSample]:
    """Keys by database; db0 is there even when it is empty and INFO is silent about it."""
    counts = {"db0": 0.0}
    counts.update(
        {k: float(v["keys"]) for k, v in info.items() if k.startswith("db") and isinstance(v, dict)}
    )
    return [ExposedSample(f'redis_db_keys{{db="{name}"}}', count, None) for name, count in counts.items()]
