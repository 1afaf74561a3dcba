"""The cache: a help that can be missing, damaged or unwritable without changing an answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ferstudy.data.cache import Parsed, cached


def parsed() -> Parsed:
    return Parsed(np.full((3, 48, 48), 9, np.uint8), np.array([0, 1, 2], np.uint8), np.zeros(3, np.uint8), ("a note",))


def test_second_read_does_not_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path))
    cached("key", parsed)
    again = cached("key", lambda: pytest.fail("parsed twice"))
    assert isinstance(again.images, np.memmap)
    assert again.warnings == ("a note",)
    assert again.fingerprint == parsed().fingerprint
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("file", ["images.npy", "labels.npy", "meta.json"])
@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_a_damaged_entry_is_made_anew(file: str, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path))
    cached("key", parsed)
    path = tmp_path / "key" / file
    path.write_bytes(path.read_bytes()[:20]) if damage == "truncated" else path.unlink()
    again = cached("key", parsed)
    np.testing.assert_array_equal(again.images, parsed().images)


def test_an_unwritable_cache_is_told_and_costs_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path / "file" / "cache"))
    result = cached("key", parsed)
    np.testing.assert_array_equal(result.images, parsed().images)
    assert "could not write the cache" in result.warnings[-1]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ferstudy.data.cache.np.save", full)
    assert "No space left" in cached("key", parsed).warnings[-1]
    assert list(tmp_path.iterdir()) == []
