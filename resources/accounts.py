"""Accounts of the operating system by their names; one without a name, as a container may give, by its number."""

import getpass
import os
import pwd


def named(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def ours() -> str:
    """Who runs this, as the system's files know it."""
    return named(os.geteuid())


def asking() -> str:
    """Who asks, where no officer is named: who logged in, which one's environment says."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ours()
