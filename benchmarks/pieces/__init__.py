"""What the benchmarks are made of; `benchmarks/__init__.py` is the map."""
