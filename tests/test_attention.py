"""Average faces and maps: means by hand, what they are of, and that a file gives back what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ferstudy.attention import FILE, average_attention, can_average, read_attention, write_attention
from ferstudy.data import FaceDataset
from ferstudy.data.preparation import prepare
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.explanation import explain, saliency
from ferstudy.models.residual_masking import refine
from ferstudy.recipes import Recipe
from ferstudy.runs import Run, list_runs
from ferstudy.training import train
from tests.conftest import ROOT

RECORDED = [run for run in list_runs(ROOT / "reports/runs") if (run.folder / FILE).is_file()]


def scored_as_right(run: Run) -> Run:
    """The same run with logits that are right about all faces but the first, whatever it has learnt."""
    targets = run.predictions["PrivateTest.targets"]
    logits = np.eye(7, dtype=np.float32)[targets]
    logits[0] = np.roll(logits[0], 1)
    run.predictions["PrivateTest.single.logits"] = logits
    return run


@pytest.fixture
def run(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> Run:
    return scored_as_right(train(tiny.but(epochs=1), data=dots, out=tmp_path))


def test_averages_are_means_over_the_right_faces(run: Run, dots: FaceDataset) -> None:
    model = run.load_model()
    found = average_attention(run, model, dots)
    private = np.flatnonzero(dots.usage == 2)[1:]
    labels = dots.labels[private]
    np.testing.assert_array_equal(found.counts, np.bincount(labels, minlength=7))
    images = torch.from_numpy(np.array(dots.images[private]))
    x = prepare(images, run.recipe.preparation)
    layer = next(iter(found.maps))
    raw = explain(model, x, labels.tolist(), layer).raw.clip(min=0)
    salient = saliency(model, x, labels.tolist()).maps
    for k in range(7):
        here = labels == k
        np.testing.assert_allclose(found.faces[k], dots.images[private][here].mean(0) / 255, atol=1e-5)
        np.testing.assert_allclose(found.maps[layer][k], raw[here].mean(0), rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(found.spreads[layer][k], raw[here].std(0), rtol=1e-2, atol=1e-5)
        np.testing.assert_allclose(found.saliency[k], salient[here].mean(0), rtol=1e-3, atol=1e-7)
    assert found.before.size == found.after.size == len(found.gates) == 0
    assert min(found.maps[found.fine].shape[1:]) >= 6
    np.testing.assert_allclose(found.differences().sum(0), 0, atol=1e-4)


@pytest.mark.parametrize(
    ("model", "options"),
    [("resmasking", {"width": 0.125, "backbone": "resnet18"}), ("squeezenet_se", {})],
)
def test_masks_and_gates_of_networks_that_have_them(
    model: str, options: dict, dots: FaceDataset, tiny: Recipe, tmp_path: Path
) -> None:
    recipe = tiny.but(name=f"{model}.dots.a", model=model, model_options=options, epochs=1)
    run = scored_as_right(train(recipe, data=dots, out=tmp_path))
    network = run.load_model()
    found = average_attention(run, network, dots)
    private = np.flatnonzero(dots.usage == 2)[1:]
    x = prepare(torch.from_numpy(np.array(dots.images[private])), recipe.preparation)
    with torch.no_grad():
        if model == "squeezenet_se":
            for mean, gate in zip(found.gates, network.gates(x), strict=True):  # type: ignore[operator]
                np.testing.assert_allclose(mean, gate.mean(0).numpy(), rtol=1e-4)
            return
        stage, mask = network.stages(x)[2]  # type: ignore[operator]
    here = dots.labels[private] == 0
    np.testing.assert_allclose(found.before[0], stage.mean(1)[here].mean(0).numpy(), rtol=1e-4)
    np.testing.assert_allclose(found.after[0], refine(stage, mask).mean(1)[here].mean(0).numpy(), rtol=1e-4)


def test_a_file_gives_back_what_was_written(run: Run, dots: FaceDataset, tmp_path: Path) -> None:
    found = average_attention(run, run.load_model(), dots)
    write_attention(found, tmp_path / FILE)
    read = read_attention(tmp_path / FILE)
    assert (read.classes, read.fine) == (found.classes, found.fine)
    np.testing.assert_array_equal(read.counts, found.counts)
    for name in ("faces", "saliency"):
        one, other = getattr(read, name), getattr(found, name)
        np.testing.assert_allclose(one, other, atol=1e-3 * other.max())
    np.testing.assert_allclose(read.maps[read.fine], found.maps[found.fine], atol=1e-3 * found.maps[found.fine].max())
    (tmp_path / FILE).write_bytes(b"PK")
    with pytest.raises(FerstudyError, match="not a readable file of arrays"):
        read_attention(tmp_path / FILE)
    np.savez(tmp_path / FILE, counts=np.zeros(7))
    with pytest.raises(FerstudyError, match="it lacks 'layers'"):
        read_attention(tmp_path / FILE)


def test_folds_and_nobody_right_have_no_averages(run: Run, dots: FaceDataset) -> None:
    run.predictions["PrivateTest.single.logits"] = np.roll(np.eye(7)[run.predictions["PrivateTest.targets"]], 1, 1)
    with pytest.raises(FerstudyError, match="no face of PrivateTest"):
        average_attention(run, run.load_model(), dots)
    folds = Run(run.folder, run.recipe, {**run.status, "folds": 5})
    assert not can_average(folds)
    with pytest.raises(FerstudyError, match="one fold"):
        average_attention(folds, run.load_model(), dots)


@pytest.mark.parametrize("run", RECORDED, ids=lambda run: run.name)
def test_recorded_averages_are_of_the_faces_that_the_run_gets_right(run: Run) -> None:
    found = read_attention(run.folder / FILE)
    logits, targets = run.logits(get_protocol(run.recipe.protocol).reported[0])
    np.testing.assert_array_equal(found.counts, np.bincount(targets[logits.argmax(1) == targets], minlength=7))
    faces = found.faces[found.counts > 0]
    assert 0 < faces.min() < faces.max() < 1
    assert (run.folder / FILE).stat().st_size < 200_000
