"""The evaluator process: scrapes, probes, evaluates the alert rules and sends alerts, as Prometheus would."""
