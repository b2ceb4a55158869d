"""What the ops daemon knows: the ledger over the journal, and the fold from events to state."""
