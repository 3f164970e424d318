"""The benchmarks: `make bench`. Each figure stands beside the limit measured in the same run; nothing is asserted."""
