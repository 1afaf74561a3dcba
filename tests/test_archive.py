"""Runs that travel: what comes out is what went in, and nothing else comes out."""

from __future__ import annotations

import hashlib
import json
import pickle
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ferstudy.archive import MANIFEST, pack, take_in
from ferstudy.data import FaceDataset
from ferstudy.errors import FerstudyError
from ferstudy.recipes import Recipe
from ferstudy.runs import RunWriter, begun_text, load_run, partial_folder
from ferstudy.training import train
from tests.conftest import make_dots


def stop_after(epoch: int) -> Callable[..., None]:
    def stop(row: object, _: object) -> None:
        if row.epoch == epoch:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    return stop


def begin(recipe: Recipe, data: FaceDataset, out: Path, epochs: int = 1) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(recipe, data=data, out=out, on_epoch=stop_after(epochs))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run, one that was begun, and an archive of both."""
    folder = tmp_path_factory.mktemp("archive")
    recipe = Recipe("lite_xception.dots.a", "lite_xception", epochs=1, batch_size=28, tta=("single",))
    train(recipe, data=make_dots(), out=folder / "runs")
    begin(recipe.but(name="lite_xception.dots.b", epochs=3), make_dots(), folder / "runs")
    packed = pack(folder / "a.zip", folder / "runs", [f"lite_xception.dots.{x}.s0" for x in "abc"])
    assert [(run.name[-4], run.state) for run in packed] == [("a", "finished"), ("b", "partial")]
    return folder


def test_a_moved_run_continues_to_the_same_bits(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    whole = train(tiny, data=dots, out=tmp_path / "whole")
    begin(tiny, dots, tmp_path / "here", 2)
    pack(tmp_path / "a.zip", tmp_path / "here", [tiny.run_name])
    (taken,) = take_in(tmp_path / "a.zip", tmp_path / "there")
    assert taken.outcome == "taken in at epoch 2"
    seen: list[int] = []
    moved = train(tiny, data=dots, out=tmp_path / "there", on_epoch=lambda row, _: seen.append(row.epoch))
    assert seen == [3]
    assert moved.history.equals(whole.history)
    for file in ("weights.safetensors", "predictions.npz"):
        assert (moved.folder / file).read_bytes() == (whole.folder / file).read_bytes()


def test_a_finished_run_comes_out_as_it_went_in(two: Path, tmp_path: Path) -> None:
    assert [run.outcome for run in take_in(two / "a.zip", tmp_path / "there")] == ["taken in", "taken in at epoch 1"]
    name = "lite_xception.dots.a.s0"
    here, there = two / "runs" / name, tmp_path / "there" / name
    assert {f.name: f.read_bytes() for f in there.iterdir()} == {f.name: f.read_bytes() for f in here.iterdir()}
    assert load_run(there).load_model() is not None
    again = [run.outcome for run in take_in(two / "a.zip", tmp_path / "there")]
    assert again == ["already here", "left at epoch 1, for the run is at epoch 1 here"]
    assert not list((tmp_path / "there").glob(".importing*"))


def test_equal_runs_make_equal_archives_whose_digests_are_right(two: Path, tmp_path: Path) -> None:
    pack(tmp_path / "b.zip", two / "runs", [f"lite_xception.dots.{x}.s0" for x in "abc"])
    assert (tmp_path / "b.zip").read_bytes() == (two / "a.zip").read_bytes()
    with zipfile.ZipFile(two / "a.zip") as archive:
        files = json.loads(archive.read(MANIFEST))["files"]
        assert {*files, MANIFEST} == set(archive.namelist())
        for member, said in files.items():
            assert hashlib.sha256(archive.read(member)).hexdigest() == said["sha256"]


def test_large_files_stay_behind_and_are_told(two: Path, tmp_path: Path) -> None:
    names = [f"lite_xception.dots.{x}.s0" for x in "ab"]
    packed = pack(tmp_path / "b.zip", two / "runs", names, limit=1000)
    assert ["weights.safetensors has 0.2 MiB" in packed[0].left_out[0], "checkpoint.pt has" in packed[1].left_out[0]]
    taken = take_in(tmp_path / "b.zip", tmp_path / "there")
    assert [run.outcome for run in taken] == ["taken in", "left, for its checkpoint is not in the archive"]
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.read(f"{names[1]}/history.csv").startswith(b"epoch,lr,train_loss")


def test_another_finished_run_is_overwritten_on_demand_only(two: Path, tmp_path: Path) -> None:
    name = "lite_xception.dots.a.s0"
    recipe = load_run(two / "runs" / name).recipe
    other = train(recipe.but(label_smoothing=0.1), data=make_dots(), out=tmp_path)
    weights = (other.folder / "weights.safetensors").read_bytes()
    with pytest.raises(FerstudyError, match="another finished run .* --replace"):
        take_in(two / "a.zip", tmp_path)
    assert (other.folder / "weights.safetensors").read_bytes() == weights
    # All or nothing: the run after it was not taken in either.
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert take_in(two / "a.zip", tmp_path, replace=True)[0].outcome == "replaced"
    assert load_run(tmp_path / name).recipe == recipe


def test_the_run_that_has_come_further_is_kept(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    begin(tiny, dots, tmp_path / "here", 1)
    pack(tmp_path / "1.zip", tmp_path / "here", [tiny.run_name])
    begin(tiny, dots, tmp_path / "here", 2)
    pack(tmp_path / "2.zip", tmp_path / "here", [tiny.run_name])
    assert take_in(tmp_path / "1.zip", tmp_path / "there")[0].outcome == "taken in at epoch 1"
    assert take_in(tmp_path / "2.zip", tmp_path / "there")[0].outcome == "taken in at epoch 2"
    said = take_in(tmp_path / "1.zip", tmp_path / "there")[0].outcome
    assert said == "left at epoch 1, for the run is at epoch 2 here"
    begin(tiny.but(label_smoothing=0.1), dots, tmp_path / "other", 1)
    with pytest.raises(FerstudyError, match="unfinished run .* of another recipe or other data"):
        take_in(tmp_path / "2.zip", tmp_path / "other")
    assert take_in(tmp_path / "2.zip", tmp_path / "other", replace=True)[0].outcome == "taken in at epoch 2"
    # The finished run ends what was begun of it, and stays when what was begun comes in again.
    train(tiny, data=dots, out=tmp_path / "here")
    pack(tmp_path / "3.zip", tmp_path / "here", [tiny.run_name])
    assert take_in(tmp_path / "3.zip", tmp_path / "there")[0].outcome == "taken in"
    assert not partial_folder(tmp_path / "there", tiny.run_name).exists()
    assert take_in(tmp_path / "2.zip", tmp_path / "there")[0].outcome == "left, for the run is finished here"


def test_a_run_that_is_being_written_is_left_alone(two: Path, dots: FaceDataset, tmp_path: Path) -> None:
    recipe = Recipe("lite_xception.dots.b", "lite_xception", epochs=3, batch_size=28, tta=("single",))
    with RunWriter(tmp_path, recipe, dots), pytest.raises(FerstudyError, match="being written by another process"):
        take_in(two / "a.zip", tmp_path)


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], None], honest: bool = True) -> None:
    """A copy of an archive with other members; with ``honest`` digests, as a cunning sender would write them."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    if honest and MANIFEST in members:
        manifest = json.loads(members[MANIFEST])
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in members.items()
            if name != MANIFEST
        }
        members[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


A, B = "lite_xception.dots.a.s0", "lite_xception.dots.b.s0"


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("pwned"),))  # type: ignore[return-value]


def evil_checkpoint(members: dict[str, bytes]) -> None:
    members[f"{B}/checkpoint.pt"] = pickle.dumps({"done": [_Evil()], "trainer": None})


def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__setitem__(name, content)


def edit(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        assert old in members[name]
        members[name] = members[name].replace(old, new)

    return change


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.__delitem__(name)


FORGED: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "way out": (put("../evil/recipe.yaml", b""), "is no file of a run"),
    "absolute": (put("/tmp/evil", b""), "is no file of a run"),
    "deep": (put(f"{A}/x/recipe.yaml", b""), "is no file of a run"),
    "backslash": (put(f"{A}\\..\\x", b""), "is no file of a run"),
    "hidden": (put(f"{A}/.build", b""), "is no file of a run"),
    "folder": (put(f"{A}/", b""), "is no file of a run"),
    "unknown file": (put(f"{A}/run.py", b""), "are not those of its runs"),
    "unknown run": (put("x.y.z.s0/recipe.yaml", b""), "are not those of its runs"),
    "file of the other kind": (put(f"{A}/checkpoint.pt", b""), "are not those of its runs"),
    "missing file": (without(f"{A}/predictions.npz"), "are not those of its runs"),
    "no manifest": (without(MANIFEST), "has no manifest.json"),
    "manifest that is no JSON": (put(MANIFEST, b"[1"), "not readable"),
    "manifest of a list": (put(MANIFEST, b"[1]"), "not readable"),
    "other version": (edit(MANIFEST, b'"version": 1', b'"version": 9'), "another format or version"),
    "unknown state": (edit(MANIFEST, b'"state": "partial"', b'"state": "begun"'), "unknown state"),
    "pickle for a checkpoint": (evil_checkpoint, "no readable checkpoint"),
    "tensor for a checkpoint": (put(f"{B}/checkpoint.pt", b""), "no readable checkpoint"),
    "pickle for weights": (put(f"{A}/weights.safetensors", pickle.dumps(1)), "not a safetensors file"),
    "text for predictions": (put(f"{A}/predictions.npz", b"no"), "not a readable file of arrays"),
    "better metrics": (edit(f"{A}/metrics.json", b'"accuracy": 0.', b'"accuracy": 0.9'), "by metrics.json and"),
    "list for metrics": (put(f"{A}/metrics.json", b"[]"), "do not fit each other"),
    "no history": (put(f"{A}/history.csv", b"x\n1\n"), "do not fit each other"),
    "status without data": (put(f"{A}/status.json", b'{"classes": ["a"]}'), "do not fit each other"),
    "text for a sheet": (put(f"{A}/grad_cam.png", b"<svg>"), "is no picture"),
    "recipe of another run": (edit(f"{A}/recipe.yaml", b"dots.a", b"dots.x"), "its recipe is that of"),
    "recipe with a key too many": (edit(f"{B}/recipe.yaml", b"seed:", b"sede:"), "did you mean seed"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_archive_leaves_nothing(case: str, two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    change, message = FORGED[case]
    honest = not case.startswith(("manifest", "other version", "unknown state"))
    rewritten(two / "a.zip", tmp_path / "b.zip", change, honest)
    with pytest.raises(FerstudyError, match=message) as caught:
        take_in(tmp_path / "b.zip", tmp_path / "runs")
    assert "b.zip" in str(caught.value)
    assert [p.name for p in tmp_path.rglob("*")] == ["b.zip"]


def test_a_wrong_digest_or_length_is_damage(two: Path, tmp_path: Path) -> None:
    rewritten(two / "a.zip", tmp_path / "b.zip", put(f"{A}/recipe.yaml", b"name: b\n"), honest=False)
    with pytest.raises(FerstudyError, match=r"damaged: .*recipe\.yaml is not what manifest\.json says"):
        take_in(tmp_path / "b.zip", tmp_path / "runs")


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_archive_is_damage(kept: float, two: Path, tmp_path: Path) -> None:
    content = (two / "a.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(content[: int(kept * len(content))])
    with pytest.raises(FerstudyError, match="is damaged or no archive|is no file of a run"):
        take_in(tmp_path / "b.zip", tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_flipped_bit_is_damage(two: Path, tmp_path: Path) -> None:
    content = bytearray((two / "a.zip").read_bytes())
    with zipfile.ZipFile(two / "a.zip") as archive:
        start = archive.getinfo(f"{A}/weights.safetensors").header_offset
    content[start + 50_000] ^= 1
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(FerstudyError, match="damaged"):
        take_in(tmp_path / "b.zip", tmp_path / "runs")


def test_a_link_is_refused(two: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(two / "a.zip") as source, zipfile.ZipFile(tmp_path / "b.zip", "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name)
            if name.endswith("recipe.yaml"):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            target.writestr(info, source.read(name))
    with pytest.raises(FerstudyError, match="is no file of a run"):
        take_in(tmp_path / "b.zip", tmp_path / "runs")


def test_more_than_any_archive_holds_is_refused(two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ferstudy.archive._MOST_BYTES", 1000)
    with pytest.raises(FerstudyError, match="is too large"):
        take_in(two / "a.zip", tmp_path / "runs")


def test_a_bomb_unpacks_to_no_more_than_it_declares(two: Path, tmp_path: Path) -> None:
    """The manifest says a hundred bytes; what the member unpacks to is ten million."""

    def bomb(members: dict[str, bytes]) -> None:
        members[f"{A}/history.csv"] = bytes(10**7)
        manifest = json.loads(members[MANIFEST])
        manifest["files"][f"{A}/history.csv"]["bytes"] = 100
        members[MANIFEST] = json.dumps(manifest).encode()

    rewritten(two / "a.zip", tmp_path / "b.zip", bomb, honest=False)
    with pytest.raises(FerstudyError, match="damaged"):
        take_in(tmp_path / "b.zip", tmp_path / "runs")


@pytest.mark.parametrize("path", ["a.tar.gz", "no/a.zip"])
def test_an_archive_that_cannot_be_written_is_told(path: str, two: Path, tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="ends in .zip|cannot be written"):
        pack(tmp_path / path, two / "runs", [])


def test_what_was_begun_names_recipe_and_data(two: Path) -> None:
    """An unfinished run continues on the same data only, wherever it was begun."""
    recipe = load_run(two / "runs" / A).recipe.but(name="lite_xception.dots.b", epochs=3)
    with zipfile.ZipFile(two / "a.zip") as archive:
        assert archive.read(f"{B}/recipe.yaml").decode() == begun_text(recipe, make_dots().fingerprint)
        assert torch.load(archive.open(f"{B}/checkpoint.pt"), weights_only=True)["done"] == []
