"""Facts about alerts, promql, parser."""
