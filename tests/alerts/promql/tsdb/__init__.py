"""Facts about alerts, promql, tsdb."""
