"""The event stream: what changed, numbered, so that a client can resume from where it was."""
