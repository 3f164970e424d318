"""The benchmarks: `make bench`, `python -m benchmarks PART`. Each figure stands beside the limit measured in the same run; nothing is asserted."""
