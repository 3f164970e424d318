"""The demo's rooms stand one above the other: no module imports in a circle, not even inside a function, and no room does."""

import pkgutil
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from demo import systems
from schemas.registry import SOURCES

# What may be imported by what stands before it. The gateway is another organisation's: it shares nothing with the province. The
# platform is too, and reads the databases of the sources.
ORDER = ("acts", "systems", "offices", "faults", "databases", "writing", "lives", "people", "failures")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("demo", cache_dir=None)


def _room(module: str) -> str:
    """The folder of a module; a module of the demo's top stands for itself."""
    return ".".join(module.split(".")[:2])


def _circle(imports: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_module_of_the_demo_imports_in_a_circle(graph: grimp.ImportGraph) -> None:
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    assert sum(map(len, imports.values())) > 100  # the graph holds the imports at all
    assert _circle(imports) == []


def test_no_room_of_the_demo_imports_in_a_circle(graph: grimp.ImportGraph) -> None:
    imports: dict[str, set[str]] = {}
    for module in graph.modules - {"demo"}:
        named = {_room(m) for m in graph.find_modules_directly_imported_by(module)} - {"demo"}
        imports.setdefault(_room(module), set()).update(named - {_room(module)})
    assert _circle(imports) == []
    for n, room in enumerate(ORDER):
        assert imports[f"demo.{room}"] <= {f"demo.{below}" for below in ORDER[n + 1 :]}, room
    assert imports["demo.serving"] == set()
    assert imports["demo.gateway"] == {"demo.serving"}
    assert imports["demo.platform"] == {"demo.serving", "demo.databases"}


def test_a_module_of_the_systems_is_named_as_its_system_is_declared() -> None:
    found = {m.name.removesuffix("_faults") for m in pkgutil.iter_modules(systems.__path__)}
    assert found and found <= {s.name for s in SOURCES}
