"""Facts about server, api, auth."""
