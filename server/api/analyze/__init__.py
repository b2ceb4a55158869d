"""From a question to its answer: reading it, the cache, the providers' chain, one item or a batch."""
