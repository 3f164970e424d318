"""The channels by which operators are told, as the settings name them. Nothing is opened here."""

import re
import socket
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from resources.alerting.failures import ChannelWrong, RecipientsMissing
from resources.environment import read, told
from resources.http import address
from resources.http.address import Address, AddressWrong
from resources.loopback import is_loopback

MAIL_URL, MAIL_TO, MAIL_FROM, WEBHOOK_URL = "ALERT_SMTP_URL", "ALERT_TO", "ALERT_FROM", "ALERT_WEBHOOK_URL"
Name = Literal["mail", "webhook"]
TITLES: dict[Name, str] = {"mail": "thư", "webhook": "webhook"}
MOST_RECIPIENTS = 20
LONGEST = 2000  # characters of an address

_PRINTED = re.compile(r"[\x21-\x7e]+")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_REST = re.compile(
    r"(?:/[A-Za-z0-9._~%+:@!$&'()*,;=/-]*)?(?:\?[A-Za-z0-9._~%+:@!$&'()*,;=/?-]*)?"
)  # of a webhook: a token is in it


@dataclass(frozen=True)
class Mail:
    """A mail server and who is written to. `is_tls`: from the first byte; else STARTTLS, but on this machine."""

    host: str
    port: int
    is_tls: bool
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: str
    recipients: tuple[str, ...]
    name: Name = "mail"

    @property
    def is_here(self) -> bool:
        return is_loopback(self.host)

    @property
    def road(self) -> str:
        how = "mã hóa (TLS)" if self.is_tls else "không mã hóa, trên chính máy này" if self.is_here else "mã hóa (STARTTLS)"
        return f"thư đến {len(self.recipients)} hộp, {how}"


@dataclass(frozen=True)
class Webhook:
    """A receiver of one line of text. Path and query hold its secret."""

    address: Address
    rest: str = field(repr=False)
    name: Name = "webhook"

    @property
    def road(self) -> str:
        return f"webhook, {self.address.road}"


Channel = Mail | Webhook


def configured() -> list[Channel]:
    """The channels that are set. Raises what is wrong with any of them."""
    return [channel for channel in (mail(), webhook()) if channel is not None]


def usable() -> tuple[list[Channel], list[ChannelWrong | RecipientsMissing]]:
    """The channels that can be used, and what is wrong with the others: one does not silence the other."""
    found: list[Channel] = []
    wrong: list[ChannelWrong | RecipientsMissing] = []
    for read_one in (mail, webhook):
        try:
            channel = read_one()
        except (ChannelWrong, RecipientsMissing) as failure:
            wrong.append(failure)
        else:
            found += [channel] if channel else []
    return found, wrong


def mail() -> Mail | None:
    url, to = read(MAIL_URL), read(MAIL_TO)
    if url is None and to is None:
        return None
    if url is None or to is None:
        raise RecipientsMissing(has=MAIL_TO if url is None else MAIL_URL, lacks=MAIL_URL if url is None else MAIL_TO)
    is_tls, host, port, user, password = _server(url)
    recipients = tuple(part.strip() for part in to.split(",") if part.strip())
    if not recipients or len(recipients) > MOST_RECIPIENTS or not all(map(_MAILBOX.fullmatch, recipients)):
        raise ChannelWrong(setting=MAIL_TO, why=f"không phải từ 1 đến {MOST_RECIPIENTS} hộp thư cách nhau bằng dấu phẩy")
    sender = read(MAIL_FROM) or (user if _MAILBOX.fullmatch(user) else f"ansinh@{_own_host()}")
    if not _MAILBOX.fullmatch(sender):
        raise ChannelWrong(setting=MAIL_FROM, why="không phải một hộp thư")
    return Mail(host, port, is_tls, user, password, sender, recipients)


def _server(url: str) -> tuple[bool, str, int, str, str]:
    """What the address of a mail server says; raises ChannelWrong, which never repeats any of it."""
    why = None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        user, password = unquote(parts.username or "", errors="strict"), unquote(parts.password or "", errors="strict")
    except ValueError:
        raise ChannelWrong(setting=MAIL_URL, why="không đọc được (máy, cổng hoặc %XX viết sai)") from None
    if not _PRINTED.fullmatch(url) or len(url) > LONGEST:
        why = "dài quá, hoặc có dấu cách, ký tự điều khiển hay chữ có dấu"
    elif parts.scheme not in ("smtp", "smtps"):
        why = "không bắt đầu bằng smtps:// hoặc smtp://"
    elif parts.path not in ("", "/") or parts.query or parts.fragment or "?" in url or "#" in url:
        why = "có phần sau tên máy; ký tự đặc biệt trong mật khẩu viết dạng %XX (/ là %2F, ? là %3F, # là %23, @ là %40)"
    elif not address.HOST.fullmatch(host) and ":" not in host:
        why = "không có tên máy, hoặc tên máy viết sai"
    elif port == 0:
        why = "có cổng 0"
    elif bool(user) != bool(password):
        why = "có tài khoản mà không có mật khẩu, hoặc ngược lại"
    elif not (user + password).isascii() or not (user + password).isprintable():
        why = "có tài khoản hay mật khẩu với ký tự mà máy chủ thư không nhận"
    if why:
        raise ChannelWrong(setting=MAIL_URL, why=why)
    is_tls = parts.scheme == "smtps"
    return is_tls, host, port or (465 if is_tls else 25 if is_loopback(host) else 587), user, password


def webhook() -> Webhook | None:
    url = read(WEBHOOK_URL)
    if url is None:
        return None
    base, rest = url, ""
    if found := re.match(r"(https?://[^/?#]*)(.*)", url, re.DOTALL):
        base, rest = found.groups()
    wrong = None
    if len(url) > LONGEST or not _REST.fullmatch(rest) or "/../" in f"{rest.partition('?')[0]}/":
        wrong = "có đường dẫn viết sai, hoặc dài quá"
    else:
        try:
            return Webhook(address.read_address(base, WEBHOOK_URL), rest or "/")
        except AddressWrong as error:
            wrong = error.wrong
    raise ChannelWrong(setting=WEBHOOK_URL, why=wrong)


def authorities() -> str | None:
    """The file with the certificates of those that vouch for the receivers; None: the machine's own."""
    return told("ALERT_CA_FILE")


def _own_host() -> str:
    name = socket.gethostname()
    return name if address.HOST.fullmatch(name) else "localhost"
