"""The files of one backup on their way: encrypted, hashed, brought to disk, and at the end the manifest and its signature."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

from resources.backup import names
from resources.backup.encryption import BLOCK, SUFFIX, Counted, encrypt, encrypted_from
from resources.backup.keys import MakingKeys
from resources.backup.manifest import MANIFEST, SIGNATURE, Backup, Manifest, Member, hashes_to
from resources.durable import sync
from resources.failing import FULL


class Writer:
    """Everything is the owner's alone."""

    def __init__(self, root: Path, keys: MakingKeys) -> None:
        self.root = root
        self.keys = keys
        self.files: dict[str, Member] = {}
        self.links: dict[str, str] = {}

    def put(self, name: str, source: IO[bytes]) -> Member:
        """Keep what is read from here on."""
        plain = Counted(source)
        with self._new(name + SUFFIX) as file:
            stored = Counted(file)
            encrypt(plain, stored, self.keys.recipients)
        return self._kept(name, plain, stored)

    def put_from(self, name: str, produce: Callable[[IO[bytes]], None]) -> Member:
        """Keep what `produce` writes."""
        with self._new(name + SUFFIX) as file:
            stored = Counted(file)
            plain = encrypted_from(produce, stored, self.keys.recipients)
        return self._kept(name, plain, stored)

    def share(self, name: str, earlier: Backup) -> bool | None:
        """Make the file one with that of an earlier backup, or a copy where the disk holds no such links.

        True when it is one; None, and nothing kept, where the earlier one is no longer what was signed.
        """
        stored, member = name + SUFFIX, earlier.manifest.files[name]
        place = self._place(stored)
        try:
            os.link(earlier.path / stored, place, follow_symlinks=False)
            is_one = True
            if place.stat().st_mode & 0o777 != 0o600:
                place.chmod(0o600)
        except OSError:
            place.unlink(missing_ok=True)
            is_one = False
            try:
                with names.opened(earlier.path, stored) as source, self._new(stored) as target:
                    shutil.copyfileobj(source, target, BLOCK)
            except OSError as error:
                if error.errno in FULL:
                    raise
                place.unlink(missing_ok=True)
                return None
        if not self._is_as_signed(stored, member):
            place.unlink()
            return None
        sync(place)
        self.files[name] = member
        return is_one

    def _is_as_signed(self, stored: str, member: Member) -> bool:
        """Asked where the file lies now: by its old name it could be exchanged meanwhile."""
        try:
            with names.opened(self.root, stored) as found:
                return hashes_to(found, member.stored_size, member.stored_sha256)
        except OSError:
            return False

    def remove(self, name: str) -> None:
        (self.root / (name + SUFFIX)).unlink()
        del self.files[name]

    def finish(self, manifest: Manifest) -> None:
        content = manifest.written()
        for folder in [self.root, *(p for p in self.root.rglob("*") if p.is_dir())]:
            sync(folder)
        for name, written in ((MANIFEST, content), (SIGNATURE, self.keys.signer.sign(content))):
            with self._new(name) as f:
                f.write(written)
            sync(self.root / name)
        sync(self.root)

    def _place(self, name: str) -> Path:
        path = self.root / name
        for folder in reversed([p for p in path.parents if p.is_relative_to(self.root)]):
            folder.mkdir(mode=0o700, exist_ok=True)
        return path

    def _new(self, name: str) -> IO[bytes]:
        return os.fdopen(os.open(self._place(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def _kept(self, name: str, plain: Counted, stored: Counted) -> Member:
        sync(self.root / (name + SUFFIX))
        told = Member(size=plain.size, sha256=plain.sha256, stored_size=stored.size, stored_sha256=stored.sha256)
        self.files[name] = told
        return told
