"""The status page process: serves the files that the ops daemon rendered, and knows nothing else."""
