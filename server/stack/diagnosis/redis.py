"""Redis looked at: its memory, its keys by prefix, its slow commands."""

import time
from collections import defaultdict
from typing import Any

import msgspec

from server.stack.diagnosis.section import Section, Table, age, judged, size
from server.store.redis import RedisLook

_NEARLY_FULL = 0.9
_FRAGMENTED, _FRAGMENTED_FROM = 1.5, 64 * 1024 * 1024
SCAN_S = 2.0
"""How long keys are looked through."""
_SAMPLE = 200
_MOST_PREFIXES = 30
_SLOW_S = 0.045
"""As long as the API waits for Redis (``RedisStore``)."""
RECENT_S = 3600.0
_EXPIRING = ("cache:",)


async def memory(look: RedisLook) -> Section:
    """Used, peak, the most there may be, fragmentation, what was evicted, and who is connected."""
    info = await look.info()
    used, most = int(info["used_memory"]), int(info.get("maxmemory", 0))
    fragmentation, evicted = float(info.get("mem_fragmentation_ratio", 0)), int(info.get("evicted_keys", 0))
    faults = []
    if most and used > _NEARLY_FULL * most:
        faults.append(f"{100 * used / most:.0f} % of the maximum used")
    if evicted:
        faults.append(f"evicted {evicted}")
    if fragmentation > _FRAGMENTED and used > _FRAGMENTED_FROM:
        faults.append(f"fragmented {fragmentation:.1f}")
    if info.get("rdb_last_bgsave_status", "ok") != "ok":
        faults.append("cannot save to disk")
    figures: dict[str, Any] = {
        "used_bytes": used,
        "peak_bytes": int(info.get("used_memory_peak", 0)),
        "max_bytes": most,
        "fragmentation": fragmentation,
        "policy": str(info.get("maxmemory_policy", "")),
        "evicted_keys": evicted,
        "expired_keys": int(info.get("expired_keys", 0)),
        "connected_clients": int(info.get("connected_clients", 0)),
        "blocked_clients": int(info.get("blocked_clients", 0)),
        "rejected_connections": int(info.get("rejected_connections", 0)),
        "up_s": int(info.get("uptime_in_seconds", 0)),
    }
    rows = (
        ("memory", f"{size(used)} of {size(most) if most else 'no maximum'}, peak {size(figures['peak_bytes'])}"),
        ("policy", f"{figures['policy']}, {evicted} evicted and {figures['expired_keys']} expired in {age(figures['up_s'])}"),
        ("fragmentation", f"{fragmentation:.2f}" + (" (means little below 64 MB)" if used < _FRAGMENTED_FROM else "")),
        ("clients", f"{figures['connected_clients']} connected, {figures['blocked_clients']} blocked, {figures['rejected_connections']} rejected"),
    )  # fmt: skip
    notes = ["ops act clear-cache empties the cache and leaves the limits"] if faults else []
    return judged("memory", faults, Table(("FIGURE", "VALUE"), rows), figures=figures, notes=notes)


class _Prefix(msgspec.Struct):
    count: int = 0
    sampled: int = 0
    expiring: int = 0
    bytes: int = 0


async def keys(look: RedisLook, budget_s: float = SCAN_S) -> Section:
    """Keys by prefix, by SCAN for at most ``budget_s`` seconds; life and size are of a sample of each prefix."""
    until = time.monotonic() + budget_s
    total = int((await look.info()).get("db0", {}).get("keys", 0))
    prefixes: dict[str, _Prefix] = defaultdict(_Prefix)
    cursor, seen = 0, 0
    while True:
        cursor, found = await look.scan(cursor)
        seen += len(found)
        await _take(look, found, prefixes)
        if cursor == 0 or time.monotonic() > until:
            break
    notes = [f"{seen} keys; what lives and weighs how much is of {_SAMPLE} keys of each prefix"] if seen else ["no keys"]  # fmt: skip
    if cursor:
        notes = [
            f"stopped after {budget_s:g} s with {seen} of about {total} keys seen; the shares still tell"
        ]
    eternal = [name for name, each in prefixes.items() if name in _EXPIRING and each.expiring < each.sampled]
    faults = [f"{name}* without expiry" for name in eternal]
    ordered = sorted(prefixes.items(), key=lambda item: -item[1].count)[:_MOST_PREFIXES]
    rows = tuple(
        (name, str(p.count), _share(p.expiring, p.sampled), size(p.bytes / max(1, p.sampled)), size(p.bytes / max(1, p.sampled) * p.count))
        for name, p in ordered
    )  # fmt: skip
    figures: dict[str, Any] = {
        "seen": seen, "total": total, "complete": cursor == 0,
        "prefixes": [{"prefix": name, "count": p.count, "sampled": p.sampled, "with_ttl": p.expiring, "sample_bytes": p.bytes} for name, p in ordered],
    }  # fmt: skip
    table = Table(("PREFIX", "KEYS", "EXPIRE", "EACH ABOUT", "ALL ABOUT"), rows)
    return judged("keys", faults, table, figures=figures, notes=notes)


async def _take(look: RedisLook, found: list[bytes], prefixes: dict[str, _Prefix]) -> None:
    sample: list[tuple[_Prefix, bytes]] = []
    for key in found:
        each = prefixes[_prefix(key)]
        each.count += 1
        if each.sampled < _SAMPLE:
            each.sampled += 1
            sample.append((each, key))
    for (each, _), (lives_ms, weight) in zip(sample, await look.weigh([key for _, key in sample]) if sample else (), strict=True):  # fmt: skip
        each.expiring += lives_ms != -1
        each.bytes += weight


def _prefix(key: bytes) -> str:
    head, colon, _ = key.partition(b":")
    return f"{head[:32].decode(errors='replace')}:" if colon else "(without prefix)"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


async def slow_commands(look: RedisLook, now: float) -> tuple[Table, list[str], list[dict[str, Any]]]:
    """The slow log's newest, what is wrong, and the same for programs. Arguments are not shown: they are values."""
    entries = [
        {
            "at": float(entry["start_time"]),
            "took_s": entry["duration"] / 1_000_000,
            "command": _command(entry["command"]),
        }
        for entry in await look.slow_commands(32)
    ]
    slow = [each for each in entries if each["took_s"] >= _SLOW_S and now - each["at"] < RECENT_S]
    rows = tuple(
        (age(now - each["at"]), f"{1000 * each['took_s']:.0f} ms", each["command"]) for each in entries[:10]
    )
    return Table(("AGO", "TOOK", "COMMAND"), rows), [f"slow commands {len(slow)}"] if slow else [], entries


def _command(raw: bytes | str) -> str:
    words = (raw if isinstance(raw, str) else raw.decode(errors="replace")).split()
    return f"{words[0].upper()} ({len(words) - 1} words more)" if len(words) > 1 else " ".join(words).upper()
