"""The static files as a node serves them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

from hubbub.web import STATIC, asset_hash

#: Every place where a module names another one.
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")


def _copy(folder: Path, names: dict[str, bytes]) -> str:
    for name, content in names.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return asset_hash(folder)


def test_the_hash_is_the_same_for_the_same_files(tmp_path: Path) -> None:
    files = {"a.js": b"1", "b/c.js": b"2"}
    first = _copy(tmp_path / "one", files)
    assert re.fullmatch("[0-9a-f]{16}", first)
    assert _copy(tmp_path / "two", dict(reversed(files.items()))) == first


def test_the_hash_changes_with_a_name_or_a_byte(tmp_path: Path) -> None:
    hashes = {
        _copy(tmp_path / "one", {"a.js": b"1", "b.js": b"2"}),
        _copy(tmp_path / "two", {"a.js": b"1", "b.js": b"3"}),
        _copy(tmp_path / "three", {"a.js": b"1", "c.js": b"2"}),
        _copy(tmp_path / "four", {"a.js": b"2", "b.js": b"1"}),
    }
    assert len(hashes) == 4


def test_every_file_the_page_names_is_there() -> None:
    index = (STATIC / "index.html").read_text()
    named = re.findall(r'(?:href|src)="([^"]+)"', index)
    assert named
    for url in named:
        prefix, _, path = url.partition("@HASH@/")
        assert prefix == "/app/"
        assert (STATIC / path).is_file(), url


def test_all_of_it_is_small_enough() -> None:
    # As a server that compresses sends it; the licences are sent to nobody.
    sent = [path for path in STATIC.rglob("*") if path.is_file() and "licences" not in path.parts]
    size = sum(len(gzip.compress(path.read_bytes(), 6)) for path in sent)
    assert size < 120_000, f"{size} bytes, gzipped"


def test_every_import_is_relative_and_leads_to_a_file() -> None:
    modules = list(STATIC.rglob("*.js"))
    assert len(modules) > 20
    for module in modules:
        for target in _IMPORT.findall(module.read_text()):
            assert target.startswith("."), f"{module.name} imports {target}"
            found = (module.parent / target).resolve()
            assert found.is_file(), f"{module.name} imports {target}"
            assert found.is_relative_to(STATIC)


def test_the_page_lives_under_a_strict_policy() -> None:
    index = (STATIC / "index.html").read_text()
    assert "<style" not in index
    assert "style=" not in index
    assert not re.search(r"<script(?![^>]*\bsrc=)", index)
    assert not re.search(r"\bon[a-z]+=", index)


def test_no_module_turns_text_into_markup_or_code() -> None:
    for module in (STATIC / "app").rglob("*.js"):
        code = module.read_text()
        for way in ("innerHTML", "outerHTML", "dangerouslySetInnerHTML", "eval(", "new Function"):
            assert way not in code, f"{module.name} has {way}"


def test_the_manifest_tells_each_vendored_file_as_it_is() -> None:
    vendor = STATIC / "vendor"
    manifest = json.loads((vendor / "manifest.json").read_text())
    assert {entry["file"] for entry in manifest} == {path.name for path in vendor.glob("*.js")}
    for entry in manifest:
        content = (vendor / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["file"]
        assert entry["version"]
        assert entry["licence"]
        assert (vendor / entry["licence_file"]).is_file()
