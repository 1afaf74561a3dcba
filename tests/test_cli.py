"""The command: listings for programs, help for newcomers, and one clear line for every mistake."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ferstudy.audit import plant_copies
from ferstudy.cli import main
from ferstudy.data.layouts import write_fer2013
from ferstudy.data.places import STAND_IN
from ferstudy.data.synthetic import make
from ferstudy.pretrained import list_pretrained
from ferstudy.vision.samples import sample_photo, write_sample_video
from tests.conftest import ROOT


def call(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["ferstudy", *arguments])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("models", {"name", "family", "paper", "parameters", "published_parameters", "input_size", "channels",
                    "cam_layer", "pretrained"}),
        ("datasets", {"name", "classes", "splits", "images", "found", "root", "licence", "how_to_get"}),
        ("data", {"name", "found", "how_to_get"}),
        ("recipes", {"name", "model", "dataset", "protocol", "optimizer"}),
        ("runs", {"name", "folder", "metrics"}),
    ],
)  # fmt: skip
def test_listings_are_json(
    command: str, keys: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call([command, "--json"], monkeypatch) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert all(keys <= set(row) for row in rows)
    assert call([command], monkeypatch) == 0
    assert rows[0]["name"] in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        *("models", "datasets", "data", "data check", "data sample", "recipes", "runs", "runs import", "record"),
        *("train", "studies", "studies run", "evaluate", "export", "predict", "reports"),
    ],
)
def test_every_command_explains_itself(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call([*command.split(), "--help"], monkeypatch) == 0
    assert "Usage" in capsys.readouterr().out


def test_from_training_to_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.yaml").write_text(
        "name: lite_xception.synthetic.cli\nmodel: lite_xception\ndataset: synthetic\nepochs: 1\nbatch_size: 32\n"
        "dataset_options: {train: 96, public: 32, private: 32}\ntta: [single]\n"
    )
    assert call(["train", "r.yaml"], monkeypatch) == 0
    assert "PrivateTest.single" in capsys.readouterr().out
    assert call(["evaluate", "lite_xception.synthetic.cli.s0", "--json"], monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 420
    further = ["evaluate", "lite_xception.synthetic.cli.s0", "--tta", "eleven", "--record", "--into", "runs"]
    assert call(further, monkeypatch) == 0
    metrics = json.loads((tmp_path / "runs/lite_xception.synthetic.cli.s0/metrics.json").read_text())
    assert metrics["PrivateTest.eleven"]["images"] == 32
    assert call(["runs"], monkeypatch) == 0
    assert "lite_xception.synthetic.cli.s0" in capsys.readouterr().out


def test_predicting_a_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(sample_photo()).save(tmp_path / "photo.jpg")
    out = tmp_path / "out"
    assert call(["predict", str(tmp_path / "photo.jpg"), "--out", str(out)], monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("photo.jpg: happy 9")
    assert said[1].startswith("1 face in 1 frame")
    assert "happy" in (out / "faces.csv").read_text()
    assert call(["predict", str(tmp_path / "photo.jpg"), "--out", str(out), "--json"], monkeypatch) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["faces"] == 1
    assert printed["found"][0]["label"] == "happy"
    assert printed["found"][0]["probabilities"]["happy"] == printed["found"][0]["confidence"] > 0.5


def test_predicting_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    write_sample_video(tmp_path / "v.mp4", count=48)
    options = [
        "--out",
        str(tmp_path / "out"),
        "--smooth",
        "3",
        "--detect-every",
        "2",
        "--min-size",
        "60",
        "--frames",
        "4",
    ]
    assert call(["predict", str(tmp_path / "v.mp4"), *options], monkeypatch) == 0
    assert capsys.readouterr().out.startswith("v.mp4, face 1, frames 0 to 3: happy 9")
    assert call(["predict", str(tmp_path / "v.mp4"), *options, "--min-confidence", "1", "--json"], monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["people"] == []


def test_predicting_with_a_network_of_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(sample_photo()).save(tmp_path / "photo.jpg")
    shutil.copytree(list_pretrained()[0].folder, copy := tmp_path / "copy")
    (copy / "model.onnx").unlink()
    assert call(["predict", str(tmp_path / "photo.jpg"), "--run", str(copy), "--out", str(tmp_path)], monkeypatch) == 0
    assert capsys.readouterr().out.startswith("photo.jpg: happy ")


def test_data_found_is_counted_and_damage_is_told_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FERSTUDY_DATA", str(tmp_path))
    write_fer2013(make(60, 20, 20), tmp_path / "fer2013")
    (tmp_path / "ferplus").mkdir()
    (tmp_path / "ferplus" / "fer2013new.csv").write_text("Usage\n")
    assert call(["data", "--json"], monkeypatch) == 2
    output = capsys.readouterr()
    rows = {row["name"]: row for row in json.loads(output.out)}
    assert sum(sum(counts.values()) for counts in rows["fer2013"]["counts"].values()) == 100
    assert "deviates from the official counts" in rows["fer2013"]["warnings"][0]
    assert "lacks the column" in rows["ferplus"]["problem"]
    assert "lacks the column" in output.err
    assert call(["data"], monkeypatch) == 2
    text = capsys.readouterr().out
    assert "deviates from the official counts" in text
    assert "not usable: ferplus" in text
    assert "not found; ask its owners" in text


def test_checking_and_recording_a_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fer2013(plant_copies(make(120, 40, 40), 9, 4, 2).data, tmp_path)
    assert call(["data", "check", "fer2013", "--data", str(tmp_path)], monkeypatch) == 0
    text = capsys.readouterr().out
    assert "Training deviates from the official counts" in text
    assert "2 constant images show nothing" in text
    assert "18 images are identical to others, 9 different ones among them" in text
    assert "this form serves 7 of 10 protocols for fer2013: development (160 images, folds: 1)" in text
    assert "not random5_subject: needs to know who is in each image" in text
    command = ["data", "check", "fer2013", "--data", str(tmp_path), "--json", "--record", "--into", str(tmp_path / "a")]
    assert call(command, monkeypatch) == 2
    assert "only those of real data are recorded" in capsys.readouterr().err
    # As if the faces were real: without the mark of a layout written from synthetic ones.
    (tmp_path / STAND_IN).unlink()
    assert call(command, monkeypatch) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == 200
    protocols = {service["protocol"]: service for service in found["protocols"]}
    assert protocols["strict"] == {"protocol": "strict", "served": True, "images": 200, "folds": 1, "why": ""}
    assert not protocols["random5_subject"]["served"]
    assert json.loads((tmp_path / "a" / "fer2013.json").read_text())["counts"] == found["counts"]


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_sheet_of_samples(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / f"sheet.{suffix}"
    assert (
        call(["data", "sample", "synthetic", "--split", "PublicTest", "--n", "3", "--out", str(sheet)], monkeypatch)
        == 0
    )
    assert str(sheet) in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == [sheet.name]
    if suffix == "png":
        with Image.open(sheet) as picture:
            # Seven rows for the classes, three faces each.
            assert picture.height > 1.3 * picture.width


GOOD = " ".join(["7"] * 2304)


def table(folder: Path, text: str) -> list[str]:
    folder.joinpath("fer2013.csv").write_text(text)
    return ["data", "--data", str(folder)]


def truncated(folder: Path) -> list[str]:
    write_fer2013(make(4, 2, 2), folder)
    path = folder / "fer2013.csv"
    path.write_bytes(path.read_bytes()[:-3000])
    return ["data", "--data", str(folder)]


def file(folder: Path, name: str, content: bytes) -> str:
    folder.joinpath(name).write_bytes(content)
    return str(folder / name)


def weights(folder: Path, content: bytes | None) -> list[str]:
    shipped = list_pretrained()[0]
    copy = Path(shutil.copytree(shipped.folder, folder / "run"))
    if content is None:
        from safetensors.torch import save_file

        from ferstudy.models import create_model

        other = "lite_xception" if shipped.recipe.model == "lite_xception_wide" else "lite_xception_wide"
        save_file(create_model(other).state_dict(), copy / "weights.safetensors")
    else:
        (copy / "weights.safetensors").write_bytes(content)
    photo = folder / "photo.png"
    Image.fromarray(sample_photo()).save(photo)
    return ["predict", str(photo), "--run", str(copy), "--out", str(folder / "out")]


def recipe(folder: Path, text: str) -> list[str]:
    return ["train", file(folder, "r.yaml", text.encode()), "--out", str(folder / "runs")]


def read_only(folder: Path) -> list[str]:
    Image.fromarray(sample_photo()).save(folder / "photo.png")
    blocked = file(folder, "blocked", b"")
    return ["predict", str(folder / "photo.png"), "--out", f"{blocked}/out"]


HEAD = "emotion,pixels,Usage\n"
LESSON = "name: a.b.c\nmodel: lite_xception\ndataset: synthetic\n"
MISTAKES: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "truncated csv": (truncated, "expected 2304 pixels"),
    "pixel count": (lambda f: table(f, f"{HEAD}0,1 2,Training\n"), "line 2: expected 2304 pixels of 0..255"),
    "label 9": (lambda f: table(f, f"{HEAD}9,{GOOD},Training\n"), "expected an emotion of 0..6"),
    "unknown usage": (lambda f: table(f, f"{HEAD}0,{GOOD},Val\n"), "expected Usage to be"),
    "empty zip": (lambda f: ["data", "--data", file(f, "fer2013.zip", b"PK\5\6" + bytes(18))], "is an empty zip"),
    "png renamed csv": (
        lambda f: ["data", "--data", file(f, "fer2013.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe")], "fer2013.csv"),
    "check of a truncated csv": (lambda f: ["data", "check", "fer2013", *truncated(f)[1:]], "expected 2304 pixels"),
    "check of nothing": (lambda f: ["data", "check", "jaffe", "--data", str(f)], "jaffe is not in"),
    "check of an unknown dataset": (lambda f: ["data", "check", "fer2014"], "did you mean fer2013"),
    "record of synthetic faces": (lambda f: ["data", "check", "synthetic", "--record", "--into", str(f / "a")],
                                  "only those of real data are recorded"),
    "sample of an unknown split": (lambda f: ["data", "sample", "synthetic", "--split", "Private"], "mean PrivateTest"),
    "sample that is no picture": (lambda f: ["data", "sample", "synthetic", "--out", "a.txt"], "ends in .png, .svg or"),
    "sample nowhere": (lambda f: ["data", "sample", "synthetic", "--out", str(f / "no" / "a.png")], "cannot write"),
    "missing folder": (lambda f: ["train", "lite_xception.fer2013.strict", "--data", str(f / "no")], "is not in"),
    "empty folder": (lambda f: ["evaluate", "lite_xception.fer2013.strict.s0", "--data", str(f)], "fer2013 is not in"),
    "unknown recipe": (lambda f: ["train", "lite_xeption.fer2013.strict"], "did you mean"),
    "unknown model in a first try": (lambda f: ["train", "resnet1.synthetic"], "did you mean resnet18"),
    "setting without a value": (lambda f: ["train", "lite_xception.synthetic.lesson", "--set", "epochs"],
                                "expected key=value"),
    "unknown setting": (lambda f: ["train", "lite_xception.synthetic.lesson", "--set", "optimizer.rate=1"],
                        "unknown recipe optimizer key 'rate'"),
    "start from nothing": (lambda f: ["train", "lite_xception.synthetic.lesson", "--init", "a.b.c.s0"], "unknown run"),
    "start from a network without ImageNet weights": (
        lambda f: ["train", "fernet.synthetic", "--init", "imagenet"], "no ImageNet weights in torchvision"),
    "time budget without a unit": (lambda f: ["train", "lite_xception.synthetic.lesson", "--time-budget", "9"],
                                   "expected a number with s, m or h"),
    "archive of another kind": (lambda f: ["train", "lite_xception.synthetic.lesson", "--archive", "a.tgz"],
                                "ends in .zip"),
    "archive nowhere": (lambda f: ["train", "lite_xception.synthetic.lesson", "--archive", str(f / "no" / "a.zip")],
                        "cannot be written"),
    "one recipe twice": (lambda f: ["train", *["lite_xception.synthetic.lesson"] * 2], "comes twice"),
    "unknown recipe among others": (lambda f: ["train", "lite_xception.synthetic.lesson", "lite"], "unknown recipe"),
    "import of nothing": (lambda f: ["runs", "import", str(f / "a.zip")], "does not exist"),
    "import of text": (lambda f: ["runs", "import", file(f, "a.zip", b"no zip")], "is damaged or no archive of runs"),
    "import of another zip": (lambda f: ["runs", "import", file(f, "a.zip", b"PK\5\6" + bytes(18))],
                              "has no manifest.json"),
    "import into a file": (lambda f: ["runs", "import", str(f / "a.zip"), "--into", file(f, "b", b"")],
                           "cannot write runs to"),
    "export of an unknown run": (lambda f: ["export", "a.b.c.s0", "--onnx", "a.onnx"], "unknown run with weights"),
    "export to another kind": (lambda f: ["export", list_pretrained()[0].name, "--onnx", "a.pt"], "ends in .onnx"),
    "export nowhere": (lambda f: ["export", list_pretrained()[0].name, "--onnx", str(f / "no" / "a.onnx")],
                       "cannot write"),
    "unknown model": (lambda f: recipe(f, LESSON.replace("lite_xception", "resnet1")), "unknown model 'resnet1'"),
    "unknown recipe key": (lambda f: recipe(f, LESSON + "epoch: 3\n"), "did you mean epochs"),
    "recipe that is no yaml": (lambda f: recipe(f, "a: [1"), "not readable as YAML"),
    "missing recipe file": (lambda f: ["train", str(f / "none.yaml")], "not a readable recipe file"),
    "unknown dataset option": (lambda f: recipe(f, LESSON + "dataset_options: {faces: 3}\n"), "faces"),
    "unknown dataset": (lambda f: recipe(f, LESSON.replace("synthetic", "affectnet")), "unknown dataset"),
    "unreadable image": (lambda f: ["predict", file(f, "a.jpg", b"no image")], "not a readable image"),
    "missing image": (lambda f: ["predict", str(f / "a.jpg")], "does not exist"),
    "zero-byte video": (lambda f: ["predict", file(f, "a.mp4", b"")], "is empty"),
    "no camera": (lambda f: ["predict", "97"], "camera 97 gives no frame"),
    "a number that is no camera": (lambda f: ["predict", "2147483648"], "no camera 2147483648"),
    "a digit that is no number": (lambda f: ["predict", "²"], "does not exist"),
    "an address": (lambda f: ["predict", "https://example.org/a.jpg"], "download the file first"),
    "a size that is none": (lambda f: ["predict", "x.jpg", "--min-size", "1"], "at least 12 pixels"),
    "unknown detector": (lambda f: ["predict", "x.jpg", "--detector", "yolo"], "unknown detector 'yolo'"),
    "weights of another model": (lambda f: weights(f, None), "weights of another network"),
    "pickle for weights": (lambda f: weights(f, pickle.dumps({"a": 1})), "not a safetensors file"),
    "unknown run": (lambda f: ["evaluate", "lite_xception.fer2013.strict.s99"], "unknown run with weights"),
    "unknown split": (lambda f: ["evaluate", list_pretrained()[0].name, "--dataset", "synthetic", "--split", "Test"],
                      "unknown split of synthetic"),
    "unknown tta": (lambda f: ["evaluate", list_pretrained()[0].name, "--dataset", "synthetic", "--tta", "ten"],
                    "unknown test-time augmentation"),
    "further views of another dataset": (
        lambda f: ["evaluate", list_pretrained()[0].name, "--dataset", "synthetic", "--record"], "leave --dataset out"),
    "read-only output": (read_only, "cannot write to"),
    "unknown profile": (lambda f: ["reports", "--profile", "fast", "--out", str(f / "out"), "--notebooks",
                                   str(ROOT / "notebooks"), "--only", "lite_xception"], "unknown profile 'fast'"),
    "unknown report": (lambda f: ["reports", "--only", "lite", "--out", str(f / "out"), "--notebooks",
                                  str(ROOT / "notebooks")], "unknown report 'lite'"),
    "no notebooks": (lambda f: ["reports", "--notebooks", str(f), "--out", str(f / "out")], "no notebooks in"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_end_in_one_line(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare, message = MISTAKES[case]
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    monkeypatch.setenv("FERSTUDY_DATA", str(tmp_path / "nothing"))
    arguments = prepare(inputs)
    monkeypatch.chdir(tmp_path)
    before = sorted(p for p in tmp_path.rglob("*"))
    assert call(arguments, monkeypatch) == 2
    error = capsys.readouterr().err
    lines = [line for line in error.splitlines() if line.startswith("ferstudy:")]
    assert len(lines) == 1, error
    assert message in lines[0]
    assert "Traceback" not in error
    # Nothing half-written: no new file anywhere but a cache, and no hidden leftovers.
    after = [p for p in tmp_path.rglob("*") if p not in before and p.is_file() and "cache" not in p.parts]
    assert after == []


@pytest.mark.parametrize("name", ["fernet", "torchvision_mobilenet_v3_small"])
def test_a_first_try_of_any_network(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Trained in two stages on a few faces, and scored."""
    monkeypatch.chdir(tmp_path)
    few = ["--epochs", "1", "--images", "8", "--set", "batch_size=8", "--set", "preparation.size=48"]
    assert call(["train", f"{name}.synthetic", *few], monkeypatch) == 0
    assert call(["train", f"{name}.synthetic", *few, "--seed", "1", "--init", f"{name}.synthetic.s0"], monkeypatch) == 0
    assert "of 8" in capsys.readouterr().out
    assert call(["evaluate", f"{name}.synthetic.s1", "--split", "PublicTest"], monkeypatch) == 0
    assert "of 420" in capsys.readouterr().out
    assert call(["record", f"{name}.synthetic.s1", "--into", "recorded"], monkeypatch) == 2


def test_a_session_in_time_and_its_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two recipes in a queue, none, one or both of them finished in time, packed, and taken in elsewhere."""
    monkeypatch.chdir(tmp_path)
    few = "batch_size: 32\ndataset_options: {train: 96, public: 32, private: 32}\ntta: [single]\n"
    (tmp_path / "a.yaml").write_text(LESSON + "epochs: 1\n" + few)
    (tmp_path / "b.yaml").write_text(LESSON.replace("a.b.c", "a.b.d") + "epochs: 2\n" + few)
    command = ["train", "a.yaml", "b.yaml", "--archive", "session.zip"]
    monkeypatch.setattr("ferstudy.cli._STARTED", time.monotonic())
    assert call([*command, "--time-budget", "0s"], monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == ["a.b.c.s0: not begun", "a.b.d.s0: not begun", "packed 0 runs into session.zip"]
    assert call(["train", "a.yaml"], monkeypatch) == 0
    assert call([*command, "--time-budget", "0s"], monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert {"a.b.c.s0: finished", "a.b.d.s0: not begun", "packed 1 runs into session.zip"} <= set(said)
    assert call([*command, "--time-budget", "1h"], monkeypatch) == 0
    said = capsys.readouterr().out.splitlines()
    assert {"a.b.c.s0: finished", "a.b.d.s0: finished", "packed 2 runs into session.zip"} <= set(said)
    assert call(["runs", "import", "session.zip", "--into", "there", "--json"], monkeypatch) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["outcome"]) for row in rows] == [("a.b.c.s0", "taken in"), ("a.b.d.s0", "taken in")]
    assert call(["runs", "--runs", "there"], monkeypatch) == 0
    assert "a.b.d.s0" in capsys.readouterr().out
    assert call(["train", "a.yaml", "a.b.synthetic", "--time-budget", "1h"], monkeypatch) == 2
    (tmp_path / "lost.yaml").write_text(LESSON.replace("synthetic", "fer2013").replace("a.b.c", "a.b.e"))
    assert call(["train", "lost.yaml", "a.yaml", "--data", "nowhere"], monkeypatch) == 2
    output = capsys.readouterr()
    assert "a.b.c.s0: finished" in output.out
    assert "ferstudy: a.b.e.s0: failed; fer2013 is not in nowhere" in output.err


def test_exporting_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = "lite_xception.fer2013.strict.s0"
    assert call(["export", small, "--onnx", str(tmp_path / "a.onnx")], monkeypatch) == 0
    assert "of torch's" in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]
    for package in ("onnx", "onnxscript"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, package, None)
            assert call(["export", small, "--onnx", str(tmp_path / "b.onnx")], monkeypatch) == 2
        assert f"{package} is not installed; install it with: pip install 'ferstudy[onnx]'" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]


def test_two_processes_cannot_write_one_run(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(LESSON + "epochs: 30\nbatch_size: 32\ndataset_options: {train: 640}\n")
    command = [sys.executable, "-m", "ferstudy.cli", "train", "r.yaml"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    first = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while not (tmp_path / "runs" / ".a.b.c.s0.partial" / "checkpoint.pt").exists():
            assert first.poll() is None
        second = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    finally:
        first.kill()
        first.communicate()
    assert second.returncode == 2
    assert "being written by another process" in second.stderr


def test_importing_is_light_and_silent() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import ferstudy; "
        "print(time.perf_counter() - t, 'torch' in sys.modules, 'numpy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert float(out[0]) < 0.5
    assert out[1:] == ["False", "False"]


def test_the_training_core_imports_without_the_rest() -> None:
    """It also runs on a bare GPU machine: torch, torchvision, numpy and pandas, and nothing else at import."""
    absent = ["cv2", "facenet_pytorch", "pytorch_grad_cam", "papermill", "jupyterlab", "matplotlib", "seaborn"]
    absent += ["sklearn", "yaml", "safetensors", "typer", "tqdm", "scipy", "statsmodels", "nbconvert", "IPython"]
    code = f"import sys; sys.modules.update(dict.fromkeys({absent!r})); import ferstudy.training, ferstudy.papers"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_predictions_of_a_run_need_numpy_alone() -> None:
    for run in list_pretrained():
        arrays = np.load(ROOT / "reports" / "runs" / run.name / "predictions.npz")
        accuracy = (arrays["PrivateTest.single.logits"].argmax(1) == arrays["PrivateTest.targets"]).mean()
        assert run.metrics["PrivateTest.single"]["accuracy"] == pytest.approx(accuracy, abs=1e-6)
