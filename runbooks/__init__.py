"""The runbooks that engineers read, the actions that they run, and the words both are written in."""
