"""Facts about server, api, telemetry."""
