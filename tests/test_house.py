"""The rules of the house that no other tool checks: sizes, names, mirrors, imports."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType

import pytest

import hubbub

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("config", "storage", "actors", "transport", "supervision", "testkit", "web")
WALL = 400

#: Sources without a test file of their own, and why.
TESTED_ELSEWHERE = {
    "config/limits.py": "values only; tests/config/test_limit_settings.py",
    "config/units.py": "values only",
    "config/version.py": "a value; tests/packaging",
    "*/ports.py": "declarations only",
    "storage/contract.py": "declarations only",
    "storage/accounts.py": "declarations only",
    "storage/contacts.py": "declarations only",
    "actors/gate_commands.py": "declarations only",
    "actors/node_commands.py": "declarations only",
    "storage/deletions.py": "declarations only",
    "storage/generations.py": "declarations only",
    "storage/invites.py": "declarations only",
    "storage/records.py": "declarations only",
    "storage/memory_*.py": "parts of the memory store: tests/storage/test_memory.py",
    "storage/cassandra/*.py": "parts of one store, behind one contract: tests/storage/cassandra",
    "storage/sqlite/*.py": "parts of one store, behind one contract: tests/storage/sqlite",
    "actors/answers.py": "declarations only",
    "actors/commands.py": "declarations only",
    "actors/conversation_effects.py": "declarations only",
    "actors/conversation_news.py": "declarations only",
    "actors/requests.py": "declarations only",
    "actors/runtime/*.py": "parts of one machine, seen through actors: tests/actors/runtime",
    "transport/wire/bodies.py": "declarations only; test_codec.py",
    "transport/wire/codes.py": "values only; tests/node",
    "transport/wire/*frames.py": "declarations only; test_codec.py",
    "transport/cluster/bus.py": "declarations only",
    "transport/discovery.py": "declarations only; tests/transport/cluster/test_views.py",
    "transport/edge/identity.py": "declarations only",
    "testkit/chat_node.py": "a node of a cluster: tests/testkit/test_cluster.py",
    "testkit/contracts/store_*.py": "parts of a suite, run on both stores: tests/storage",
    "testkit/owners/node.py": "a part of a life: tests/testkit/owners/test_life.py",
    "testkit/owners/scribe.py": "a part of a life: tests/testkit/owners/test_life.py",
    "testkit/contracts/hands.py": "made by and for that suite",
    "supervision/orders.py": "declarations, and what a supervisor does with them: tests/otp",
    "supervision/place.py": "a supervisor's part, seen through one: tests/otp",
    "supervision/root.py": "the real tree: tests/node",
    "supervision/opening.py": "a chat's last child: tests/supervision/test_chat.py",
    "supervision/store_service.py": "a chat's first child: tests/supervision/test_chat.py",
    "supervision/tree.py": "wires the real parts: tests/node",
}

#: Folders of tests about the whole system, which mirror no source.
WHOLE = (
    "authority",
    "benchmarks",
    "clients",
    "cluster",
    "embedder",
    "faults",
    "node",
    "otp",
    "packaging",
    "support",
)

#: Files over the wall, and why they are whole.
OVER_THE_WALL: dict[str, str] = {
    "config/errors.py": "one tree of errors, drawn whole",
    "tests/actors/runtime/test_actor.py": "pykka's semantics, one after the other",
    "tests/actors/runtime/test_system.py": "one actor system's whole life",
    "tests/actors/runtime/test_turns.py": "one turn, whatever the handler does in it",
    "tests/actors/test_conversation.py": "one conversation, whatever fails under it",
    "tests/actors/test_errands.py": "one user's errands, one after the other",
    "tests/actors/test_conversation_state.py": "one conversation's playbook",
    "tests/supervision/test_dynamic.py": "one supervisor's rules, one after the other",
    "tests/supervision/test_supervisor.py": "one supervisor's rules, one after the other",
}


def sources(*folders: str) -> list[str]:
    """The Python files below these folders, as paths from the root."""
    return sorted(
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if not {"node_modules", "__pycache__"} & set(file.parts)
    )


def modules() -> Iterator[str]:
    """The names of all modules of the house."""
    for path in sources(*FLOORS):
        parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
        yield ".".join(["hubbub", *parts])


def tree_of(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


PACKAGES = [path for path in sources(*FLOORS) if path.endswith("__init__.py")]
FILES = [path for path in sources(*FLOORS) if not path.endswith("__init__.py")]
TESTS = [path for path in sources("tests") if Path(path).name.startswith("test_")]


@pytest.mark.parametrize("path", [*sources(*FLOORS, "tests", "benchmarks"), "run_node.py"])
def test_a_file_stays_below_the_wall(path: str) -> None:
    lines = len((ROOT / path).read_text("utf-8").splitlines())
    assert (lines > WALL) == (path in OVER_THE_WALL), f"{lines} lines"


@pytest.mark.parametrize("path", FILES)
def test_a_source_has_its_test(path: str) -> None:
    folder, _, name = path.rpartition("/")
    own = (ROOT / "tests" / folder / f"test_{name}").exists()
    elsewhere = any(fnmatch(path, pattern) for pattern in TESTED_ELSEWHERE)
    assert own or elsewhere


@pytest.mark.parametrize("pattern", TESTED_ELSEWHERE)
def test_an_exception_is_about_something(pattern: str) -> None:
    assert any(fnmatch(path, pattern) for path in FILES)


@pytest.mark.parametrize("path", TESTS)
def test_a_test_has_its_source(path: str) -> None:
    _tests, *folders, name = path.split("/")
    if not folders or folders[0] in WHOLE:
        return
    assert (ROOT.joinpath(*folders) / name.removeprefix("test_")).exists()


@pytest.mark.parametrize("path", PACKAGES)
def test_a_packages_init_is_its_map_and_defines_nothing(path: str) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree)
    if path == "web/__init__.py":
        return  # Its package data is what it is: it tells where that lies.
    assert len(tree.body) == 1


@pytest.mark.parametrize("path", FILES)
def test_a_file_begins_with_what_it_is(path: str) -> None:
    assert ast.get_docstring(tree_of(path))


@pytest.mark.parametrize("name", list(modules()))
def test_all_is_sorted_and_real(name: str) -> None:
    module = importlib.import_module(name)
    if not module.__doc__ or len(tree_of(_path(module)).body) == 1:
        return
    public: list[str] = module.__all__
    assert public == sorted(public, key=_order)
    for each in public:
        assert hasattr(module, each)


def test_the_packages_own_names_are_real_and_all_are_told() -> None:
    assert hubbub.__all__ == sorted(hubbub.__all__, key=_order)
    for name in hubbub.__all__:
        assert getattr(hubbub, name) is not None
        assert name in dir(hubbub)
    typed = {
        alias.asname or alias.name: (f".{node.module}", alias.name)
        for top in tree_of("__init__.py").body
        if isinstance(top, ast.If)
        for node in top.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == vars(hubbub)["_WHERE"]
    assert set(typed) == set(hubbub.__all__)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        hubbub.Nonsense  # type: ignore[attr-defined] # pyright: ignore # noqa: B018


def test_to_import_the_package_imports_none_of_its_floors() -> None:
    code = (
        "import sys, hubbub\nprint(*(name for name in sys.modules if name.startswith('hubbub.')))"
    )
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    assert seen.stdout.strip() == ""


def test_imports_go_down_only() -> None:
    seen = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        # This checkout's package, whatever is installed.
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert seen.returncode == 0, seen.stdout + seen.stderr


def test_every_file_of_pure_logic_is_under_the_contract_that_keeps_it_pure() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (pure,) = [each for each in contracts if each["name"] == "Logic does no I/O"]
    names = {"intensity.py", "strategy.py", "placement.py"}
    for path in FILES:
        if path.endswith("_state.py") or Path(path).name in names:
            assert "hubbub." + path.removesuffix(".py").replace("/", ".") in pure["source_modules"]


def test_tasks_start_in_one_file() -> None:
    for path in FILES:
        if path == "actors/runtime/tasks.py":
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("create_task", "ensure_future"), f"{path}:{node.lineno}"


def test_the_links_that_make_the_package_are_all_there() -> None:
    links = {
        link.name: link.readlink()
        for link in (ROOT / "src" / "hubbub").iterdir()
        if link.name != "__pycache__"
    }
    assert set(links) == {*FLOORS, "__init__.py", "py.typed", "run_node.py"}
    for name, target in links.items():
        assert target == Path("../..") / name


def _path(module: ModuleType) -> str:
    assert module.__file__ is not None
    return str(Path(module.__file__).relative_to(ROOT / "src" / "hubbub"))


def _order(name: str) -> tuple[int, str]:
    # Constants, then classes, then the rest: as ruff sorts __all__.
    kind = 0 if name.isupper() else 1 if name.lstrip("_")[:1].isupper() else 2
    return kind, name
