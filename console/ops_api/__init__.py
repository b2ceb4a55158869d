"""The ops daemon as the console sees it: client, event feed, the state of the link."""
