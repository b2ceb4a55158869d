"""Facts about server, api, cluster."""
