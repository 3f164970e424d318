"""One letter, by a mail server that may do anything: bounded as a whole in time and in size, as exchanges over HTTP are.

The library would wait for each piece anew and keep every line that a server says. So it runs in a thread of its own, whoever waits
for it gives up at one moment and shuts the line, and what the server says is counted.
"""

import datetime as dt
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import IO, Any

from resources.alerting.channels import Mail
from resources.alerting.failures import ChannelLoginRefused, ChannelRefused, ChannelSlow, ChannelUnreachable, ChannelUnsafe
from resources.alerting.message import Message
from resources.failing import Failure, kind_of
from resources.loopback import is_loopback

THREAD = "ansinh mail"
SILENCE = 10.0  # seconds for one answer
WHOLE = 25.0  # seconds from the look-up of the name to the last answer
LARGEST = 64 * 1024  # bytes that the server may say in all


def letter(channel: Mail, message: Message) -> EmailMessage:
    """The letter; the same message makes the same one, by whose number a mailbox knows that it has it already."""
    made = EmailMessage()
    made["From"], made["To"] = channel.sender, ", ".join(channel.recipients)
    made["Subject"], made["Date"] = message.subject, format_datetime(message.composed_at.astimezone(dt.UTC))
    made["Message-ID"] = f"<{message.id}@{channel.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"], made["X-Auto-Response-Suppress"] = "auto-generated", "All"  # no answer of an absent one
    made.set_content(message.body, cte="base64")  # not every server takes eight bits
    return made


def send(channel: Mail, message: Message, authorities: str | None = None, *, whole: float = WHOLE) -> None:
    """Send one message. Raises what kept it from being taken; taken by one of those it goes to, it is sent."""
    made = letter(channel, message)
    _talk(channel, authorities, whole, lambda server: server.send_message(made, channel.sender, list(channel.recipients)))


def greet(channel: Mail, authorities: str | None = None, *, whole: float = WHOLE) -> None:
    """Prove that the server is there and knows us, without a letter."""
    _talk(channel, authorities, whole, lambda server: server.noop())


def _talk(channel: Mail, authorities: str | None, whole: float, say: Callable[[smtplib.SMTP], object]) -> None:
    trust = None
    if channel.is_tls or not channel.is_here:
        try:
            trust = ssl.create_default_context(cafile=authorities)
        except (OSError, ssl.SSLError) as error:
            raise ChannelUnsafe(channel="thư", why=f"ALERT_CA_FILE: {kind_of(error)}") from None
    talk = _Talk(channel, trust, say)
    threading.Thread(target=talk.run, name=THREAD, daemon=True).start()
    try:
        talk.ended.wait(whole)
    finally:
        is_over = talk.leave()
    if not is_over:
        raise ChannelSlow(channel="thư", seconds=whole)
    if talk.met is not None:
        raise talk.met


class _Talk:
    """A session in a thread of its own. It has ended once all is said: nobody waits for the farewell."""

    def __init__(self, channel: Mail, trust: ssl.SSLContext | None, say: Callable[[smtplib.SMTP], object]) -> None:
        self._channel, self._trust, self._say = channel, trust, say
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._is_left = False
        self.ended = threading.Event()
        self.met: Failure | None = None

    def run(self) -> None:
        server = _Server(self, self._trust if self._channel.is_tls else None)
        try:
            self._session(server)
            self._end(None)
        except Failure as failure:
            self._end(failure)
        except Exception as error:  # the library's texts hold what the server said, or the account
            self._end(_failure(error))
        finally:
            server.bid_farewell()
            if self._line is not None:
                self._line.close()

    def leave(self) -> bool:
        """Wait no more; whether all was said."""
        with self._lock:
            self._is_left = True
            if self._line is not None and not self.ended.is_set():
                with suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)
            return self.ended.is_set()

    def opened(self, line: socket.socket) -> None:
        """Take hold of a line before anything goes through it: of a copy, since TLS takes the line itself out of its object."""
        with self._lock:
            if self._is_left:
                raise TimeoutError
            self._line = line.dup()
        if self._trust is None and not is_loopback(line.getpeername()[0]):
            raise ChannelUnsafe(channel="thư", why="không mã hóa đến một máy khác")

    def _end(self, met: Failure | None) -> None:
        with self._lock:
            if not self._is_left:
                self.met = met
                self.ended.set()

    def _session(self, server: "_Server") -> None:
        channel = self._channel
        code, _ = server.connect(channel.host, channel.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, b"")
        server.ehlo_or_helo_if_needed()
        if self._trust is not None and not channel.is_tls:
            if not server.has_extn("starttls"):
                raise ChannelUnsafe(channel="thư", why="máy chủ không có STARTTLS")
            try:
                server.starttls(context=self._trust)
            except smtplib.SMTPResponseException as error:
                raise ChannelUnsafe(channel="thư", why=f"STARTTLS bị từ chối, mã {error.smtp_code}") from None
        if channel.user:
            try:
                server.login(channel.user, channel.password)
            except smtplib.SMTPServerDisconnected:  # so some refuse
                raise ChannelLoginRefused(channel="thư", code=" (ngắt kết nối)") from None
        self._say(server)


def _failure(error: Exception) -> Failure:
    """What the library met, by its kind and code alone."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return ChannelLoginRefused(channel="thư", code=f" (mã {error.smtp_code})")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ChannelRefused(channel="thư", code=", ".join(sorted({str(code) for code, _ in error.recipients.values()})))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return ChannelLoginRefused(channel="thư", code=": không có cách đăng nhập nào chung")
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, smtplib.SMTPConnectError):
        return ChannelRefused(channel="thư", code=str(error.smtp_code))
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ChannelUnsafe(channel="thư", why=kind_of(error))
    return ChannelUnreachable(channel="thư", why=kind_of(error))


class _Server(smtplib.SMTP):
    def __init__(self, talk: _Talk, trust: ssl.SSLContext | None) -> None:
        super().__init__(timeout=SILENCE, local_hostname="localhost")  # the machine's own name would be looked up
        self._talk, self._trust, self._said = talk, trust, 0

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = socket.create_connection((host, port), timeout)
        self._talk.opened(line)
        self._host = host  # the name that a certificate has to be of, also after STARTTLS
        return line if self._trust is None else self._trust.wrap_socket(line, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Counted(self, self.sock.makefile("rb"))
        return super().getreply()

    def bid_farewell(self) -> None:
        with suppress(smtplib.SMTPException, OSError, ValueError):
            if self.sock is not None:
                self.quit()
        self.close()


class _Counted:
    """What a server says, up to a size."""

    def __init__(self, server: _Server, file: IO[bytes]) -> None:
        self._server, self._file = server, file

    def readline(self, size: int = -1) -> bytes:
        line = self._file.readline(size)
        self._server._said += len(line)
        if self._server._said > LARGEST:
            raise OSError("too much")
        return line

    def close(self) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
