"""Benchmarks of speed, memory and fronts; not part of the tests."""
