"""SQL Server, 2019 and later: its letters in UTF-8 are what earlier ones do not know. Never run on a real server: docs/huong-dan.md.

A statement is of ASCII alone, whatever a name in it holds: what drivers make of other letters of one depends on the locale.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar

from resources.connectors.hashes import BETWEEN, NULL
from resources.connectors.odbc.dialects.dialect import Family, Held, Relation, Told
from resources.connectors.odbc.dialects.numbers import SQL_SERVER, by_number
from resources.servers.names import shown
from schemas.dataset import Limits
from schemas.reading.cells import LONGEST_TEXT

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("smallint", "int", "bigint"), "integer"),
    **dict.fromkeys(("tinyint", "bit"), "whole"),  # the former is unsigned here
    **dict.fromkeys(("decimal", "numeric", "money", "smallmoney"), "decimal"),
    **dict.fromkeys(("char", "varchar", "text", "nchar", "nvarchar", "ntext"), "text"),
    **dict.fromkeys(("binary", "varbinary", "timestamp"), "bytes"),
    **dict.fromkeys(("smalldatetime", "datetime", "datetime2"), "timed"),
    **dict.fromkeys(("time", "uniqueidentifier", "xml"), "other"),
    **dict.fromkeys(("real", "float"), "inexact"),
    "date": "day",
    "datetimeoffset": "instant",
}
WIDE, PADDED = ("nchar", "nvarchar", "ntext"), ("char", "nchar")
# The types of an index that can be paged by. A varchar is compared in its own encoding, which must be that of the database.
PLAIN = ("tinyint", "smallint", "int", "bigint", "decimal", "numeric", "date", "char", "varchar", "nchar", "nvarchar")
READS_ONLY = (
    *("CONNECT", "CONNECT SQL", "CONNECT ANY DATABASE", "SELECT", "SELECT ALL USER SECURABLES", "SHOWPLAN", "UNMASK"),
    *("VIEW DEFINITION", "VIEW ANY DEFINITION", "VIEW SECURITY DEFINITION", "VIEW ANY SECURITY DEFINITION"),
    *("VIEW PERFORMANCE DEFINITION", "VIEW ANY PERFORMANCE DEFINITION", "VIEW ANY DATABASE", "VIEW ANY ERROR LOG"),
    *("VIEW ANY COLUMN ENCRYPTION KEY DEFINITION", "VIEW ANY COLUMN MASTER KEY DEFINITION", "VIEW CHANGE TRACKING"),
    *("VIEW DATABASE STATE", "VIEW DATABASE PERFORMANCE STATE", "VIEW DATABASE SECURITY STATE", "VIEW LEDGER CONTENT"),
    *("VIEW SERVER STATE", "VIEW SERVER PERFORMANCE STATE", "VIEW SERVER SECURITY STATE"),
)

TROUBLES = by_number(SQL_SERVER)
STATES: dict[str, Told] = {"08": "lost", "28": "login", "HYT00": "canceled", "HYT": "lost", "40": "canceled", "22": "value"}
TLS = re.compile(r"\b(?:SSL|TLS|certificate|encryption)\b", re.IGNORECASE)
LEVELS = {1: "máy chủ", 2: "cơ sở dữ liệu", 3: "bảng, khung nhìn hoặc thủ tục"}
OLDEST, SNAPSHOTS_ON = 15, 1
AZURE = (5, 8)  # kinds of the server that are always of today, whatever number they tell
LONGEST_BODY = 60_000  # letters of a view that are looked at
MOST_BYTES = 8_000  # of a type with a length
LONGEST_KEY = 900  # letters of a text in an index, which has 1,700 bytes at most
ASKS = re.compile(
    r"\b(current_user|session_user|system_user|user_name|user_id|suser_s?name|suser_s?id|original_login|is_member|is_rolemember|"
    r"is_srvrolemember|database_principal_id|has_perms_by_name|fn_my_permissions|permissions|session_context|context_info|"
    r"host_name|host_id|app_name|connectionproperty|dm_exec_sessions|dm_exec_connections|sysprocesses|schema_name\s*\(\s*\))"
    r"|@@spid|(?<!\[)\buser\b(?!\])",
    re.IGNORECASE,
)
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
HEX = re.compile(r"(?:[0-9A-F]{2})*")


class SqlServer:
    """See Dialect for what each method gives."""

    road: ClassVar = "sqlserver"
    name: ClassVar = "SQL Server"
    form: ClassVar = "mssql://tài_khoản:mật_khẩu@máy:cổng/cơ_sở_dữ_liệu"
    port: ClassVar = "1433"
    database: ClassVar[re.Pattern[str]] = re.compile(r".+")
    options: ClassVar[Mapping[str, Collection[str]]] = {"ssl-mode": ("DISABLED", "REQUIRED", "VERIFY_IDENTITY")}
    asks: ClassVar[re.Pattern[str]] = ASKS
    drivers: ClassVar[Sequence[str]] = (
        *("ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server"),
        *("FreeTDS", "libtdsodbc.so"),
    )
    package: ClassVar = (
        "unixodbc và msodbcsql18 của Microsoft; hoặc tdsodbc (Debian, Ubuntu: apt-get install unixodbc tdsodbc), nhưng tdsodbc "
        "không xét được chứng chỉ (ssl-mode=VERIFY_IDENTITY)"
    )
    shows: ClassVar = "chủ nguồn chạy: grant view definition to <tài khoản>"
    revokes: ClassVar = "chủ nguồn chạy: revoke <quyền> on <nơi> from <tài khoản>; quyền có từ vai trò: alter role <vai trò> drop member <tài khoản>"

    is_bounded_by_driver: ClassVar = True
    is_wide: ClassVar = True
    hashes_parts: ClassVar = False
    autocommit: ClassVar = True

    def connection(self, driver: str, place: Mapping[str, str], limits: Limits) -> dict[str, str] | None:
        is_kept, is_proved = place["ssl-mode"] != "DISABLED", place["ssl-mode"] == "VERIFY_IDENTITY"
        made = {"DATABASE": place["database"], "APP": "ansinh"}
        if driver.startswith("ODBC Driver"):
            return made | {
                "SERVER": f"tcp:{place['host']},{place['port']}",
                "Encrypt": "yes" if is_kept else "no",
                "TrustServerCertificate": "no" if is_proved else "yes",
                "ConnectRetryCount": "0",  # a line that comes back by itself has lost its snapshot
            }
        if is_proved:
            return None
        return made | {
            "SERVER": place["host"],
            "PORT": place["port"],
            "TDS_Version": "7.4",
            "ClientCharset": "UTF-8",
            "Encryption": "require" if is_kept else "off",
        }

    def trouble(self, state: str, native: int, words: str) -> Told:
        if state.startswith("08") and TLS.search(words):
            return "unencrypted"
        if native in TROUBLES:
            return TROUBLES[native]
        return next((told for begins, told in STATES.items() if state.startswith(begins)), "refused")

    def session(self, limits: Limits) -> Sequence[str]:
        # No statement here bounds another's time or memory, nor how long a session is idle: the driver does the first of them.
        return (
            "set nocount on",
            "set ansi_nulls, ansi_padding, ansi_warnings, arithabort, concat_null_yields_null, quoted_identifier on",
            "set numeric_roundabort off",
            "set language us_english",
            "set rowcount 0",
            "set textsize 2147483647",
            "set deadlock_priority low",
            f"set lock_timeout {int(limits.lock_timeout.total_seconds() * 1000)}",
        )

    def snapshot(self) -> Sequence[str]:
        # The view is of the moment of the first row that is read, whichever table it is of; the catalogue is in none.
        return ("set transaction isolation level snapshot", "begin transaction")

    def end(self) -> str:
        return "if @@trancount > 0 rollback transaction"

    def sessions(self) -> str | None:
        # Without the right `view server state` a login sees the one that asks.
        return "select count(*) from sys.dm_exec_sessions where security_id = suser_sid()"

    def session_id(self) -> str:
        return "select cast(@@spid as int)"

    def stop(self, session_id: int) -> str | None:
        return None  # `kill` is for administrators

    def clock(self) -> str:
        # The difference in seconds alone is too large for its type after 2038.
        return (
            "select convert(varchar(20), cast(datediff(day, '19700101', t) as bigint) * 86400000000 "
            "+ cast(datediff(second, cast(cast(t as date) as datetime2), t) as bigint) * 1000000 + datepart(microsecond, t)) "
            "from (select sysutcdatetime() as t) n"
        )

    def encrypted(self) -> str | None:
        return None  # who may only read may not ask; a driver that is told to encrypt goes no other way

    def relation(self, schema: str | None, table: str) -> str:
        places = "schema_name(), N'dbo'" if schema is None else _literal(schema)
        return (
            "select s.name, o.name, rtrim(o.type), cast(d.snapshot_isolation_state as int), d.name, "
            "cast(parsename(convert(varchar(128), serverproperty('productversion')), 4) as int), "
            "cast(serverproperty('engineedition') as int) "
            "from sys.objects o join sys.schemas s on s.schema_id = o.schema_id join sys.databases d on d.database_id = db_id() "
            f"where o.type in ('U', 'V') and s.name in ({places}) and o.name = {_literal(table)} "
            "order by case when s.name = schema_name() then 0 else 1 end"
        )

    def as_relation(self, row: Sequence[str | int | None], pages: Sequence[str]) -> Relation:
        schema, table, kind, state, database, version, edition = row
        faults = []
        if edition not in AZURE and int(version or 0) < OLDEST:
            faults.append(f"máy chủ là SQL Server bản {version}, cần bản 15 (SQL Server 2019) trở lên")
        elif state != SNAPSHOTS_ON:
            faults.append(
                "cơ sở dữ liệu không cho đọc tại một thời điểm duy nhất; chủ nguồn chạy: alter database "
                f"{shown(database, 'current')} set allow_snapshot_isolation on"
            )
        return Relation(str(schema), str(table), kind == "V", faults, pages)

    def unique(self, schema: str, table: str) -> str:
        plain, whole = ", ".join(f"'{name}'" for name in PLAIN), _object(schema, table)
        return (
            "select c.name from sys.index_columns k join sys.columns c on c.object_id = k.object_id and c.column_id = k.column_id "
            f"where k.object_id = {whole} and k.key_ordinal > 0 and k.index_id = ("
            f"select top (1) i.index_id from sys.indexes i where i.object_id = {whole} "
            "and i.is_unique = 1 and i.has_filter = 0 and i.is_disabled = 0 and i.is_hypothetical = 0 and not exists ("
            "select 1 from sys.index_columns m join sys.columns d on d.object_id = m.object_id and d.column_id = m.column_id "
            "where m.object_id = i.object_id and m.index_id = i.index_id and m.key_ordinal > 0 and (d.is_nullable = 1 "
            f"or isnull(type_name(d.system_type_id), '') not in ({plain}) or (type_name(d.system_type_id) in ('char', 'varchar') "
            "and d.collation_name <> convert(sysname, databasepropertyex(db_name(), 'collation'))))) "
            "order by i.is_primary_key desc, i.index_id) order by k.key_ordinal"
        )

    def columns(self, schema: str, table: str) -> str:
        return (
            "select c.name, isnull(type_name(c.system_type_id), 'unknown'), cast(c.max_length as int), "
            "case when c.is_masked = 1 and has_perms_by_name(db_name(), 'DATABASE', 'UNMASK') = 0 then 1 else 0 end "
            f"from sys.columns c where c.object_id = {_object(schema, table)} and c.is_hidden = 0 "
            f"and has_perms_by_name({_literal(_whole(schema, table))}, 'OBJECT', 'SELECT', c.name, 'COLUMN') = 1 order by c.column_id"
        )

    def as_held(self, row: Sequence[str | int | None]) -> Held:
        name, kind, size, is_masked = str(row[0]), str(row[1]), int(row[2] or 0), bool(row[3])
        if is_masked:  # what comes of it is another value than stands there
            return Held(name, "unknown", f"{kind} masked")
        longest = None if size < 0 or kind in ("text", "ntext", "xml") else size // 2 if kind in WIDE else size
        return Held(name, FAMILIES.get(kind, "unknown"), kind, longest, is_utf8=False)

    def view(self, schema: str, view: str) -> str:
        return f"select left(m.definition, {LONGEST_BODY}) from sys.sql_modules m where m.object_id = {_object(schema, view)}"

    def routine(self, schema: str, name: str) -> str:
        return self.view(schema, name)

    def named(self, text: str) -> Iterator[tuple[str | None, str, bool]]:
        yield from ()

    def reads(self, schema: str, name: str) -> str | None:
        """What lies in another database is taken for a function, of which this login knows nothing."""
        return (
            "select distinct isnull(e.referenced_database_name, isnull(object_schema_name(e.referenced_id), N'-')), "
            "e.referenced_entity_name, case when e.referenced_database_name is null and "
            "(objectproperty(e.referenced_id, 'IsTable') = 1 or objectproperty(e.referenced_id, 'IsView') = 1) then 0 else 1 end "
            f"from sys.dm_sql_referenced_entities({_literal(_whole(schema, name))}, N'OBJECT') e "
            "where e.referenced_class = 1 and e.referenced_minor_id = 0"
        )

    def policies(self, schema: str, table: str) -> str | None:
        return (
            "select p.name from sys.security_policies p join sys.security_predicates r on r.object_id = p.object_id "
            f"where p.is_enabled = 1 and r.predicate_type_desc = 'FILTER' and r.target_object_id = {_object(schema, table)} "
            "union all select cast(null as sysname) where has_perms_by_name(db_name(), 'DATABASE', 'VIEW DEFINITION') = 0"
        )

    def rights(self) -> str:
        """What it may do in effect, by whatever role. What it may in all of the database is told of no table again."""
        return (
            "select permission_name, 1, cast(null as sysname) from sys.fn_my_permissions(null, 'SERVER') "
            "union select permission_name, 2, db_name() from sys.fn_my_permissions(null, 'DATABASE') "
            "union select p.permission_name, 3, o.name from sys.objects o join sys.schemas s on s.schema_id = o.schema_id "
            "cross apply sys.fn_my_permissions(quotename(s.name) + N'.' + quotename(o.name), 'OBJECT') p "
            "where o.type in ('U', 'V', 'P') "
            "and isnull(has_perms_by_name(db_name(), 'DATABASE', p.permission_name), 0) = 0 order by 2, 3, 1"
        )

    def as_rights(self, rows: Sequence[Sequence[str | int | None]]) -> Iterator[tuple[str, str, str | None]]:
        for right, level, name in rows:
            if right not in READS_ONLY:
                yield str(right), LEVELS[int(level or 0)], None if name is None else str(name)

    def stamp(self, schema: str, table: str, opened_at: int) -> str | None:
        return None  # the server counts the uses of an index only since its start, and only for those who may see its state

    def quote(self, name: str) -> str:
        return "[{}]".format(name.replace("]", "]]"))

    def literal(self, text: str) -> str:
        return f"0x{text.encode().hex()}"

    def as_text(self, column: Held) -> str:
        name = self.quote(column.name)
        match column.family:
            case "bytes":
                return _cut(name, "varbinary", column.longest, 4 * LONGEST_TEXT)
            case "text":
                return _utf8(name, column)
            case "decimal" if column.told.endswith("money"):  # its own text is rounded
                return _ascii(f"convert(decimal(19, 4), {name})", 24)
            case "day":
                return _ascii(name, 10, ", 23")
            case "timed":
                return (
                    f"case when convert(time, {name}) = '00:00:00' then {_ascii(name, 10, ', 23')} "
                    f"else {_ascii(name, 30, ', 126')} end"
                )
            case "instant":
                written = f"convert(varchar(34), {name}, 121)"
                return _ascii(f"replace(replace({written}, ' +', '+'), ' -', '-')", 34)
            case "other" if column.told == "time":
                return _ascii(name, 16, ", 121")
            case "other" if column.told == "xml":
                return _utf8(name, column)
        return _ascii(name, 41)

    def hashed(self, parts: Sequence[str]) -> str:
        null, between = f"0x{NULL.hex()}", f" + 0x{BETWEEN.hex()} + "
        text = between.join(f"isnull({part}, {null})" for part in parts)
        whole = f"cast(0x as varbinary(max)){' + ' if text else ''}{text}"
        # The first 60 bits of a signed 64: the last four are cleared, the rest is divided by 16, and the copies of the sign are masked away.
        first = f"cast(substring(hashbytes('SHA1', {whole}), 1, 8) as bigint)"
        return f"(({first} & cast(-16 as bigint)) / 16 & cast({(1 << 60) - 1} as bigint))"

    def total(self, number: str) -> str:
        return f"sum(cast({number} as decimal(38, 0)))"

    def digits(self, number: str) -> str:
        return f"convert(varchar(41), {number})"

    def whole(self, number: str) -> str:
        return f"try_cast({number} as bigint)"

    def as_hex(self, text: str) -> str:
        return f"convert(varbinary(max), convert(varchar(max), {text}, 2))"

    def beginning(self, text: str, length: int) -> str:
        return f"convert(varbinary({length}), {text})" if length <= MOST_BYTES else f"substring({text}, 1, {length})"

    def size(self, texts: Sequence[str]) -> str:
        return " + ".join(["cast(0 as bigint)", *(f"isnull(datalength({text}), 0)" for text in texts)])

    def month(self, column: str) -> str:
        return f"year({column}) * 100 + month({column})"

    def days(self, column: str, first: str, last: str) -> str:
        # With a day on each side: what has a zone is compared in UTC.
        since, until = (dt.date.fromisoformat(day) + dt.timedelta(days=more) for day, more in ((first, -1), (last, 2)))
        return f"{column} >= '{since:%Y%m%d}' and {column} < '{until:%Y%m%d}'"

    def bucket(self, parts: Sequence[str], count: int) -> str:
        return f"{self.hashed(parts)} % {count}"

    def nth(self, columns: Sequence[Held], relation: str, where: str, number: int) -> str:
        texts, order = ", ".join(map(_mark, columns)), ", ".join(self.quote(column.name) for column in columns)
        return f"select {texts} from {relation}{where} order by {order} offset {number - 1} rows fetch next 1 rows only"

    def value(self, column: Held, told: str) -> str:
        """What `_mark` gave, in the column's own type: of any other the column would be converted, and no index used."""
        if column.family == "text":
            assert HEX.fullmatch(told)
            return f"convert({'nvarchar(4000)' if column.told in WIDE else 'varchar(8000)'}, 0x{told})"
        if column.family == "day":
            return f"convert(date, {_literal(told)}, 23)"
        assert NUMBER.fullmatch(told)
        return told if column.family == "decimal" else f"convert({column.told}, {told})"


def _mark(column: Held) -> str:
    """A value of a column that is paged by, in letters that nothing changes on the way."""
    name = SqlServer().quote(column.name)
    if column.family == "text":
        return f"convert(varchar({4 * LONGEST_KEY}), convert(varbinary({2 * LONGEST_KEY}), {name}), 2)"
    return f"convert(varchar(41), {name}, 23)" if column.family == "day" else f"convert(varchar(41), {name})"


def _utf8(name: str, column: Held) -> str:
    """A text in UTF-8, of which no letter has more than three bytes for each of its units of 16 bits."""
    units = column.longest if column.longest is not None and column.longest <= LONGEST_TEXT else None
    text = name
    if column.told not in ("nchar", "nvarchar"):
        text = f"convert(nvarchar({units if units and units <= MOST_BYTES // 2 else 'max'}), {name})"
    if column.told in PADDED:
        text = f"rtrim({text})"
    if units is None:
        text = f"left({text}, {LONGEST_TEXT + 1})"
    size = 3 * units if units and 3 * units <= MOST_BYTES else "max"
    return f"convert(varbinary({size}), convert(varchar({size}), {text} collate Latin1_General_100_BIN2_UTF8))"


def _ascii(expression: str, letters: int, style: str = "") -> str:
    return f"convert(varbinary({letters}), convert(varchar({letters}), {expression}{style}))"


def _cut(name: str, kind: str, longest: int | None, most: int) -> str:
    fits = longest is not None and longest <= most
    return f"convert({kind}({longest}), {name})" if fits else f"substring({name}, 1, {most + 1})"


def _literal(text: str) -> str:
    """A name in bytes, compared by the rules of what stands beside it."""
    return f"convert(nvarchar(4000), 0x{text.encode('utf-16-le').hex()})"


def _whole(schema: str, table: str) -> str:
    return f"{SqlServer().quote(schema)}.{SqlServer().quote(table)}"


def _object(schema: str, table: str) -> str:
    return f"object_id({_literal(_whole(schema, table))})"
