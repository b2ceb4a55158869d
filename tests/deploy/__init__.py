"""Facts about what is deployed: files for containers, platforms and machines agree with the code."""
