"""Facts about server, api, analyze."""
