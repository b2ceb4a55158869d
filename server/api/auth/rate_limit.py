"""The hourly limit, exact across processes: tokens are drawn from Redis and spent here.

Redis holds per key a hash of one-minute buckets. A process draws a few tokens at once (a lease); they are charged to
the minute of the draw, are good for two seconds, and what is left over is given back. A charge counts for 62 minutes:
3,600 s, plus the rest of its own minute, plus the two seconds for which a token may wait. So no 3,600 s ever hold more
than the limit.
"""

import asyncio
from collections import OrderedDict
from time import monotonic, time
from typing import Any, NamedTuple, Protocol

from multidict import istr

from server.api.tasks import Tasks
from server.store.redis import RedisDownError

WINDOW_S = 3600
_BUCKETS = 62
_LEASE_S = 2.0
_REFUSAL_S = 0.25
"""A refusal of Redis is believed for so long."""
_LARGEST = 1000
_KEYS = 20_000

DRAW = """
local now = tonumber(redis.call('TIME')[1])
local minute = math.floor(now / 60)
local limit, want, least, debt = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local unspent = tonumber(ARGV[6])
if unspent > 0 and redis.call('HEXISTS', KEYS[1], ARGV[5]) == 1 then
  redis.call('HINCRBY', KEYS[1], ARGV[5], -unspent)
end
local buckets = redis.call('HGETALL', KEYS[1])
local used, oldest = debt, minute
for i = 1, #buckets, 2 do
  local bucket, count = tonumber(buckets[i]), tonumber(buckets[i + 1])
  if bucket <= minute - tonumber(ARGV[7]) then
    redis.call('HDEL', KEYS[1], buckets[i])
  elseif count > 0 then
    used = used + count
    if bucket < oldest then oldest = bucket end
  end
end
local free = limit - used
local granted = 0
if free >= least then
  granted = math.max(least, math.min(want, math.floor(free / 20)))
end
if granted + debt > 0 then
  redis.call('HINCRBY', KEYS[1], minute, granted + debt)
  redis.call('EXPIRE', KEYS[1], (ARGV[7] + 1) * 60)
end
return {granted, math.max(0, free - granted), minute, (oldest + ARGV[7]) * 60, now}
"""

REFUND = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HINCRBY', KEYS[1], ARGV[1], -tonumber(ARGV[2])) end
return 1
"""


class Scripts(Protocol):
    """Runs Lua scripts in Redis."""

    async def run(self, script: str, keys: list[str], args: list[Any]) -> Any:
        """The script's answer. Raises ``RedisDownError``."""


class LimitStanding(NamedTuple):
    """How a key stands after one call."""

    admitted: bool
    limit: int
    remaining: int
    reset_at: int
    """Unix time, seconds, at which the oldest charge leaves the window."""


class _Lease:
    """Tokens of one key in this process."""

    __slots__ = (
        "bucket_at",
        "bucket_tokens",
        "debt",
        "good_until",
        "limit",
        "lock",
        "minute",
        "refused_until",
        "remaining",
        "reset_at",
        "size",
        "spent_limit",
        "spent_until",
        "tokens",
    )

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.tokens = 0
        self.good_until = 0.0
        self.refused_until = 0.0
        self.limit = 0
        self.remaining = 0
        self.reset_at = 0
        self.minute = 0
        self.size = 1
        self.debt = 0
        """Calls admitted while Redis was away, charged at the next draw."""
        self.bucket_tokens = -1.0
        self.bucket_at = 0.0
        self.spent_limit = 0
        """The limit of which Redis said last that nothing is left of it; 0 if it said otherwise."""
        self.spent_until = 0
        """Unix time, seconds: until then nothing leaves the window of the limit that is spent."""


class Limiter:
    """Admits calls: from the lease at hand, else by drawing another, else (Redis away) from a small local bucket."""

    def __init__(self, redis: Scripts, *, processes: int = 1) -> None:
        self._redis = redis
        self.processes = processes
        """How many share a limit while Redis is away."""
        self._leases: OrderedDict[str, _Lease] = OrderedDict()
        self._tasks = Tasks()

    def spend(self, key_id: str, limit: int) -> LimitStanding | None:
        """Spend one call if the lease at hand covers or refuses it: the shortest way."""
        lease = self._leases.get(key_id)
        return None if lease is None else self._spend(lease, limit, 1)

    async def take(self, key_id: str, limit: int, weight: int = 1) -> LimitStanding:
        """Take ``weight`` calls of the key, or refuse all of them."""
        lease = self._leases.get(key_id)
        if lease is None:
            lease = self._new_lease(key_id)
        # Asked again inside the lock: of many that find the lease spent, one draws and the others spend what it drew.
        standing = self._spend(lease, limit, weight)
        if standing is not None:
            return standing
        async with lease.lock:
            return self._spend(lease, limit, weight) or await self._draw(key_id, lease, limit, weight)

    def sweep(self) -> None:
        """Give back what aged unspent; called every second."""
        now = monotonic()
        for key_id, lease in self._leases.items():
            if lease.tokens > 0 and now >= lease.good_until and not lease.lock.locked():
                self._give_back(key_id, lease)

    async def close(self) -> None:
        """Give every unspent token back."""
        for key_id, lease in list(self._leases.items()):
            self._give_back(key_id, lease)
        await self._tasks.finish()

    def _spend(self, lease: _Lease, limit: int, weight: int) -> LimitStanding | None:
        now = monotonic()
        if lease.limit != limit:
            return None
        if lease.tokens >= weight and now < lease.good_until:
            lease.tokens -= weight
            return LimitStanding(True, limit, lease.remaining + lease.tokens, lease.reset_at)
        if now < lease.refused_until and weight > lease.tokens + lease.remaining:
            return LimitStanding(False, limit, lease.remaining + lease.tokens, lease.reset_at)
        return None

    async def _draw(self, key_id: str, lease: _Lease, limit: int, weight: int) -> LimitStanding:
        self._resize(lease)
        if key_id in self._leases:
            # Who is evicted is who asked longest ago: a lease in use is drawn anew every two seconds.
            self._leases.move_to_end(key_id)
        # What is unspent goes back within the same script: given back apart, another process could draw it in between and
        # both would count it. The clock is read before the call, so that a slow answer shortens the lease.
        unspent, lease.tokens = lease.tokens, 0
        sent_at = monotonic()
        try:
            granted, remaining, minute, reset_at, _now = await self._redis.run(
                DRAW,
                [f"rate_limit:{key_id}"],
                [limit, max(weight, lease.size), weight, lease.debt, lease.minute, unspent, _BUCKETS],
            )
        except RedisDownError:
            # The tokens may have been drawn and only the answer lost. They are not spent: too few is safe, too many is not.
            return self._locally(lease, limit, weight)
        # Only now: the calls admitted without Redis are charged by this very draw.
        lease.debt = 0
        lease.bucket_tokens = -1.0
        lease.limit, lease.remaining, lease.minute, lease.reset_at = limit, remaining, minute, reset_at
        lease.tokens = granted
        lease.good_until = sent_at + _LEASE_S
        lease.spent_limit, lease.spent_until = (limit, reset_at) if remaining == 0 else (0, 0)
        if granted < weight:
            lease.refused_until = sent_at + _REFUSAL_S
            return LimitStanding(False, limit, remaining, reset_at)
        lease.refused_until = 0.0
        lease.tokens -= weight
        return LimitStanding(True, limit, remaining + lease.tokens, reset_at)

    def _resize(self, lease: _Lease) -> None:
        spent = lease.tokens == 0 and monotonic() < lease.good_until
        lease.size = min(_LARGEST, lease.size * 2) if spent else max(1, lease.size // 2)

    def _locally(self, lease: _Lease, limit: int, weight: int) -> LimitStanding:
        """A token bucket of a minute's share of the limit, divided by the processes that may do the same.

        Empty where Redis said before it went away that the hour is spent: a slow answer must not let a call more through.
        """
        if limit <= lease.spent_limit and time() < lease.spent_until:
            lease.limit = 0
            return LimitStanding(False, limit, 0, lease.spent_until)
        share = limit / self.processes
        burst = max(1.0, share / 60)
        now = monotonic()
        if lease.bucket_tokens < 0:
            lease.bucket_tokens, lease.bucket_at = burst, now
        grown = lease.bucket_tokens + (now - lease.bucket_at) * share / WINDOW_S
        lease.bucket_tokens, lease.bucket_at = min(burst, grown), now
        lease.limit = 0
        admitted = lease.bucket_tokens >= weight
        if admitted:
            lease.bucket_tokens -= weight
            lease.debt += weight
        wait = max(0.0, weight - lease.bucket_tokens) * WINDOW_S / share
        return LimitStanding(admitted, limit, int(lease.bucket_tokens), int(time() + wait) + 1)

    def _give_back(self, key_id: str, lease: _Lease) -> None:
        unspent, lease.tokens = lease.tokens, 0
        if unspent > 0 and lease.limit > 0:
            self._tasks.start(self._refund(key_id, lease.minute, unspent), name="refund")

    async def _refund(self, key_id: str, minute: int, unspent: int) -> None:
        try:
            await self._redis.run(REFUND, [f"rate_limit:{key_id}"], [minute, unspent])
        except RedisDownError:
            return

    def _new_lease(self, key_id: str) -> _Lease:
        lease = self._leases[key_id] = _Lease()
        while len(self._leases) > _KEYS:
            old_id, old = self._leases.popitem(last=False)
            self._give_back(old_id, old)
        return lease


_LIMIT, _REMAINING, _RESET, _POLICY, _STANDING, _RETRY_AFTER = map(
    istr,
    (
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit-Policy",
        "RateLimit",
        "Retry-After",
    ),
)


def headers(standing: LimitStanding, now: float) -> dict[str, str]:
    """The limit's headers: the names clients know, and those of draft-ietf-httpapi-ratelimit-headers."""
    wait = max(1, standing.reset_at - int(now))
    found: dict[str, str] = {
        _LIMIT: str(standing.limit),
        _REMAINING: str(standing.remaining),
        _RESET: str(standing.reset_at),
        _POLICY: f'"hour";q={standing.limit};w={WINDOW_S}',
        _STANDING: f'"hour";r={standing.remaining};t={wait}',
    }
    if not standing.admitted:
        found[_RETRY_AFTER] = str(wait)
    return found
