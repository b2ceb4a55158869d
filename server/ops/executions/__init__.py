"""Running steps and actions: admission, approvals, the watcher that follows them to their end."""
