"""Rehearsals of runbooks on the live target, and when each runbook was last proven."""
