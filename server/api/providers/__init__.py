"""Providers: what turns a prompt into data, each behind the same face, and the chain that tries them in order."""
