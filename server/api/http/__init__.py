"""The API's own HTTP layer, measured to be quick: connection, router, route, envelope, body, drain."""
