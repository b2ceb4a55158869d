"""Facts about server, ops, executions."""
