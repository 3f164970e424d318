"""A silent, deterministic HiGHS solver: its first instance prints a banner to standard output, where a command's JSON goes."""

import os

import highspy


def silent_solver() -> highspy.Highs:
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        solver = highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    solver.setOptionValue("output_flag", False)
    # One thread and one seed: the same tables must hide the same cells on every machine.
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    return solver
