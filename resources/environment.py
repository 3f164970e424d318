"""What the environment says: values, or files that hold them. A fault is told by the setting's name, never by its value."""

import math
import os
import stat
from pathlib import Path

from resources.failing import why_not
from resources.failures import SecretUnreadable, SettingTwice, SettingWrong

LARGEST = 64 * 1024  # bytes of a file that holds a value


def told(name: str) -> str | None:
    """What an environment variable says; None where it says nothing.

    Without the blanks and carriage returns that an editor leaves at the end of a line: nobody sees them, and the folder of such a name is another.
    """
    return os.environ.get(name, "").strip() or None


def read(name: str) -> str | None:
    """The value of an environment variable, or of the file that `<NAME>_FILE` names; None when neither is set."""
    value, path = told(name), told(f"{name}_FILE")
    if value and path:
        raise SettingTwice(name=name)
    if value or not path:
        return value
    try:
        text = _content(Path(path))
    except OSError as error:
        why = why_not(error)
    except UnicodeDecodeError:
        why = "không phải văn bản UTF-8"
    except _Unfit as unfit:
        why = unfit.why
    else:
        return text
    raise SecretUnreadable(name=name, why=why)


def open_to_others() -> list[str]:
    """The settings whose file other accounts of this machine may read."""
    found = []
    for name in sorted(n for n in os.environ if n.endswith("_FILE") and n.startswith(OURS)):
        if not (path := told(name)):
            continue
        try:
            at = os.stat(path)
        except OSError:
            continue  # who needs it says so
        if stat.S_ISREG(at.st_mode) and at.st_mode & of_others(at) & (stat.S_IRGRP | stat.S_IROTH):
            found.append(name)
    return found


def of_others(at: os.stat_result) -> int:
    """The rights by which other accounts than ours come to a file or folder.

    Its group is ours where root gave it to our account's: as a cluster lays down a secret, or a volume, for an account that is not root.
    """
    is_given = at.st_uid == 0 and os.geteuid() != 0 and at.st_gid == os.getegid()
    return stat.S_IRWXO if is_given else stat.S_IRWXG | stat.S_IRWXO


OURS = (
    "ANSINH_",
    "WAREHOUSE_",
    "SHARED_WAREHOUSE_",
    "SOURCE_",
    "LGSP_",
    "NATIONAL_REPORTING_",
    "BACKUP_",
    "PERSON_",
    "POPULATION_",
    "ALERT_",
    "INBOX_",
    "RETURNED_",
    "HEADINGS_",
    "EXPORT_",
)


def number(name: str, *, least: float, most: float) -> float | None:
    """The number that a variable holds; None where it is not set."""
    text = told(name)
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not least <= found <= most:
        raise SettingWrong(name=name, expected=f"một số từ {least:g} đến {most:g}")
    return found


def choice(name: str, default: str, known: tuple[str, ...]) -> str:
    found = told(name) or default
    if found not in known:
        raise SettingWrong(name=name, expected=" hoặc ".join(known))
    return found


def profile() -> str:
    return choice("ANSINH_PROFILE", "demo", ("demo", "production"))


class _Unfit(Exception):
    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


def _content(path: Path) -> str:
    if not path.is_file() and path.exists():  # of a pipe that nobody writes into the end would never come
        raise _Unfit("không phải tệp thường")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _Unfit("lớn hơn 64 KB")
    text = data.decode("utf-8-sig").strip()
    if not text:
        raise _Unfit("tệp rỗng")
    return text
