"""Facts about server/evaluator."""
