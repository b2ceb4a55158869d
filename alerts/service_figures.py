"""The service in four figures, as queries: the console shows them, and an outage keeps them."""

_CALLERS = 'job="api",handler!~"/v1/(health|ready|live|metrics)"'
"""Requests of callers: the same as the alert rules count, our own scrapes and probes left out."""
_BUCKETS = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_CALLERS}}}[1m]))"
_HITS, _MISSES = "sum(rate(cache_hits_total[1m]))", "sum(rate(cache_misses_total[1m]))"

REQUEST_RATE = f"sum(rate(http_requests_total{{{_CALLERS}}}[1m]))"
"""Requests a second."""
FAILED_RATE = f'sum(rate(http_requests_total{{{_CALLERS},status=~"5.."}}[1m]))'
"""Of them, those that failed."""
ERROR_SHARE = f"100 * ({FAILED_RATE} or 0 * {REQUEST_RATE}) / {REQUEST_RATE}"
"""Per cent of them that failed."""
P95 = f"1000 * histogram_quantile(0.95, {_BUCKETS})"
"""Milliseconds within which 95 of a hundred were answered."""
P50 = f"1000 * histogram_quantile(0.5, {_BUCKETS})"
"""Milliseconds within which half were answered."""
P99 = f"1000 * histogram_quantile(0.99, {_BUCKETS})"
"""Milliseconds within which 99 of a hundred were answered."""
HIT_RATE = f"100 * {_HITS} / ({_HITS} + {_MISSES})"
"""Per cent that the cache answered."""
