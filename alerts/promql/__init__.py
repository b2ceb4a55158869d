"""PromQL over samples in memory: parse, check, evaluate."""
