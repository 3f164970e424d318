"""Planted faults: how a value is spoiled, which faults each dataset carries, where they fall, and the truth about them."""
