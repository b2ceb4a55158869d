"""One master and its workers: listening sockets that are never closed, and the orders that the master takes."""
