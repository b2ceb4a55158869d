"""One question from start to end: cache, provider chain, answer."""

from collections.abc import Callable
from time import perf_counter

import msgspec

from server.api.analyze.cache import AnswerCache, CachedAnswer, CacheKey, Found
from server.api.analyze.question import ParsedRequest
from server.api.call import ApiCall
from server.api.providers.chain import ProviderChain, ProvidersFailedError
from server.api.providers.provider import Question
from server.api.telemetry.metrics import ApiMetrics

_WORDS = ("intent", "subject", "output_format", "original_language")


class Analyzer:
    """Answers questions for a tenant, from the cache where it can."""

    def __init__(
        self, cache: AnswerCache, chain: ProviderChain, metrics: ApiMetrics, default_ttl: Callable[[], int]
    ) -> None:
        self._cache = cache
        self._chain = chain
        self._metrics = metrics
        self._default_ttl = default_ttl

    async def analyze(self, ask: ParsedRequest, tenant: str, call: ApiCall) -> Found:
        """The answer to ``ask``; ``call`` learns how it came about. Raises ``ApiError``."""
        ttl = self._default_ttl() if ask.cache_ttl is None else ask.cache_ttl
        found = self._at_hand(ask, tenant, ttl)
        if found is None:
            found = await (self._cached(ask, tenant, ttl, call) if ttl > 0 else self._bypassed(ask, call))
        entry = found.entry
        call.cache = found.word
        call.provider, call.model = entry.provider, entry.model
        if found.word in ("MISS", "BYPASS"):
            call.input_tokens, call.output_tokens = entry.input_tokens, entry.output_tokens
        call.answer = entry.words
        self._count(found, call)
        return found

    def _at_hand(self, ask: ParsedRequest, tenant: str, ttl: int) -> Found | None:
        """A hit that needs nothing but this process: the shortest way."""
        entry = self._cache.fresh(self._key(ask, tenant), ttl)
        return None if entry is None else Found(entry, "HIT")

    async def _cached(self, ask: ParsedRequest, tenant: str, ttl: int, call: ApiCall) -> Found:
        started = perf_counter()
        found = await self._cache.find_or_make(self._key(ask, tenant), ttl, lambda: self._make(ask, call))
        if found.word == "COALESCED":
            call.provider_s = perf_counter() - started
        return found

    async def _bypassed(self, ask: ParsedRequest, call: ApiCall) -> Found:
        return Found(await self._make(ask, call), "BYPASS")

    async def _make(self, ask: ParsedRequest, call: ApiCall) -> CachedAnswer:
        question = Question(
            prompt=ask.prompt,
            schema=ask.schema,
            temperature=ask.temperature,
            max_tokens=ask.max_tokens,
            embedded_fallback=ask.embedded_fallback,
        )
        started = perf_counter()
        try:
            answer = await self._chain.ask(question, ask.provider)
        except ProvidersFailedError as error:
            call.input_tokens, call.output_tokens = error.usage.input, error.usage.output
            raise
        finally:
            call.provider_s += perf_counter() - started
        data = answer.data
        return CachedAnswer(
            data=msgspec.json.encode(data),
            provider=answer.provider,
            model=answer.model,
            tokens=answer.usage.total,
            validated=answer.validated,
            words={name: data[name] for name in _WORDS if isinstance(data.get(name), str)}
            if not ask.schema
            else {},
            warnings=answer.warnings,
            stored_at=0.0,
            ttl=0.0,
            input_tokens=answer.usage.input,
            output_tokens=answer.usage.output,
            tried=answer.tried,
        )

    def _key(self, ask: ParsedRequest, tenant: str) -> CacheKey:
        return CacheKey(tenant, self._chain.identity(ask.provider), ask.identity)

    def _count(self, found: Found, call: ApiCall) -> None:
        if found.word in ("HIT", "STALE", "COALESCED"):
            self._metrics.cache_hits.count += 1
        elif found.word == "MISS":
            self._metrics.cache_misses.inc()
