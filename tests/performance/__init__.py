"""Benchmarks of the product and, if there is one, of a usual implementation in the same run. No time is asserted."""
