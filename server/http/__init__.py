"""One HTTP layer for the ops daemon, the evaluator and the status page; the API keeps its own, measured one, and takes ``expectation`` and ``host_guard``."""
