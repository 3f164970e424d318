"""docs/bien-moi-truong.md against the code: every setting that is read from the environment stands there, and no other.

A setting is known by how it is read, or by how its name begins: many are kept in constants.
"""

import re

import pytest

from resources.environment import OURS
from resources.setting_names import NAMES, misspelt
from resources.setting_names import OF_A_SOURCE as ENDINGS
from resources.settings import PROJECT

PAGE = PROJECT / "docs" / "bien-moi-truong.md"
READ_IN = ("resources", "pipelines", "assets", "schemas")
OF_THE_SYSTEM = {"PATH", "LESS", "SOURCE_DATE_EPOCH"}

READ = re.compile(
    r"""(?:(?<![\w.])(?:read|told|number|choice|_address)|_folder|_secret|getenv|environ\.(?:get|setdefault|pop))\(\s*"(\w+)"
    |environ\["(\w+)"\]
    |"(\w+)"\ (?:not\ )?in\ os\.environ""",
    re.VERBOSE,
)
NAMED = re.compile(rf"[\"']((?:{'|'.join(sorted(OURS))})[A-Z0-9_]+)[\"']")
# `SOURCE_{name.upper()}_URL`, and what hangs on a prefix: `{prefix}_CLIENT_ID`, of who calls for it by `platform_account(prefix)`.
OF_A_SOURCE = re.compile(r'f"SOURCE_\{[\w.]+\(\)\}_([A-Z_]+)"')
PREFIXED = re.compile(r'f"\{prefix\}_([A-Z_]+)"')
PREFIX = re.compile(r'platform_account\(f?"([^"]+)"\)')
SOURCE = re.compile(r"SOURCE_\{[\w.]+\(\)\}")

PAST_THE_READER = re.compile(rf"""environ(?:\.get\(|\[)\s*f?["'](?:{"|".join(sorted(OURS))})""")

ROW = re.compile(r"^\| `([A-Z][\w<>Ê]*)`( `\*`)?", re.MULTILINE)


def sources() -> dict[str, str]:
    """Path -> text, of every module that may read a setting."""
    return {
        str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8")
        for top in READ_IN
        for path in sorted((PROJECT / top).rglob("*.py"))
    }


def settings_read() -> set[str]:
    text = "\n".join(sources().values())
    found = {name for names in READ.findall(text) for name in names if name} | set(NAMED.findall(text))
    found |= {f"SOURCE_<TÊN>_{ending}" for ending in OF_A_SOURCE.findall(text)}
    for prefix in PREFIX.findall(text):
        found |= {f"{SOURCE.sub('SOURCE_<TÊN>', prefix)}_{ending}" for ending in PREFIXED.findall(text)}
    # `<NAME>_FILE` is another way to say NAME, where both are known.
    return {
        name for name in found if name.removesuffix("_FILE") == name or name.removesuffix("_FILE") not in found
    } - OF_THE_SYSTEM


def test_the_page_names_every_setting_once_and_no_other() -> None:
    rows = [name for name, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    read = settings_read()
    assert len(read) > 50 and {"SOURCE_<TÊN>_URL", "POPULATION_CLIENT_ID", "BACKUP_SIGNING_KEY_FILE", "EXPORT_DIR"} <= read, (
        "the settings were not found: has the way of reading them changed?"
    )
    assert sorted(rows) == sorted(set(rows))
    assert set(rows) == read, f"not on the page: {read - set(rows)}; on the page alone: {set(rows) - read}"


def test_every_setting_is_read_by_what_leaves_out_the_blanks_around_it() -> None:
    assert [where for where, text in sources().items() if PAST_THE_READER.search(text)] == []
    assert PAST_THE_READER.search('os.environ.get("BACKUP_DIR")') and PAST_THE_READER.search("os.environ['ANSINH_HOME']")


def test_the_names_by_which_a_misspelt_one_is_found_are_those_of_the_page() -> None:
    listed = [*NAMES.split(), *(f"SOURCE_<TÊN>_{ending}*" for ending in ENDINGS)]
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(f"{name}*" if star else name for name, star in rows)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ALERT_WEBHOK_URL", "ALERT_WEBHOOK_URL"),
        ("WAREHOSE_URL_FILE", "WAREHOUSE_URL_FILE"),
        ("SOURCE_POVERY_URL", "SOURCE_POVERTY_URL"),
        ("BACKUP_SIGNING_KEY", "BACKUP_SIGNING_KEY_FILE"),
        ("ANSINH_HOME_FILE", "ANSINH_HOME"),
        ("ANSINH_KHONG_CO", None),
    ],
)
def test_a_misspelt_setting_is_found_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str | None
) -> None:
    monkeypatch.setenv(name, "Bi9Mat")
    assert misspelt() == {name: meant}


@pytest.mark.parametrize(
    "name",
    [
        "SOURCE_POVERTY_URL_FILE",
        "BACKUP_DIR_FILE",
        "ANSINH_DOOR_SERVICE_HOST",
        "ANSINH_DOOR_PORT_3000_TCP_ADDR",
        "ANSINH_DOOR_PORT",
        "SOURCE_DATE_EPOCH",
        "XDG_CONFIG_DIRS",
        "DATABASE_URL",
    ],
)
def test_what_is_a_setting_or_another_program_s_is_not_taken_for_misspelt(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    assert misspelt() == {}
