"""What is kept and written about incidents: their metrics, post-mortems, reports and the hand-over."""
