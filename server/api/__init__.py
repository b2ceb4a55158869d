"""The API process: analyze, api-keys, settings, health and metrics over HTTP."""
