"""The ops daemon: alert and incident state, runbook execution, and the ops API with its event stream."""
