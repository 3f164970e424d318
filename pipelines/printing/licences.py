"""Under which licence each package of an environment is, and which shared libraries its wheel carries besides: part of `make sbom`.

The bill of materials names packages alone; a wheel's own libraries have licences of their own, and patches that come with the wheel.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import PurePath

from pipelines.printing.markdown import table

# Packages that say it in the text of their licence alone.
TOLD_IN_TEXT = {"pyrage": "MIT", "pathlib-abc": "PSF-2.0"}
_CARRIED = re.compile(r"[^/]+\.libs/[^/]+")
_HASHED = re.compile(r"-[0-9a-f]{8}")  # what makes the name of a carried library unlike any of the system


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str  # "": it says none
    carried: tuple[str, ...]


def packages(folders: list[str]) -> Iterator[Package]:
    """The installed packages in these folders of modules, by name."""
    for found in sorted(distributions(path=folders), key=lambda d: d.name.lower()):
        carried = (PurePath(str(file)).name for file in found.files or () if _CARRIED.fullmatch(str(file)))
        yield Package(found.name, found.version, licence_of(found), tuple(sorted(_HASHED.sub("", name) for name in carried)))


def licence_of(package: Distribution) -> str:
    """The licence that a package states: its SPDX expression, else its classifiers, else the first line of its own words."""
    about = package.metadata
    told = "".join(about.get_all("License-Expression", []))
    marked = [c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if c.startswith("License :: OSI Approved :: ")]
    words = "".join(about.get_all("License", [])).strip()
    return told or ", ".join(marked) or TOLD_IN_TEXT.get(package.name) or (words if "\n" not in words else "")


def page(folders: list[str]) -> str:
    rows = [[p.name, p.version, p.licence or "chưa rõ", ", ".join(p.carried)] for p in packages(folders)]
    lines = table(("Gói", "Phiên bản", "Giấy phép", "Thư viện kèm trong gói"), rows)
    return "\n".join(["# Giấy phép của những gì ansinh cài", "", *lines, ""])


if __name__ == "__main__":
    print(page(sys.argv[1:]))
