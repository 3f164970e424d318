"""What a process of ours leaves to others: nothing. Called before anything else is done."""

import os
import resource


def keep_to_itself() -> None:
    """Whatever this process and those that it starts make is their account's alone; and where one of them crashes, no core lies about:
    in it would be the rows in hand, which no search for a person finds, and the secrets."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
