"""One worker process of the API."""
