"""Facts about server, api, release."""
