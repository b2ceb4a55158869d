"""What each screen of the console lists, as records: pure, from the daemon's words and the server's time."""
