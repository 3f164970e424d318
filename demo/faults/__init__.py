"""Planted faults: how a value is spoiled, which faults follow from a declaration, where they fall, the truth about them."""
