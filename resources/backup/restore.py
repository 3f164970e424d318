"""Bringing a backup back into an empty place: proved before anything is written, and checked once all of it stands.

While it works a marker stands in the home: what was cut short is never taken for a state.
"""

import datetime as dt
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from resources import connecting
from resources.backup import postgres_tools
from resources.backup.manifest import (
    EMBEDDED,
    EXTERNAL,
    FORMAT,
    KEPT,
    MANIFEST,
    PARTIAL,
    RESTORING,
    ROLES,
    Backup,
    Say,
    backup_at,
    backups,
    hash_or_none,
    is_elsewhere,
    url_elsewhere,
)
from resources.durable import sha256_of, sync, write_whole
from resources.embedded import server
from resources.failures import Permanent, Transient, why_not
from resources.settings import Settings
from resources.warehouse import contents, migrations
from resources.warehouse.engine import Warehouse
from resources.warehouse.failures import opening_failure


class HalfRestored(Permanent):
    attempted = "Mở trạng thái {home}"
    found = "khôi phục dở từ {name}"
    remedy = "Chạy ansinh reset rồi khôi phục lại"
    means = "Lần khôi phục trước bị cắt ngang nên trạng thái thiếu. Không lệnh nào được chạy trên đó, để không ghi đè phần thiếu."
    steps = (
        "Tỉnh mô phỏng: chạy ansinh reset, rồi chạy lại ansinh restore --from với cùng bản sao lưu.",
        "Cấu hình production: xóa và tạo lại hai cơ sở dữ liệu (kho và điều phối), xóa nội dung ANSINH_HOME, rồi khôi phục lại.",
    )
    exit_status = 2


class NoBackup(Permanent):
    attempted = "Khôi phục từ {folder}"
    found = "không có bản sao lưu trọn vẹn nào{besides}"
    remedy = "Chỉ ra một bản sao lưu hoặc thư mục chứa các bản sao lưu; chưa có gì được ghi"
    means = "Thư mục được nêu không có thư mục con ansinh-… nào kèm tệp manifest.json đúng."
    steps = ("Kiểm tra đường dẫn và quyền đọc.", "Ổ mạng: xem còn gắn không.", "Tìm bản sao lưu ở nơi cất khác.")
    exit_status = 2


class BackupCutShort(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "bản sao lưu này bị cắt ngang: không có manifest.json trọn vẹn"
    remedy = "Chọn một bản sao lưu trọn vẹn; chưa có gì được ghi"
    means = "Lệnh sao lưu bị ngắt trước khi xong, hoặc bản sao lưu được chép đi thiếu tệp. Bản như vậy không bao giờ được dùng."
    steps = ("Chạy ansinh restore --from với thư mục chứa các bản sao lưu: bản trọn vẹn mới nhất được chọn và nêu tên.",)
    exit_status = 2


class BackupDamaged(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "{count} tệp thiếu hoặc không khớp mã băm của manifest, tệp đầu: {first}"
    remedy = "Chọn một bản sao lưu khác; chưa có gì được ghi"
    means = "Bản sao lưu bị hỏng sau khi ghi (đĩa, chép thiếu, bị sửa). Bản hỏng không bao giờ được dùng."
    steps = (
        "Kiểm tra đĩa chứa bản sao lưu; lấy lại bản đó từ nơi cất thứ hai nếu có.",
        "Chạy ansinh restore --from với thư mục chứa các bản sao lưu để dùng bản tốt gần nhất.",
    )
    exit_status = 2


class BackupNewer(Permanent):
    attempted = "Khôi phục từ {name}"
    found = "bản sao lưu ở phiên bản kho {found_version}, chương trình này chỉ biết đến phiên bản {known_version}"
    remedy = "Cài phiên bản ansinh đã tạo bản sao lưu (hoặc mới hơn) rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu do một bản ansinh mới hơn tạo. Bản cũ không được dựng lại kho mà nó không hiểu."
    steps = ("Cài đúng bản ansinh đã dùng khi sao lưu hoặc mới hơn, rồi khôi phục.", "Bản ansinh mới tự nâng cấp kho cũ hơn.")
    exit_status = 2


class TargetNotEmpty(Permanent):
    attempted = "Khôi phục vào {place}"
    found = "nơi nhận đã có {what}, cần một nơi trống"
    remedy = "Chọn nơi trống rồi chạy lại; chưa có gì thay đổi"
    means = "Lệnh khôi phục không bao giờ ghi đè một trạng thái đang có."
    steps = (
        "Đặt ANSINH_HOME là một thư mục chưa có hoặc trống; production: tạo cơ sở dữ liệu mới và đổi WAREHOUSE_URL, ANSINH_DAGSTER_URL.",
        "Chỉ khi chắc chắn bỏ trạng thái đang có: sao lưu nó, rồi ansinh reset (tỉnh mô phỏng) hoặc xóa bằng tay.",
    )
    exit_status = 2


class OtherPlace(Permanent):
    attempted = "Khôi phục cơ sở dữ liệu {database}"
    found = "bản sao lưu lấy nó từ {was}, cấu hình hiện tại đặt nó ở {now}"
    remedy = "Đặt ANSINH_PROFILE, WAREHOUSE_URL, ANSINH_DAGSTER_URL như khi sao lưu rồi chạy lại; chưa có gì được ghi"
    means = "Bản sao lưu của tỉnh mô phỏng chỉ về máy chủ nhúng; bản sao lưu production chỉ về máy chủ được cấu hình."
    steps = ("So cấu hình hiện tại với cấu hình của hệ thống đã sao lưu.", "Chạy lại ansinh restore.")
    exit_status = 2


class RestoreNotWritable(Transient):
    attempted = "Khôi phục vào {home}"
    found = "hệ điều hành từ chối ({why})"
    remedy = "Giải phóng đĩa hoặc trả lại quyền ghi, chạy ansinh reset rồi khôi phục lại"
    means = "Đĩa đầy, hệ tệp chỉ đọc hoặc thiếu quyền ghi giữa lúc khôi phục. Trạng thái dở được đánh dấu, không lệnh nào chạy trên đó."
    steps = ("Xem df -h và quyền của ANSINH_HOME.", "Dọn trạng thái dở như mục “khôi phục dở”, rồi khôi phục lại.")


class RestoreFailed(Permanent):
    attempted = "Khôi phục cơ sở dữ liệu {database}"
    found = "{why}"
    remedy = "Sửa nguyên nhân, chạy ansinh reset rồi khôi phục lại"
    means = "Công cụ khôi phục của PostgreSQL dừng giữa chừng. Trạng thái dở được đánh dấu, không lệnh nào chạy trên đó."
    steps = (
        "Đĩa đầy: giải phóng đĩa. Thiếu quyền: tài khoản phải được tạo lược đồ trong cơ sở dữ liệu nhận.",
        "Thiếu locale: cài bộ mã ngôn ngữ của máy cũ.",
        "Dọn trạng thái dở như mục “khôi phục dở”, rồi khôi phục lại.",
    )


class RestoredDiffers(Permanent):
    attempted = "Kiểm tra trạng thái vừa khôi phục từ {name}"
    found = "{count} con số khác với lúc sao lưu, đầu tiên: {first}"
    remedy = "Không dùng trạng thái này; chạy ansinh reset rồi khôi phục lại, hoặc dùng bản sao lưu khác"
    means = "Dữ liệu dựng lại không giống lúc sao lưu. Trạng thái được đánh dấu dở, không lệnh nào chạy trên đó."
    steps = ("Khôi phục lại; nếu vẫn khác, dùng bản sao lưu trước.", "Báo người phát triển kèm dòng thông báo này.")


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what was compared with the manifest."""

    backup: Backup
    databases: int
    files: int
    tables: int
    current: int
    versions: int
    arrivals: int
    instant: dt.datetime
    known: int
    raw_files: int
    absent: tuple[str, ...]


def refuse_half_restored(home: Path) -> None:
    """Raise where a restore was cut short: what stands there is no state."""
    marker = home / RESTORING
    if marker.exists():
        raise HalfRestored(home=home, name=marker.read_text(encoding="utf-8").strip() or "một bản sao lưu")


def restore(settings: Settings, folder: Path, say: Say) -> Restored:
    """Bring back the backup in `folder`, or the newest whole one of the backups there, into an empty place."""
    refuse_half_restored(settings.home)
    backup, urls = _chosen(settings, folder.absolute(), say)
    try:
        _begin(settings.home, backup)
        _databases(settings, backup, urls, say)
        _files(settings.home, backup)
        warehouse = urls.get("warehouse") or server(settings.home).url("warehouse")
        restored = _checked(warehouse, backup)
        Warehouse(warehouse).open()  # an older one is brought up
        _renew(settings, backup, urls)
        (settings.home / RESTORING).unlink()
        sync(settings.home)
        return restored
    except OSError as error:
        raise RestoreNotWritable(home=settings.home, why=why_not(error)) from None
    except sa.exc.OperationalError as error:
        raise opening_failure(error) from None


def _chosen(settings: Settings, folder: Path, say: Say) -> tuple[Backup, dict[str, str]]:
    """The backup to take, every file of it proved, and where its databases outside the embedded server go.

    What is cut short or damaged is named. Nothing is touched.
    """
    candidates = _candidates(folder, say)
    for backup in candidates:
        version = backup.manifest["schema_version"]
        if version > migrations.VERSION or backup.manifest["format"] > FORMAT:
            raise BackupNewer(name=backup.name, found_version=version, known_version=migrations.VERSION)
        urls = _empty_places(settings, backup)
        say(f"Kiểm tra {backup.name}: {len(backup.manifest['files'])} tệp")
        wrong = [n for n, f in sorted(backup.manifest["files"].items()) if hash_or_none(backup.path / n) != f["sha256"]]
        if not wrong:
            return backup, urls
        if backup is candidates[-1]:
            raise BackupDamaged(name=backup.name, count=len(wrong), first=wrong[0])
        say(f"Bỏ qua {backup.name}: {len(wrong)} tệp thiếu hoặc không khớp mã băm, tệp đầu: {wrong[0]}")
    raise NoBackup(folder=folder, besides="")


def _candidates(folder: Path, say: Say) -> list[Backup]:
    if folder.name.startswith((PARTIAL, "ansinh-")) or (folder / MANIFEST).exists():
        alone = backup_at(folder)
        if alone is not None and not folder.name.startswith(PARTIAL):
            return [alone]
        if folder.is_dir():
            raise BackupCutShort(name=folder.name)
        return []
    candidates = backups(folder)
    whole = {b.name for b in candidates}
    cut = sorted(p.name for p in folder.glob("*ansinh-*") if p.is_dir() and p.name not in whole)
    for name in cut:
        say(f"Bỏ qua {name}: bị cắt ngang hoặc đang ghi, không có manifest.json trọn vẹn")
    if not candidates and cut:
        raise NoBackup(folder=folder, besides=f"; bị cắt ngang hoặc đang ghi: {', '.join(cut)}")
    return candidates


def _empty_places(settings: Settings, backup: Backup) -> dict[str, str]:
    """Database -> its URL, for those outside the embedded server. Refuses what is not empty, touches nothing."""
    urls: dict[str, str] = {}
    for database in backup.manifest["databases"]:
        name, was = database["name"], database["place"]
        setting = EXTERNAL.get(name)
        elsewhere = setting is not None and is_elsewhere(settings, setting)
        now = setting if elsewhere else EMBEDDED if settings.is_demo else "nơi chưa cấu hình"
        if now != was:
            raise OtherPlace(database=name, was=_place(was), now=_place(str(now)))
        if elsewhere:
            urls[name] = url_elsewhere(settings, name)
    standing = sorted(p.name for p in settings.home.iterdir()) if settings.home.exists() else []
    if len(urls) == len(backup.manifest["databases"]):
        # Logs and pid files of a server that is being set up may be there already; nothing of the state may.
        kept = {Path(name).parts[0] for name in KEPT}
        standing = [
            n for n in standing if n in kept and any(p.is_file() for p in [settings.home / n, *(settings.home / n).rglob("*")])
        ]
    if standing:
        raise TargetNotEmpty(place=settings.home, what=", ".join(standing[:5]))
    for name, url in urls.items():
        schemas = _schemas_with_tables(url)
        if schemas:
            raise TargetNotEmpty(place=EXTERNAL[name], what=f"lược đồ {', '.join(schemas[:5])}")
    return urls


def _place(place: str) -> str:
    return "máy chủ nhúng" if place == EMBEDDED else place


def _schemas_with_tables(url: str) -> Sequence[str]:
    engine = connecting.engine(url, is_pooled=False)
    try:
        with engine.connect() as connection:
            found = connection.execute(
                sa.text("""select nspname from pg_namespace n where nspname not in ('pg_catalog', 'information_schema')
                    and nspname !~ '^pg_' and (nspname in ('core', 'ops')
                        or exists (select from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm')))
                    order by 1""")
            )
            return found.scalars().all()
    except sa.exc.OperationalError as error:
        raise opening_failure(error) from None


def _begin(home: Path, backup: Backup) -> None:
    write_whole(home / RESTORING, f"{backup.name}\n")


def _databases(settings: Settings, backup: Backup, urls: dict[str, str], say: Say) -> None:
    if len(urls) < len(backup.manifest["databases"]):
        _tool(
            "roles",
            "psql",
            ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={backup.path / ROLES}"),
            _embedded(settings),
        )
    for database in backup.manifest["databases"]:
        name, dump = database["name"], str(backup.path / database["file"])
        say(f"Khôi phục cơ sở dữ liệu {name}")
        if name not in urls:
            _tool(name, "pg_restore", ("--create", "--exit-on-error", "--jobs=2", dump), _embedded(settings))
            continue
        # The roles of another server need not be those of the old one: who may log in owns all; other roles' rights follow
        # where the role is there.
        _tool(name, "pg_restore", ("--no-owner", "--no-privileges", "--single-transaction", dump), urls[name])
        _grants(name, dump, urls[name], say)


def _embedded(settings: Settings) -> str:
    return server(settings.home).url("postgres")


def _tool(database: str, name: str, arguments: Sequence[str], url: str | None = None, stdout: IO[bytes] | None = None) -> None:
    try:
        postgres_tools.run(name, arguments, url, stdout=stdout)
    except postgres_tools.ToolFailed as failed:
        raise RestoreFailed(database=database, why=failed) from None


def _grants(database: str, dump: str, url: str, say: Say) -> None:
    """Give the rights again that the dump knows; those of a role that this server has not are told and left out."""
    with tempfile.TemporaryFile() as listed, tempfile.NamedTemporaryFile("w", encoding="utf-8") as chosen:
        _tool(database, "pg_restore", ("--list", dump), stdout=listed)
        listed.seek(0)
        chosen.writelines(line for line in listed.read().decode().splitlines(keepends=True) if " ACL " in line)
        chosen.flush()
        try:
            postgres_tools.run("pg_restore", ("--no-owner", f"--use-list={chosen.name}", dump), url)
        except postgres_tools.ToolFailed:
            say(f"Cơ sở dữ liệu {database}: có quyền chưa cấp lại được vì máy chủ này thiếu vai trò; cấp lại bằng tay")


def _files(home: Path, backup: Backup) -> None:
    folders = {home}
    for name, told in backup.manifest["files"].items():
        if name.startswith("databases/"):
            continue
        path = home / name
        folders.update(_folders(home, path.parent))
        with (backup.path / name).open("rb") as source, path.open("xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        path.chmod(told["mode"])
        sync(path)
        if sha256_of(path) != told["sha256"]:
            raise RestoredDiffers(name=backup.name, count=1, first=name)
    for name, target in backup.manifest["links"].items():
        path = home / name
        folders.update(_folders(home, path.parent))
        path.symlink_to(target)
    for folder in folders:
        sync(folder)


def _folders(home: Path, folder: Path) -> list[Path]:
    """Make a folder and those above it; what lies under raw holds persons."""
    found = [p for p in (folder, *folder.parents) if p.is_relative_to(home)]
    for path in reversed(found):
        path.mkdir(mode=0o700 if path.is_relative_to(home / "raw") else 0o777, exist_ok=True)
    return found


def _checked(warehouse: str, backup: Backup) -> Restored:
    """Count and hash the restored state as the backup was counted and hashed."""
    manifest, absent = backup.manifest, tuple(backup.manifest["absent_raw"])
    expected = manifest["measured"]
    engine = connecting.engine(warehouse, is_pooled=False)
    with engine.connect() as connection:
        found = contents.measure(connection, expected["instant"])
        pulls = contents.raw_hashes(connection)
    wrong = _differences(expected, found)
    proved = {path: sha for path, sha in pulls.items() if path not in absent}
    wrong += [f"raw/{p}" for p, sha in sorted(proved.items()) if manifest["files"].get(f"raw/{p}", {}).get("sha256") != sha]
    if wrong:
        raise RestoredDiffers(name=backup.name, count=len(wrong), first=wrong[0])
    history = found["history"].values()
    return Restored(
        backup=backup,
        databases=len(manifest["databases"]),
        files=sum(not name.startswith("databases/") for name in manifest["files"]),
        tables=len(history),
        current=sum(t["current"] for t in history),
        versions=sum(t["versions"] for t in history),
        arrivals=found["records"]["ops.arrivals"],
        instant=dt.datetime.fromisoformat(expected["instant"]),
        known=sum(t["known"] for t in history),
        raw_files=len(proved),
        absent=absent,
    )


def _differences(expected: Any, found: Any, place: str = "") -> list[str]:
    if not isinstance(expected, dict) or not isinstance(found, dict):
        return [] if expected == found else [f"{place}: {found}, lúc sao lưu {expected}"]
    return [
        d for k in sorted({*expected, *found}) for d in _differences(expected.get(k), found.get(k), f"{place}.{k}".strip("."))
    ]


def _renew(settings: Settings, backup: Backup, urls: dict[str, str]) -> None:
    """What a dump does not bring: statistics, without which the planner joins row by row; and readings of the sources."""
    inside = [d["name"] for d in backup.manifest["databases"] if d["name"] not in urls]
    for url in [*urls.values(), *(server(settings.home).url(name) for name in inside)]:
        engine = connecting.engine(url, is_pooled=False)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze")
            if inside and contents.is_there(connection):
                # The sources came back as well, on a server that numbers its transactions anew: a digest kept from the old
                # one could by chance be met again over other rows.
                contents.distrust_readings(connection)
