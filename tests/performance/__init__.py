"""Benchmarks: ours and a peer in the same run, printed side by side. Nothing here asserts a time."""
