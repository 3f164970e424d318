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
    """The account that runs this, as the system's files know it."""
    return named(os.geteuid())


def asking() -> str:
    """The account that asks, where no officer is named: the one that logged in, as the environment says."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ours()
