"""Facts about alerts, promql, engine."""
