"""What ONNX Runtime computes is what torch computes, and the file says how to use it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from ferstudy.data import load_dataset
from ferstudy.data.preparation import Preparation, prepare
from ferstudy.errors import FerstudyError
from ferstudy.models import create_model
from ferstudy.onnx_export import INPUT, OPSET, compare, export_onnx
from ferstudy.pretrained import list_pretrained
from ferstudy.runs import Run
from ferstudy.vision.runtime import open_session


@pytest.fixture(scope="module", params=list_pretrained(), ids=lambda run: run.name)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    assert export_onnx(request.param, path) < 1e-4
    return request.param, path


def test_logits_are_torchs_on_other_faces_and_batches(exported: tuple[Run, Path]) -> None:
    run, path = exported
    session = open_session(path)
    images = load_dataset("synthetic", train=14, public=14, private=60).split("PrivateTest").images
    x = prepare(torch.from_numpy(np.array(images)), run.recipe.preparation)
    network = run.load_model()
    for size in (1, 2, 60):
        with torch.inference_mode():
            expected = network(x[:size]).numpy()
        found = session.run(None, {INPUT: x[:size].numpy()})[0]
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert (found.argmax(1) == expected.argmax(1)).all()


def test_the_file_says_how_to_use_it(exported: tuple[Run, Path]) -> None:
    run, path = exported
    model = onnx.load(path)
    assert {(o.domain, o.version) for o in model.opset_import if o.domain == ""} == {("", OPSET)}
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(said["classes"]) == list(run.status["classes"])
    preparation = json.loads(said["preparation"])
    fields = {key: preparation[key] for key in ("size", "channels", "scaling")}
    assert Preparation(**fields) == run.recipe.preparation
    assert said["input"] == "float32 (N, 1, 48, 48), channels first"
    assert json.loads(said["accuracy"])["PrivateTest.single"] == pytest.approx(
        run.metrics["PrivateTest.single"]["accuracy"], abs=1e-4
    )
    shape = model.graph.input[0].type.tensor_type.shape.dim
    assert shape[0].dim_param
    assert [d.dim_value for d in shape[1:]] == [1, 48, 48]


def test_the_steps_in_the_metadata_prepare_as_we_do(exported: tuple[Run, Path]) -> None:
    """Followed by hand with numpy, from the file alone."""
    _, path = exported
    said = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    steps = json.loads(said["preparation"])["steps"]
    assert steps[-1] == "values / 255 * 2 - 1"
    pixels = load_dataset("synthetic", train=14, public=14, private=14).images[:3]
    by_hand = pixels[:, None].astype(np.float32) / 255 * 2 - 1
    np.testing.assert_allclose(by_hand, prepare(torch.from_numpy(np.array(pixels)), Preparation()).numpy(), atol=1e-6)


def test_another_network_is_noticed(exported: tuple[Run, Path]) -> None:
    run, path = exported
    other = create_model(run.recipe.model, seed=5)
    assert compare(run.load_model(), str(path), torch.randn(3, 1, 48, 48)) < 1e-4
    assert compare(other, str(path), torch.randn(3, 1, 48, 48)) > 0.1


def test_a_network_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ferstudy.onnx_export.compare", lambda *_: 0.5)
    with pytest.raises(FerstudyError, match="differ from torch's by 0.5"):
        export_onnx(list_pretrained()[0], tmp_path / "a.onnx")
    assert list(tmp_path.iterdir()) == []
