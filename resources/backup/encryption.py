"""Encryption of what a backup holds: age, so that `age -d -i key.txt file.age` opens each file without ansinh.

Everything streams: a file of any size takes the memory of one piece. What is read and what is written is hashed on the way.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any

import pyrage

SUFFIX = ".age"
BLOCK = 1 << 20

age: Any = pyrage  # it tells no types
Identity = Any  # a private key, which its text leads to and which leads to its public one


class NotOpened(Exception):
    """The file is cut, damaged, or encrypted to somebody else."""


class Counted:
    """A stream whose bytes are counted and hashed as they pass; what goes past the limit is never passed on.

    The library tells a failure of a stream as one of its own, with its text: what really happened is kept here.
    """

    def __init__(self, stream: IO[bytes] | None, limit: int | None = None) -> None:
        self._stream, self._limit, self._hash = stream, limit, hashlib.sha256()
        self.size = 0
        self.error: BaseException | None = None

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int = -1, /) -> bytes:
        assert self._stream is not None
        try:
            return self._passed(self._stream.read(BLOCK if size < 0 else size))
        except BaseException as error:
            self.error = error
            raise

    def write(self, part: bytes, /) -> int:
        try:
            self._passed(part)
            if self._stream is not None:
                self._stream.write(part)
            return len(part)
        except BaseException as error:
            self.error = error
            raise

    def flush(self) -> None:
        pass

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _passed(self, part: bytes) -> bytes:
        self.size += len(part)
        if self._limit is not None and self.size > self._limit:
            raise NotOpened
        self._hash.update(part)
        return part


def recipient(text: str) -> str:
    """The text of an age public key; ValueError where it is none."""
    try:
        age.x25519.Recipient.from_str(text)
    except age.RecipientError:
        raise ValueError from None
    return text


def identities(text: str) -> tuple[Identity, ...]:
    """The private keys in a file as age-keygen writes it; ValueError where there is none, or something else."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        found = tuple(age.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#"))
    except age.IdentityError:
        raise ValueError from None
    if not found:
        raise ValueError
    return found


def new_identity() -> Identity:
    return age.x25519.Identity.generate()


def encrypt(source: Counted, target: Counted, recipients: Sequence[str]) -> None:
    with_keys = [age.x25519.Recipient.from_str(r) for r in recipients]
    try:
        age.encrypt_io(source, target, with_keys)
    except Exception:
        raise (source.error or target.error or NotOpened()) from None


def decrypt(source: Counted, target: Counted, keys: Sequence[Identity]) -> None:
    """Write the plain text to `target`; NotOpened where the file is not whole or for somebody else."""
    try:
        age.decrypt_io(source, target, list(keys))
    except Exception:  # a cut file is told as an OSError without a number, anything else as an error of the library's own
        raise (source.error or target.error or NotOpened()) from None


def encrypted_from(produce: Callable[[IO[bytes]], None], target: Counted, recipients: Sequence[str]) -> Counted:
    """Encrypt what `produce` writes into a pipe, so that the plain text is on no disk; what passed."""
    incoming, outgoing = os.pipe()
    plain, failed = Counted(os.fdopen(incoming, "rb")), []

    def work() -> None:
        try:
            encrypt(plain, target, recipients)
        except BaseException as error:
            failed.append(error)
        finally:
            plain.close()  # a writer to whom nobody listens ends by itself

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(outgoing, "wb", buffering=0) as pipe:
            produce(pipe)
    except BaseException:
        thread.join()
        if failed:  # why the other side of the pipe was closed
            raise failed[0] from None
        raise
    thread.join()
    if failed:
        raise failed[0]
    return plain
