"""Commands for scripts: waiting, the stream, and any call of the API."""
