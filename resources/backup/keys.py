"""The keys of backups: to whom they are encrypted, what signs them, what checks and opens them.

In production all are configured, and what is missing is refused in words. The demo's are made once, in the account's own
configuration folder: beside the state they would go with it, and beside the backups they would open them for who takes those.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from resources.backup import signature
from resources.backup.encryption import Identity, identities, new_identity, recipient
from resources.durable import write_once
from resources.environment import Unconfigured, read
from resources.failing import why_not
from resources.settings import Settings

RECIPIENT, SIGNING, VERIFY = "BACKUP_RECIPIENT", "BACKUP_SIGNING_KEY_FILE", "BACKUP_VERIFY_KEY"
IDENTITY, REHEARSAL = "BACKUP_IDENTITY_FILE", "BACKUP_REHEARSAL_IDENTITY_FILE"
MAKE_ENCRYPTION = "age-keygen -o khoa-giai-ma.txt"
MAKE_SIGNING = "openssl genpkey -algorithm ed25519 -out khoa-ky.pem"
LARGEST_KEY = 1 << 16


class RecipientUnconfigured(Unconfigured):
    attempted = "Sao lưu trạng thái"
    found = "BACKUP_RECIPIENT chưa đặt: không biết mã hóa bản sao lưu cho ai"
    remedy = f"Trên máy khác chạy {MAKE_ENCRYPTION}, đặt BACKUP_RECIPIENT là dòng age1… của nó rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu chứa dữ liệu cá nhân nên luôn được mã hóa, cho một khóa mà máy này không giữ phần riêng."
    steps = (
        f"Trên máy khác, tốt nhất máy không nối mạng: {MAKE_ENCRYPTION}; in tệp đó ra giấy, cất hai nơi. Mất nó là mất mọi bản sao lưu.",
        "Đặt BACKUP_RECIPIENT=age1… (khóa công khai); nhiều người nhận thì cách nhau bằng dấu cách.",
        "Chạy lại ansinh backup.",
    )


class SigningUnconfigured(Unconfigured):
    attempted = "Sao lưu trạng thái"
    found = "BACKUP_SIGNING_KEY_FILE chưa đặt: không có khóa để ký bản sao lưu"
    remedy = f"Chạy {MAKE_SIGNING}, đặt BACKUP_SIGNING_KEY_FILE chỉ đến tệp đó rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu không ký thì nơi khôi phục không phân biệt được với bản giả, và sẽ từ chối nó."
    steps = (
        f"Chạy {MAKE_SIGNING}, rồi chmod 600 khoa-ky.pem; đặt BACKUP_SIGNING_KEY_FILE.",
        "In khóa kiểm tra: openssl pkey -in khoa-ky.pem -pubout; giữ nó ở nơi khôi phục (BACKUP_VERIFY_KEY), đừng cất cùng bản sao lưu.",
        "Chạy lại ansinh backup.",
    )


class VerifyUnconfigured(Unconfigured):
    attempted = "Kiểm tra bản sao lưu"
    found = "BACKUP_VERIFY_KEY chưa đặt: không kiểm được chữ ký"
    remedy = "Đặt BACKUP_VERIFY_KEY (hoặc BACKUP_VERIFY_KEY_FILE) là khóa kiểm tra của hệ thống đã sao lưu rồi chạy lại; chưa có gì được ghi"
    means = "Khóa kiểm tra phải có sẵn ở nơi khôi phục: lấy nó từ chính bản sao lưu thì bản giả nào cũng đúng."
    steps = (
        "Còn khóa ký: openssl pkey -in khoa-ky.pem -pubout > khoa-kiem-tra.pem; đặt BACKUP_VERIFY_KEY_FILE.",
        "Không còn: lấy khóa kiểm tra từ nơi cất giấy tờ của hệ thống (PEM, hoặc 32 byte base64).",
        "Tỉnh mô phỏng: khóa ở thư mục ansinh/demo-backup trong thư mục cấu hình (XDG_CONFIG_HOME) của tài khoản đã sao lưu.",
    )


class IdentityUnconfigured(Unconfigured):
    attempted = "Giải mã bản sao lưu"
    found = "chưa đưa tệp khóa giải mã"
    remedy = "Chạy lại với --identity TỆP (hoặc đặt BACKUP_IDENTITY_FILE); chưa có gì được ghi"
    means = "Khóa riêng không nằm trên máy đã sao lưu; người giữ nó phải mang tới nơi khôi phục."
    steps = (
        "Lấy tệp khóa (dòng AGE-SECRET-KEY-…) từ nơi cất, chạy ansinh restore --from … --identity TỆP.",
        "Khóa có mật khẩu: ansinh restore --from … --identity <(age -d khoa.age).",
        "Tỉnh mô phỏng: khóa ở thư mục ansinh/demo-backup trong thư mục cấu hình (XDG_CONFIG_HOME) của tài khoản đã sao lưu.",
    )


class KeyWrong(Unconfigured):
    attempted = "Đọc khóa sao lưu {name}"
    found = "{what}"
    remedy = "Sửa rồi chạy lại; chưa có gì được ghi"
    means = "Khóa viết sai, bị cắt, không đọc được, hoặc là loại khóa khác. Nội dung khóa không bao giờ được in ra."
    steps = (
        "BACKUP_RECIPIENT: các dòng age1… do age-keygen in ra. Khóa giải mã: tệp có dòng AGE-SECRET-KEY-….",
        f"Khóa ký: tệp do {MAKE_SIGNING} tạo. Khóa kiểm tra: openssl pkey -in <khóa ký> -pubout.",
    )


class KeyOpenToOthers(Unconfigured):
    attempted = "Đọc khóa sao lưu {name}"
    found = "tài khoản khác của máy cũng đọc được tệp khóa"
    remedy = "Chạy chmod 600 trên tệp đó rồi chạy lại; chưa có gì được ghi"
    means = "Ai đọc được khóa ký thì làm giả được bản sao lưu; ai đọc được khóa giải mã thì mở được nó."
    steps = ("chown cho tài khoản chạy ansinh, chmod 600 tệp khóa.", "Đã để mở lâu: coi như lộ, tạo khóa mới và sao lưu lại.")


@dataclass(frozen=True)
class MakingKeys:
    signer: Ed25519PrivateKey
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class RestoringKeys:
    verifier: Ed25519PublicKey
    identities: tuple[Identity, ...]  # none: what is encrypted cannot be opened


def for_making(settings: Settings) -> MakingKeys:
    """Refuses what is missing or wrong. Backups are encrypted to the rehearsal's key as well, where there is one."""
    declared = read(RECIPIENT)
    if declared is not None:
        try:
            recipients = {recipient(text) for text in re.split(r"[\s,;]+", declared) if text}
        except ValueError:
            raise KeyWrong(name=RECIPIENT, what="có mục không phải khóa công khai age1…") from None
    elif settings.is_demo:
        recipients = {str(i.to_public()) for i in _demo_identities()}
    else:
        raise RecipientUnconfigured
    if not settings.is_demo and not os.environ.get(SIGNING):
        raise SigningUnconfigured
    signer = _signer(SIGNING, Path(os.environ.get(SIGNING) or _demo_signing()))
    rehearsing = _rehearsal_identities(settings)
    return MakingKeys(signer, tuple(sorted(recipients | {str(i.to_public()) for i in rehearsing})))


def for_restoring(settings: Settings, identity: Path | None) -> RestoringKeys:
    """The keys at the place of restore: never any out of the backup."""
    path = identity or (Path(value) if (value := os.environ.get(IDENTITY)) else None)
    if path is None and settings.is_demo and _demo("identity.txt").exists():
        path = _demo("identity.txt")
    if path is None:
        raise IdentityUnconfigured
    verifier = _verifier(settings, is_of_signer=settings.is_demo)
    return RestoringKeys(verifier, _identities(IDENTITY if identity is None else "--identity", path))


def for_rehearsing(settings: Settings, identity: Path | None = None) -> RestoringKeys:
    """Without an identity where none is configured: then signature and hashes alone can be checked."""
    found = _identities("--identity", identity) if identity else _rehearsal_identities(settings)
    return RestoringKeys(_verifier(settings, is_of_signer=True), found)


def has_rehearsal_identity(settings: Settings) -> bool:
    return settings.is_demo or bool(os.environ.get(REHEARSAL))


def demo_folder() -> Path:
    """Where the demo's keys are: with the account, so that they outlive the state and are not among the backups."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ansinh" / "demo-backup"


def _verifier(settings: Settings, *, is_of_signer: bool) -> Ed25519PublicKey:
    """`is_of_signer`: where backups are made, what signs them may check them."""
    declared = read(VERIFY)
    if declared is not None:
        try:
            return signature.public_key(declared)
        except ValueError:
            raise KeyWrong(name=VERIFY, what="không phải khóa công khai Ed25519 (PEM, hoặc 32 byte base64)") from None
    if is_of_signer and os.environ.get(SIGNING):
        return _signer(SIGNING, Path(os.environ[SIGNING])).public_key()
    if settings.is_demo and _demo("signing.pem").exists():
        return _signer("signing.pem", _demo("signing.pem")).public_key()
    raise VerifyUnconfigured


def _rehearsal_identities(settings: Settings) -> tuple[Identity, ...]:
    path = os.environ.get(REHEARSAL)
    if path:
        return _identities(REHEARSAL, Path(path), is_kept_here=True)
    return _demo_identities() if settings.is_demo and not read(RECIPIENT) else ()


def _identities(name: str, path: Path, *, is_kept_here: bool = False) -> tuple[Identity, ...]:
    try:
        return identities(_content(name, path, is_kept_here).decode())
    except ValueError:
        raise KeyWrong(name=name, what="tệp không phải khóa giải mã age (dòng AGE-SECRET-KEY-…)") from None


def _signer(name: str, path: Path) -> Ed25519PrivateKey:
    try:
        return signature.private_key(_content(name, path, True))
    except ValueError:
        raise KeyWrong(name=name, what="tệp không phải khóa riêng Ed25519 dạng PEM không mật khẩu") from None


def _content(name: str, path: Path, is_kept_here: bool) -> bytes:
    """What a key's file holds. One that stays on the machine has to be its account's alone; one that is brought need not."""
    try:
        with path.open("rb") as f:
            if is_kept_here and os.fstat(f.fileno()).st_mode & 0o077:
                raise KeyOpenToOthers(name=name)
            return f.read(LARGEST_KEY)
    except OSError as error:
        raise KeyWrong(name=name, what=f"không đọc được tệp ({why_not(error)})") from None


def _demo(name: str) -> Path:
    return demo_folder() / name


def _demo_signing() -> Path:
    return _made_once("signing.pem", lambda: signature.private_pem(Ed25519PrivateKey.generate()))


def _demo_identities() -> tuple[Identity, ...]:
    def written() -> str:
        made = new_identity()
        return f"# public key: {made.to_public()}\n{made}\n"

    return _identities("identity.txt", _made_once("identity.txt", written), is_kept_here=True)


def _made_once(name: str, written: Callable[[], str]) -> Path:
    path = _demo(name)
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, written(), mode=0o600)
    except OSError as error:
        raise KeyWrong(name=name, what=f"không ghi được khóa của tỉnh mô phỏng vào {path.parent} ({why_not(error)})") from None
    return path
