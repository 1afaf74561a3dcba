"""What ships in a second form says what the first says; python -m ferstudy.shipped makes it anew."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from ferstudy.data import load_dataset
from ferstudy.data.preparation import Preparation, prepare
from ferstudy.models.declarations import FILE, declared_models
from ferstudy.onnx_export import compare, describe
from ferstudy.pretrained import list_pretrained
from ferstudy.runs import Run
from ferstudy.shipped import TOLERANCE, declarations, gap, mtcnn_networks, write_mtcnn
from ferstudy.vision.mtcnn import NETWORKS, WEIGHTS
from ferstudy.vision.networks import ONNX, OnnxNetwork


def test_the_declarations_are_the_registrys() -> None:
    assert FILE.read_text(encoding="utf-8") == declarations(), "run: python -m ferstudy.shipped"
    assert [row["name"] for row in declared_models("lite_*")] == ["lite_xception", "lite_xception_wide"]


@pytest.mark.parametrize("run", list_pretrained(), ids=lambda run: run.name)
def test_a_shipped_network_is_the_runs(run: Run) -> None:
    path = run.folder / ONNX
    images = load_dataset("synthetic", train=14, public=14, private=60).split("PrivateTest").images
    faces = prepare(torch.from_numpy(np.array(images)), run.recipe.preparation)
    assert compare(run.load_model(), path.read_bytes(), faces) < 1e-4, "run: python -m ferstudy.shipped"
    said = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert said == describe(run)


@pytest.mark.parametrize("run", list_pretrained(), ids=lambda run: run.name)
def test_a_shipped_network_says_how_faces_are_prepared(run: Run) -> None:
    network = OnnxNetwork(run.folder / ONNX)
    wanted = network.wanted
    assert Preparation(wanted.size, wanted.channels, wanted.scaling) == run.recipe.preparation
    assert wanted.crop == run.recipe.augmentation.crop
    assert network.classes == tuple(run.status["classes"])


@pytest.mark.parametrize("name", NETWORKS)
def test_mtcnns_networks_are_facenets(name: str) -> None:
    network, example = mtcnn_networks()[name]
    assert gap(network, str(WEIGHTS / f"{name}.onnx"), example) < TOLERANCE


@pytest.mark.parametrize("shape", [(12, 12), (13, 31), (14, 12), (61, 83), (145, 193)])
def test_pnet_takes_every_size(shape: tuple[int, int]) -> None:
    network, _ = mtcnn_networks()["pnet"]
    assert gap(network, str(WEIGHTS / "pnet.onnx"), torch.rand(1, 3, *shape) * 2 - 1) < TOLERANCE


def test_the_networks_are_made_anew(tmp_path: Path) -> None:
    write_mtcnn(tmp_path)
    for name in NETWORKS:
        made = onnx.load(tmp_path / f"{name}.onnx")
        assert made.graph == onnx.load(WEIGHTS / f"{name}.onnx").graph


def test_what_ships_names_no_machine() -> None:
    """The exporter's notes of the files on the machine that it ran on are taken out."""
    for path in WEIGHTS.parent.rglob("*.onnx"):
        content = path.read_bytes()
        assert [word for word in (b"site-packages", b".py", b"stack_trace") if word in content] == [], path


def test_what_ships_is_light() -> None:
    sizes = {path.name: path.stat().st_size for path in WEIGHTS.parent.rglob("*.onnx")}
    assert max(sizes.values()) < 3_000_000, json.dumps(sizes)
