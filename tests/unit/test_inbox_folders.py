"""What lies in an inbox is looked at without being opened, opened as a stranger's, and given back beside a note; whatever it is called."""

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.failing import Permanent
from resources.inbox import failures, looking, notes, opening, returning
from resources.inbox.opening import StillWritten, claim, content, extension
from resources.servers.failures import AddressWrong
from resources.settings import Settings
from resources.workbooks.reading import failures as reading
from resources.workbooks.reading.limits import Limits

UNIT = "421"
ODD = ["hai\ndòng.csv", "x" * 251 + ".csv", os.fsdecode(b"t\xea n \xe1c.csv"), "-rf.csv", "a;b'\"$(c).csv", "đủ dấu.csv"]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name in ("INBOX_DIR", "RETURNED_DIR", "HEADINGS_DIR", "SOURCE_CHILDREN_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INBOX_REST_SECONDS", "0")
    (tmp_path / "inbox/children" / UNIT).mkdir(parents=True)
    yield Settings("production", tmp_path)


@pytest.fixture
def inbox(settings: Settings) -> Path:
    return settings.inbox_of("children")


def lie(inbox: Path, name: str, data: bytes = b"a,b\n1,2\n") -> Path:
    path = inbox / UNIT / name
    path.write_bytes(data)
    return path


def seen(inbox: Path, settings: Settings, now: float | None = None) -> list[str]:
    return [entry.path.name for entry in looking.at_rest(inbox, settings, now)]


def test_folders_are_where_settings_say(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    home = settings.home
    assert settings.inbox_of("children") == home / "inbox/children"
    assert settings.returned_of("children") == home / "returned/children"
    assert settings.headings_dir == home / "headings"
    monkeypatch.setenv("INBOX_DIR", "/srv/nop/inbox")
    assert settings.inbox_of("children") == Path("/srv/nop/inbox/children")
    assert settings.returned_of("children") == Path("/srv/nop/returned/children")
    monkeypatch.setenv("SOURCE_CHILDREN_URL", "dir:///srv/tr%E1%BA%BB/em")
    assert settings.inbox_of("children") == Path("/srv/trẻ/em")
    assert settings.returned_of("children") == Path("/srv/trẻ/returned/children")
    monkeypatch.setenv("RETURNED_DIR", "/srv/back")
    assert settings.returned_of("children") == Path("/srv/back/children")
    for wrong in ("dir://may/srv", "dir:srv", "dir:///"):
        monkeypatch.setenv("SOURCE_CHILDREN_URL", wrong)
        with pytest.raises(AddressWrong):
            settings.inbox_of("children")


def test_what_is_not_at_rest_or_not_whole_is_left_alone(settings: Settings, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "a.xlsx",
        "b.xlsx.part",
        ".c.xlsx",
        "~$d.xlsx",
        "e.xlsx",
        ".~lock.e.xlsx#",
        "f.xlsx",
        "~$f.xlsx",
        "Thumbs.db",
        "g.csv.filepart",
    )
    for name in names:
        lie(inbox, name)
    assert seen(inbox, settings) == ["a.xlsx"], "e and f are open at somebody's"
    monkeypatch.setenv("INBOX_REST_SECONDS", "60")
    # A copy that keeps the time of the original is seen by when it was last touched.
    os.utime(inbox / UNIT / "a.xlsx", (0, 0))
    assert seen(inbox, settings) == []
    assert seen(inbox, settings, time.time() + 61) == ["a.xlsx"]
    assert looking.forgotten(inbox, time.time() + 3600) == []
    assert len(looking.forgotten(inbox, time.time() + 25 * 3600)) == len(names) - 1, "all but what Windows leaves"
    # What is copied into a folder does not show in it.
    (inbox / UNIT / "folder").mkdir()
    assert "folder" not in seen(inbox, settings, time.time() + 120)
    assert "folder" in seen(inbox, settings, time.time() + 3_700)


def test_what_was_written_first_is_taken_first(settings: Settings, inbox: Path) -> None:
    """Whatever unit's it is: what a commune sent after its district is not lost below what the district had sent."""
    for at, (unit, name) in enumerate([("16777", "a.csv"), (UNIT, "b.csv"), ("40", "c.csv"), ("422", "a.csv"), (UNIT, "a.csv")]):
        (inbox / unit).mkdir(exist_ok=True)
        path = inbox / unit / name
        path.write_bytes(b"x")
        os.utime(path, (100 + at, 100 + at))
    taken = [(entry.sender, entry.path.name) for entry in looking.at_rest(inbox, settings)]
    assert taken == [("16777", "a.csv"), (UNIT, "b.csv"), ("40", "c.csv"), ("422", "a.csv"), (UNIT, "a.csv")]
    for entry in looking.at_rest(inbox, settings):
        claim(entry, inbox)
    assert [(entry.sender, entry.path.name) for entry in looking.at_rest(inbox, settings)] == taken, (
        "also what an ended look left"
    )


def test_what_lay_there_when_another_was_taken_precedes_it_where_it_was_written_before(settings: Settings, inbox: Path) -> None:
    for name, written in (("trước.csv", 100), ("sau.csv", 200)):
        os.utime(lie(inbox, name), (written, written))
    before, after = looking.at_rest(inbox, settings)
    taken = looking.mark(claim(after, inbox).lstat())
    assert before.precedes(taken) and not after.precedes(looking.mark(before.path.lstat())), "by when they were written"
    assert not before.precedes("") and not before.precedes("1-2-3")
    time.sleep(0.02)
    os.utime(before.path, (100, 100))  # laid there once more: it is meant
    (again,) = (entry for entry in looking.at_rest(inbox, settings) if entry.path == before.path)
    assert not again.precedes(taken)


def test_of_files_of_one_instant_the_one_that_was_laid_first_is_taken_first(settings: Settings, inbox: Path) -> None:
    for name in ("z.csv", "a.csv"):
        os.utime(lie(inbox, name), (100, 100))
        time.sleep(0.02)
    assert seen(inbox, settings) == ["z.csv", "a.csv"]


def test_a_folder_of_no_unit_or_behind_a_link_is_none(settings: Settings, inbox: Path, tmp_path: Path) -> None:
    for folder in (inbox / "của tôi", inbox / "999", tmp_path / "elsewhere"):
        folder.mkdir()
        (folder / "a.csv").write_bytes(b"x")
    (inbox / "422").symlink_to(tmp_path / "elsewhere")
    assert seen(inbox, settings) == []
    assert looking.strangers(inbox) == 3


def test_a_claimed_file_is_out_of_reach_and_its_name_is_free(settings: Settings, inbox: Path) -> None:
    lie(inbox, "a.csv", b"first")
    (entry,) = looking.at_rest(inbox, settings)
    place = claim(entry, inbox)
    assert place.parent == inbox / looking.TAKING / UNIT and stat.S_IMODE(place.parent.parent.stat().st_mode) == 0o700
    lie(inbox, "a.csv", b"second")
    again = list(looking.at_rest(inbox, settings))
    assert [entry.path for entry in again] == [place, inbox / UNIT / "a.csv"], "what is in hand comes first"
    assert claim(again[0], inbox) == place and place.read_bytes() == b"first"
    with pytest.raises(StillWritten):
        claim(again[1], inbox)
    assert place.read_bytes() == b"first" and again[1].path.read_bytes() == b"second", "neither lies over the other"
    assert looking.waiting(inbox, settings) == [again[1]], "a run has the other in hand"
    assert len(looking.waiting(inbox, settings, time.time() + 1000)) == 2, "or left it there"


def test_a_file_that_somebody_still_writes_is_left(settings: Settings, inbox: Path) -> None:
    path = lie(inbox, "a.csv")
    (entry,) = looking.at_rest(inbox, settings)
    with path.open("ab"), pytest.raises(StillWritten):
        claim(entry, inbox)
    assert path.exists()
    with content(path, Limits()) as found, path.open("ab") as other:
        assert found.read()
        other.write(b"more")
        other.flush()
        with pytest.raises(StillWritten):
            found.read()
    claim(entry, inbox)


@pytest.mark.parametrize(("becomes", "at"), [(b"a,b\n1,2\n", 1), (b"a,b\n3,4\n", 2), (b"a,b\n", 3), (b"a,b\n1,2\n3,4\n", 4)])
def test_a_file_that_is_another_at_its_end_is_not_taken(inbox: Path, becomes: bytes, at: int) -> None:
    path = lie(inbox, "a.csv")
    with content(path, Limits()) as found:
        assert found.read(3) == b"a,b"
        with path.open("r+b") as other:
            other.truncate(0)
            other.write(becomes)
        os.utime(path, ns=(at, at))
        with pytest.raises(StillWritten):
            while found.read():
                pass


def test_a_file_is_read_to_its_end_and_no_more_than_is_allowed(inbox: Path) -> None:
    path = lie(inbox, "a.csv", b"12345678")
    with content(path, Limits(file_bytes=8)) as found:
        assert [found.read(5), found.read(5), found.read(5)] == [b"12345", b"678", b""]
    with pytest.raises(reading.FileTooLarge), content(path, Limits(file_bytes=7)):
        pass


def test_what_is_no_file_is_not_opened(settings: Settings, inbox: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("bí mật")
    (inbox / UNIT / "link.csv").symlink_to(secret)
    (inbox / UNIT / "folder.csv").mkdir()
    os.mkfifo(inbox / UNIT / "pipe.csv")
    lie(inbox, "empty.csv", b"")
    with (inbox / UNIT / "huge.csv").open("wb") as file:
        file.truncate(2 << 30)
    found: dict[str, Permanent] = {}
    for entry in looking.at_rest(inbox, settings):
        with pytest.raises(Permanent) as caught, content(claim(entry, inbox), Limits()):
            pass
        found[entry.path.name] = caught.value
    assert {name: type(why) for name, why in found.items()} == {
        **dict.fromkeys(("link.csv", "folder.csv", "pipe.csv"), failures.NotAFile),
        "empty.csv": reading.FileEmpty,
        "huge.csv": reading.FileTooLarge,
    }
    assert [found[name].said for name in ("link.csv", "folder.csv", "pipe.csv")] == [
        f"là {kind}, không phải tệp" for kind in ("lối tắt", "thư mục", "ống dẫn")
    ]
    back = returning.place(settings.returned_of("children"), inbox / UNIT)
    for name, why in found.items():
        returning.give_back(back, inbox / looking.TAKING / UNIT / name, str(why))
    assert not any((inbox / looking.TAKING / UNIT).iterdir())
    kept = {path.name for path in back.iterdir()} - {f"{name}.txt" for name in found}
    assert kept == {"folder.csv", "empty.csv", "huge.csv"}, "a link or a pipe holds nothing"
    assert secret.read_text() == "bí mật"


@pytest.mark.parametrize("name", ODD)
def test_whatever_a_file_is_called_it_comes_back_beside_its_note(settings: Settings, inbox: Path, name: str) -> None:
    back = returning.place(settings.returned_of("children"), inbox / UNIT)
    note = notes.BOM + notes.RETURNED
    for data in (b"one", b"two"):
        path = lie(inbox, name, data)
        returning.give_back(back, path, note)
    files = [path for path in back.iterdir() if path.read_bytes() in (b"one", b"two")]
    assert {path.read_bytes() for path in files} == {b"one", b"two"}, "neither in the place of the other"
    assert {path.name for path in back.iterdir()} == {*(p.name for p in files), *(f"{p.name}.txt" for p in files)}
    assert "\n" not in notes.shown(name) and notes.shown(name).encode()


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder in memory: another disk than that of the inbox."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        Path(folder).chmod(0o2770)
        yield Path(folder)


def test_a_file_comes_back_on_another_disk_too(inbox: Path, elsewhere: Path) -> None:
    path = lie(inbox, "a.csv")
    path.chmod(0o600)
    returning.give_back(elsewhere, path, "…")
    assert {file.name for file in elsewhere.iterdir()} == {"a.csv", "a.csv.txt"} and not path.exists()
    assert (elsewhere / "a.csv").read_bytes() == b"a,b\n1,2\n"
    assert oct((elsewhere / "a.csv").stat().st_mode)[-3:] == "660", "for whom the folder is"


def test_so_does_a_folder_without_following_what_it_links(inbox: Path, elsewhere: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("bí mật")
    folder = inbox / UNIT / "gui"
    (folder / "thang 10").mkdir(parents=True)
    (folder / "thang 10/a.csv").write_bytes(b"a")
    (folder / "link.csv").symlink_to(secret)
    (folder / "thang 10/no").symlink_to(tmp_path / "none")
    os.mkfifo(folder / "pipe.csv")
    returning.give_back(elsewhere, folder, "…")
    assert not folder.exists() and {path.name for path in elsewhere.iterdir()} == {"gui", "gui.txt"}
    assert (elsewhere / "gui/thang 10/a.csv").read_bytes() == b"a" and not (elsewhere / "gui/pipe.csv").exists()
    assert (elsewhere / "gui/link.csv").is_symlink() and secret.read_text() == "bí mật"


def test_giving_back_that_died_between_note_and_file_ends_the_same(settings: Settings, inbox: Path) -> None:
    back = returning.place(settings.returned_of("children"), inbox / UNIT)
    path = lie(inbox, "a.csv")
    returning.write(back / "a.csv.txt", notes.BOM + notes.RETURNED)
    returning.give_back(back, path, notes.BOM + notes.RETURNED + "\nlần hai")
    assert sorted(p.name for p in back.iterdir()) == ["a.csv", "a.csv.txt"]
    # What is no note of ours stays as it is.
    (back / "b.csv.txt").write_text("của người khác")
    returning.give_back(back, lie(inbox, "b.csv"), notes.BOM + notes.RETURNED)
    assert (back / "b.csv.txt").read_text() == "của người khác" and (back / "b (2).csv").exists()


def test_what_a_sender_plants_beside_its_notes_is_not_followed(settings: Settings, inbox: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(notes.BOM + notes.RETURNED + "\nbí mật")
    back = returning.place(settings.returned_of("children"), inbox / UNIT)
    (back / "a.csv.txt").symlink_to(secret)
    os.mkfifo(back / "b.csv.txt")
    for name in ("a.csv", "b.csv"):
        returning.give_back(back, lie(inbox, name), notes.BOM + notes.RETURNED)
    assert (back / "a (2).csv").exists() and (back / "b (2).csv").exists()
    assert "bí mật" in secret.read_text() and opening.first_bytes(back / "b.csv.txt", 10) == b""


def test_who_reaches_the_inbox_reaches_what_comes_back(settings: Settings, inbox: Path) -> None:
    (inbox / UNIT).chmod(0o2770)
    shared = returning.place(settings.returned_of("children"), inbox / UNIT)
    returning.write(shared / "a.txt", "…")
    assert oct(shared.stat().st_mode)[-4:] == "2770" and oct((shared / "a.txt").stat().st_mode)[-3:] == "660"
    shared.chmod(0o2750)
    assert returning.place(settings.returned_of("children"), inbox / UNIT) == shared
    assert oct(shared.stat().st_mode)[-4:] == "2750", "what an administrator set since stays"
    (inbox / "427").mkdir()
    (inbox / "427").chmod(0o3770)
    assert oct(returning.place(settings.returned_of("children"), inbox / "427").stat().st_mode)[-4:] == "2770"
    own = returning.place(settings.returned_of("children"), inbox / "40")
    returning.write(own / "a.txt", "…")
    assert oct(own.stat().st_mode)[-3:] == "700" and oct((own / "a.txt").stat().st_mode)[-3:] == "600"


def test_what_was_begun_of_a_note_and_not_ended_is_removed_with_the_next(tmp_path: Path) -> None:
    for name in ("a[1].csv.txt.x7.moi", "a1.csv.txt.x7.moi", "a[1].csv.moi"):
        (tmp_path / name).write_text("TỆP")
    returning.write(tmp_path / "a[1].csv.txt", "…")
    assert {path.name for path in tmp_path.iterdir()} == {"a[1].csv.txt", "a1.csv.txt.x7.moi", "a[1].csv.moi"}


def test_files_that_came_back_are_counted_and_not_their_notes(tmp_path: Path) -> None:
    for name in ("a.csv", "a.csv.txt", "b.csv", "link.csv.txt", "a.csv.bien-nhan-1.txt"):
        (tmp_path / name).write_text("…")
    assert returning.in_folder(tmp_path) == 1 and returning.in_folder(tmp_path / "none") == 0


def test_a_file_is_kept_by_what_it_is(tmp_path: Path) -> None:
    heads = {"xlsx": b"PK\x03\x04[Content_Types]", "ods": b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet"}
    for kind, head in {**heads, "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "csv": b"a;b"}.items():
        (tmp_path / "x").write_bytes(head)
        assert extension(tmp_path / "x") == kind
