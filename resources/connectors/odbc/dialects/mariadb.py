"""MySQL and MariaDB: what both say alike, and in comments that only one of them runs what they do not.

`/*M! … */` is run by MariaDB alone; `/*!80000 … */` by MySQL 8 and later, since MariaDB passes over the numbers of MySQL's versions.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar

from resources.connectors.hashes import BETWEEN, NULL
from resources.connectors.odbc.dialects.dialect import Family, Held, Relation, Told
from resources.servers.names import shown
from schemas.dataset import Limits
from schemas.reading.cells import LONGEST_TEXT

FAMILIES: dict[str, Family] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint"), "integer"),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "bytes"),
    **dict.fromkeys(("enum", "set", "json", "time", "uuid", "inet4", "inet6"), "other"),
    **dict.fromkeys(("float", "double"), "inexact"),
    **dict.fromkeys(("bit", "year"), "whole"),
    **dict.fromkeys(("datetime", "timestamp"), "instant"),
    "decimal": "decimal",
    "date": "day",
}
UTF8 = ("utf8mb4", "utf8mb3", "utf8", "ascii")
# The types of an index that can be paged by: a value of theirs has one text, by which it can be asked for again.
PLAIN = ("tinyint", "smallint", "mediumint", "int", "bigint", "char", "varchar", "date", "decimal")
READS_ONLY = ("USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "SHOW CREATE ROUTINE", "EXECUTE", "PROCESS")

# The server's own numbers; what stands nowhere here is told by its SQLSTATE.
NUMBERS: dict[Told, Sequence[int]] = {
    "login": (1045, 1130, 1251, 1396, 1524, 1698, 1820, 1862, 2049, 2054, 2058, 2059, 2061, 3118, 3159, 4151),
    "right": (1044, 1142, 1143, 1227, 1345, 1370),
    "changed": (1049, 1051, 1054, 1146, 1305, 1356, 1449, 1472),
    "altered": (1412,),
    "locked": (1205,),
    "canceled": (1213, 1317, 1614, 1969, 3024, 3058),
    "stopping": (1053, 1077, 1079, 1152, 1153, 1159, 1160, 1161, 1184, 1927, 4031),
    "strained": (1037, 1038, 1040, 1041, 1135, 1203, 1226),
    "disk": (3, 28, 1021, 1026, 1114),
    "damaged": (1016, 1017, 1030, 1033, 1034, 1035, 1194, 1195, 1296, 1712, 1812, 1877),
    "read_only": (1290, 1792, 1836),
    "value": (1264, 1265, 1267, 1271, 1292, 1300, 1365, 1366, 1690, 3141, 3854),
    "lost": (2002, 2003, 2005, 2006, 2012, 2013, 2027, 2055, 5014, 5015),
    "unencrypted": (2026, 4056),
}
TROUBLES: dict[int, Told] = {number: trouble for trouble, numbers in NUMBERS.items() for number in numbers}
STATES: dict[str, Told] = {"08": "lost", "28": "login", "HYT": "lost", "40": "canceled", "22": "value"}
MOST_ROWS = 2**64 - 1
LONGEST_BODY = 60_000  # letters of a view that are looked at
ASKS = re.compile(
    r"\b(current_user|session_user|system_user|current_role|connection_id|processlist|user_privileges|schema_privileges|"
    r"table_privileges|column_privileges|applicable_roles|enabled_roles)\b|\buser\s*\(|@\w",
    re.IGNORECASE,
)
NAME = r"`((?:[^`]|``)+)`"
NAMED = re.compile(rf"(?:{NAME}\.)?{NAME}(\s*\()?")
GRANT = re.compile(
    r"GRANT (.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) )?(\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO "
)
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
TLS = re.compile(r"\b(?:SSL|TLS|certificate)\b", re.IGNORECASE)


class MariaDb:
    """See Dialect for what each method gives."""

    road: ClassVar = "mariadb"
    name: ClassVar = "MySQL, MariaDB"
    form: ClassVar = "mysql://tài_khoản:mật_khẩu@máy:cổng/cơ_sở_dữ_liệu"
    port: ClassVar = "3306"
    database: ClassVar[re.Pattern[str]] = re.compile(r".+")
    options: ClassVar[Mapping[str, Collection[str]]] = {
        "ssl-mode": ("DISABLED", "REQUIRED", "VERIFY_IDENTITY"),
        **dict.fromkeys(("ssl-ca", "ssl-cert", "ssl-key", "socket"), ()),
    }
    asks: ClassVar[re.Pattern[str]] = ASKS
    drivers: ClassVar[Sequence[str]] = ("MariaDB Unicode", "MariaDB", "libmaodbc.so")
    package: ClassVar = "gói unixodbc và odbc-mariadb (Debian, Ubuntu: apt-get install unixodbc odbc-mariadb)"
    shows: ClassVar = "cần quyền SHOW VIEW"
    revokes: ClassVar = "chủ nguồn chạy: revoke <quyền> on <nơi> from <tài khoản>"

    is_bounded_by_driver: ClassVar = False
    is_wide: ClassVar = False
    hashes_parts: ClassVar = False
    autocommit: ClassVar = True

    def connection(self, driver: str, place: Mapping[str, str], limits: Limits) -> dict[str, str] | None:
        at = {"SOCKET": place["socket"]} if place.get("socket") else {"SERVER": place["host"], "PORT": place["port"]}
        made = at | {
            "DATABASE": place["database"],
            "CHARSET": "utf8mb4",
            "CONN_TIMEOUT": "10",
            # For a thread that was given up: the line is dropped some time after nobody waits any more.
            "READ_TIMEOUT": str(int(limits.statement_timeout.total_seconds()) + 60),
            "WRITE_TIMEOUT": "60",
        }
        if place["ssl-mode"] != "DISABLED":
            made["FORCETLS"] = "1"
            made["SSLVERIFY"] = "1" if place["ssl-mode"] == "VERIFY_IDENTITY" else "0"
        for option, attribute in (("ssl-ca", "SSLCA"), ("ssl-cert", "SSLCERT"), ("ssl-key", "SSLKEY")):
            if place.get(option):
                made[attribute] = place[option]
        return made

    def trouble(self, state: str, native: int, words: str) -> Told:
        if native == 2013 and TLS.search(words):  # the line ended in the middle of TLS's greeting
            return "unencrypted"
        if native in TROUBLES:
            return TROUBLES[native]
        return next((told for begins, told in STATES.items() if state.startswith(begins)), "refused")

    def session(self, limits: Limits) -> Sequence[str]:
        statement, lock = int(limits.statement_timeout.total_seconds()), max(int(limits.lock_timeout.total_seconds()), 1)
        idle, memory = int(limits.reading_timeout.total_seconds()), limits.memory_mb << 20
        return (
            f"set sql_mode = '', time_zone = '+07:00', sql_select_limit = {MOST_ROWS}",
            f"set lock_wait_timeout = {lock}, wait_timeout = {idle}",
            f"set tmp_table_size = {memory}, max_heap_table_size = {memory} /*M! , max_statement_time = {statement} */ "
            f"/*!80000 , max_execution_time = {statement * 1000}, information_schema_stats_expiry = 0 */",
            "set session transaction isolation level repeatable read",
        )

    def snapshot(self) -> Sequence[str]:
        return ("start transaction with consistent snapshot, read only",)

    def end(self) -> str:
        return "rollback"

    def sessions(self) -> str:
        return "select count(*) from information_schema.processlist where user = substring_index(user(), '@', 1)"

    def session_id(self) -> str:
        return "select cast(connection_id() as signed)"

    def stop(self, session_id: int) -> str:
        return f"kill {session_id}"

    def clock(self) -> str:
        # In the zone +07:00, which the session has, no hour comes twice.
        return "select cast(timestampdiff(microsecond, '1970-01-01 07:00:00', now(6)) as char)"

    def encrypted(self) -> str:
        return "show session status like 'Ssl_version'"

    def relation(self, schema: str | None, table: str) -> str:
        return (
            "select table_schema, table_name, table_type, engine from information_schema.tables "
            f"where table_schema = {_schema(schema)} and table_name = {_literal(table)}"
        )

    def as_relation(self, row: Sequence[str | int | None], pages: Sequence[str]) -> Relation:
        schema, table, kind, engine = row
        is_view = "VIEW" in str(kind)
        faults = []
        if not is_view and str(engine).lower() != "innodb":
            told = shown(engine, "không rõ")
            faults.append(
                f"bảng lưu bằng {told}, không đọc được tại một thời điểm duy nhất; chủ nguồn chạy: alter table … engine = InnoDB"
            )
        return Relation(str(schema), str(table), is_view, faults, pages)

    def unique(self, schema: str, table: str) -> str:
        plain, utf8 = (", ".join(f"'{name}'" for name in names) for names in (PLAIN, UTF8))
        return (
            "select s.column_name from information_schema.statistics s join information_schema.columns c "
            "on c.table_schema = s.table_schema and c.table_name = s.table_name and c.column_name = s.column_name "
            f"where s.table_schema = {_schema(schema)} and s.table_name = {_literal(table)} and s.index_name = ("
            "select i.index_name from information_schema.statistics i join information_schema.columns d "
            "on d.table_schema = i.table_schema and d.table_name = i.table_name and d.column_name = i.column_name "
            f"where i.table_schema = {_schema(schema)} and i.table_name = {_literal(table)} and i.non_unique = 0 "
            "group by i.index_name "
            f"having min(d.is_nullable = 'NO' and i.sub_part is null and d.data_type in ({plain}) "
            f"and ifnull(d.character_set_name in ({utf8}), true)) = 1 "
            "order by i.index_name <> 'PRIMARY', i.index_name limit 1) order by s.seq_in_index"
        )

    def columns(self, schema: str, table: str) -> str:
        return (
            "select column_name, data_type, column_type, character_set_name, cast(character_maximum_length as char), privileges "
            f"from information_schema.columns where table_schema = {_schema(schema)} and table_name = {_literal(table)} "
            "and find_in_set('select', privileges) order by ordinal_position"
        )

    def as_held(self, row: Sequence[str | int | None]) -> Held:
        name, kind, whole_type, charset, longest, _ = (None if part is None else str(part) for part in row)
        family = FAMILIES.get(kind or "", "unknown")
        is_unsigned = "unsigned" in (whole_type or "") or "zerofill" in (whole_type or "")
        if family == "integer" and is_unsigned:
            family = "whole"
        told = f"{kind} unsigned" if is_unsigned else str(kind)
        return Held(str(name), family, told, int(longest) if longest else None, charset in UTF8)

    def view(self, schema: str, view: str) -> str:
        return (
            f"select left(nullif(view_definition, ''), {LONGEST_BODY}) from information_schema.views "
            f"where table_schema = {_schema(schema)} and table_name = {_literal(view)}"
        )

    def routine(self, schema: str, name: str) -> str:
        return (
            f"select left(routine_definition, {LONGEST_BODY}) from information_schema.routines "
            f"where routine_schema = {_schema(schema)} and routine_name = {_literal(name)}"
        )

    def reads(self, schema: str, name: str) -> str | None:
        return None  # MySQL has one of views since 8.0.13, MariaDB has none

    def named(self, text: str) -> Iterator[tuple[str | None, str, bool]]:
        """The server writes in quotes what is not its own: `schema`.`table`, `table`.`column`, and `function`( of the view's schema."""
        for schema, name, called in NAMED.findall(text):
            if schema or called:
                yield schema.replace("``", "`") or None, name.replace("``", "`"), bool(called)

    def policies(self, schema: str, table: str) -> str | None:
        return None

    def rights(self) -> str:
        return "show grants"

    def as_rights(self, rows: Sequence[Sequence[str | int | None]]) -> Iterator[tuple[str, str, str | None]]:
        """Its own rights and those of the roles that it has, as the server writes them."""
        for row in rows:
            if found := GRANT.match(str(row[0])):
                schema, table = (None if part == "*" else part.strip("`").replace("``", "`") for part in (found[2], found[3]))
                kind, name = ("bảng", table) if table else ("cơ sở dữ liệu", schema) if schema else ("máy chủ", None)
                for right in re.sub(r"\([^)]*\)", "", found[1]).split(","):
                    if right.strip() not in READS_ONLY:
                        yield right.strip(), kind, name

    def stamp(self, schema: str, table: str, opened_at: int) -> str:
        """When a row was last committed: moved by a commit alone, and null after a start of the server until there is one.

        It counts whole seconds, of which the last two before the snapshot may not be over in all threads of the server.
        """
        return (
            f"select case when update_time < from_unixtime({opened_at}) - interval 2 second then "
            "concat_ws('/', /*M! @@server_uid, */ /*!80000 @@server_uuid, */ create_time, update_time) end "
            f"from information_schema.tables where table_schema = {_schema(schema)} and table_name = {_literal(table)}"
        )

    def quote(self, name: str) -> str:
        return "`{}`".format(name.replace("`", "``"))

    def literal(self, text: str) -> str:
        return f"x'{text.encode().hex()}'"

    def as_text(self, column: Held) -> str:
        name = self.quote(column.name)
        if column.family == "bytes":
            return name if _fits(column, 4 * LONGEST_TEXT) else f"left({name}, {4 * LONGEST_TEXT + 1})"
        if column.told == "bit":
            return f"cast({name} + 0 as binary)"
        if column.family == "text":
            name = name if column.is_utf8 else f"convert({name} using utf8mb4)"
            name = name if _fits(column, LONGEST_TEXT) else f"left({name}, {LONGEST_TEXT + 1})"
        elif column.family == "other":
            name = f"convert({name} using utf8mb4)"
            name = f"left({name}, {LONGEST_TEXT + 1})"
        return f"cast({name} as binary)"

    def hashed(self, parts: Sequence[str]) -> str:
        null, between = f"x'{NULL.hex()}'", f"x'{BETWEEN.hex()}'"
        text = f"concat_ws({between}, {', '.join(f'ifnull({part}, {null})' for part in parts)})" if parts else "''"
        return f"cast(conv(left(sha1({text}), 15), 16, 10) as unsigned)"

    def total(self, number: str) -> str:
        return f"sum({number})"

    def digits(self, number: str) -> str:
        return f"cast({number} as char)"

    def whole(self, number: str) -> str:
        return f"truncate({number}, 0)"

    def as_hex(self, text: str) -> str:
        return f"hex({text})"

    def beginning(self, text: str, length: int) -> str:
        return f"left({text}, {length})"

    def size(self, texts: Sequence[str]) -> str:
        return f"length(concat_ws('', {', '.join(texts)}))"

    def month(self, column: str) -> str:
        return f"case when month({column}) > 0 then year({column}) * 100 + month({column}) end"

    def days(self, column: str, first: str, last: str) -> str:
        # The day 0 of the first month comes before its first, the day 31 of a shorter one after its last.
        return f"{column} > date '{first}' - interval 1 day and {column} < date '{last}' + interval 1 day"

    def bucket(self, parts: Sequence[str], count: int) -> str:
        return f"mod(crc32(concat_ws(x'{BETWEEN.hex()}', {', '.join(f'ifnull({part}, 0)' for part in parts)})), {count})"

    def nth(self, columns: Sequence[Held], relation: str, where: str, number: int) -> str:
        texts = ", ".join(f"cast({self.quote(column.name)} as char)" for column in columns)
        order = ", ".join(self.quote(column.name) for column in columns)
        return f"select {texts} from {relation}{where} order by {order} limit 1 offset {number - 1}"

    def value(self, column: Held, told: str) -> str:
        is_number = column.family in ("integer", "whole", "decimal") and NUMBER.fullmatch(told)
        return told if is_number else _literal(told)


def _literal(text: str) -> str:
    """A text in bytes, whatever the session takes a backslash for, compared by the rules of what stands beside it."""
    return f"_utf8mb4 x'{text.encode().hex()}'"


def _schema(schema: str | None) -> str:
    return "database()" if schema is None else _literal(schema)


def _fits(column: Held, longest: int) -> bool:
    return column.longest is not None and column.longest <= longest
