"""What the environment says: values, or files that hold them. A fault is told by the setting's name, never by its value."""

import math
import os
import stat
from pathlib import Path

from resources.failing import Permanent, why_not

LARGEST = 64 * 1024  # bytes of a file that holds a value


class Unconfigured(Permanent):
    """A setting is not there or has no meaning. The message names it and never holds a secret."""

    exit_status = 2


class SecretUnreadable(Unconfigured):
    attempted = "Đọc {name} từ tệp mà {name}_FILE chỉ ra"
    found = "không đọc được ({why})"
    remedy = "Kiểm tra đường dẫn, quyền đọc và nội dung tệp"
    means = (
        "Biến môi trường kết thúc bằng _FILE chỉ đến một tệp thường chứa đúng một giá trị ở dạng văn bản UTF-8, nhưng tài khoản chạy "
        "ansinh không đọc được tệp như vậy."
    )
    steps = (
        "Kiểm tra đường dẫn trong biến môi trường được nêu: một tệp thường, không rỗng, dưới 64 KB, không phải thư mục.",
        "Cấp quyền đọc tệp cho riêng tài khoản chạy ansinh (chmod 600).",
    )


class SettingTwice(Unconfigured):
    attempted = "Đọc cấu hình {name}"
    found = "cả {name} và {name}_FILE đều được đặt"
    remedy = "Giữ lại một, bỏ một rồi chạy lại"
    means = "Giá trị được khai ở hai nơi; chương trình không đoán nơi nào đúng, vì nơi còn lại thường là giá trị cũ."
    steps = ("Bỏ biến không dùng nữa; bí mật nên để trong tệp.", "Chạy ansinh doctor.")


class SettingWrong(Unconfigured):
    attempted = "Đọc cấu hình {name}"
    found = "giá trị đã đặt không đúng, cần {expected}"
    remedy = "Sửa biến môi trường rồi chạy lại"
    means = "Một biến môi trường viết sai. Giá trị không được in ra, vì có thể là một bí mật đặt nhầm chỗ."
    steps = (
        "Đặt biến được nêu theo đúng điều cần trong thông báo, hoặc bỏ trống để dùng giá trị mặc định.",
        "Chạy ansinh doctor.",
    )


def read(name: str) -> str | None:
    """The value of an environment variable, or of the file that `<NAME>_FILE` names; None when neither is set."""
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and path:
        raise SettingTwice(name=name)
    if value or not path:
        return value or None
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
    for name in sorted(n for n, path in os.environ.items() if n.endswith("_FILE") and path and n.startswith(OURS)):
        try:
            mode = os.stat(os.environ[name]).st_mode
        except OSError:
            continue  # who needs it says so
        if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
            found.append(name)
    return found


OURS = ("ANSINH_", "WAREHOUSE_", "SHARED_WAREHOUSE_", "SOURCE_", "NATIONAL_REPORTING_", "BACKUP_")


def number(name: str, *, least: float, most: float) -> float | None:
    """The number that a variable holds; None where it is not set."""
    text = os.environ.get(name)
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
    found = os.environ.get(name) or default
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
