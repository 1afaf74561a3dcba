"""Runs on disk: locks, damage, weights that are not the run's, and recording."""

from __future__ import annotations

import fcntl
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ferstudy.data import FaceDataset
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import metrics_of
from ferstudy.models import count_parameters, create_model
from ferstudy.papers import get_paper, get_recipe, list_papers
from ferstudy.pretrained import list_pretrained
from ferstudy.recipes import Recipe
from ferstudy.runs import Run, RunWriter, get_run, list_runs, load_run, record
from ferstudy.scoring import evaluate, record_views, score
from ferstudy.training import train
from tests.conftest import ROOT, make_dots


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    recipe = Recipe(name="lite_xception.dots.once", model="lite_xception", epochs=1, batch_size=28, tta=("single",))
    return train(recipe, data=make_dots(), out=tmp_path_factory.mktemp("runs"))


def copy(run: Run, folder: Path) -> Path:
    return Path(shutil.copytree(run.folder, folder / run.name))


def test_provenance_is_there(run: Run) -> None:
    assert {"code", "device", "versions", "date", "seconds", "protocol", "dataset"} <= set(run.status)
    assert run.status["dataset"]["fingerprint"] == make_dots().fingerprint


def test_weights_give_the_recorded_predictions(run: Run, dots: FaceDataset) -> None:
    (fold,) = get_protocol(run.recipe.protocol).folds(dots)
    fresh = score(run.load_model(), run.recipe, dots, fold)
    for key, array in run.predictions.items():
        np.testing.assert_allclose(fresh[key], array, atol=1e-5)
    again = evaluate(run, dots.split("PrivateTest")).to_dict()
    assert again["confusion"] == run.metrics["PrivateTest.single"]["confusion"]


def test_two_processes_cannot_write_one_run(tmp_path: Path, dots: FaceDataset, tiny: Recipe) -> None:
    partial = tmp_path / f".{tiny.run_name}.partial"
    partial.mkdir()
    with (partial / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FerstudyError, match="being written by another process"):
            train(tiny, data=dots, out=tmp_path)
    with RunWriter(tmp_path, tiny, dots):
        pass


def test_an_unfinished_run_of_another_recipe_is_not_continued(tmp_path: Path, dots: FaceDataset, tiny: Recipe) -> None:
    with RunWriter(tmp_path, tiny, dots):
        pass
    with pytest.raises(FerstudyError, match="unfinished run .* of another recipe"):
        train(tiny.but(label_smoothing=0.2), data=dots, out=tmp_path)


def test_output_that_cannot_be_written_is_told(tmp_path: Path, dots: FaceDataset, tiny: Recipe) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FerstudyError, match="cannot write runs"):
        train(tiny, data=dots, out=tmp_path / "file")


@pytest.mark.parametrize("file", ["status.json", "recipe.yaml"])
def test_a_run_without_its_files_is_not_a_run(run: Run, file: str, tmp_path: Path) -> None:
    folder = copy(run, tmp_path)
    (folder / file).unlink()
    with pytest.raises(FerstudyError, match=f"has no {file}"):
        load_run(folder)


@pytest.mark.parametrize("what", ["pickle", "text", "other network", "missing"])
def test_weights_that_are_not_the_runs_are_refused(run: Run, what: str, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from ferstudy.models import create_model

    folder = copy(run, tmp_path)
    path = folder / "weights.safetensors"
    if what == "pickle":
        path.write_bytes(pickle.dumps({"a": 1}))
    elif what == "text":
        path.write_text("no weights")
    elif what == "other network":
        save_file(create_model("lite_xception_wide").state_dict(), path)
    else:
        path.unlink()
    with pytest.raises(FerstudyError, match="not a safetensors file|another network|no weights at"):
        load_run(folder).load_model()


def test_damaged_predictions_are_told(run: Run, tmp_path: Path) -> None:
    folder = copy(run, tmp_path)
    (folder / "predictions.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(FerstudyError, match="not a readable file of arrays"):
        _ = load_run(folder).predictions


def test_names_find_runs(run: Run) -> None:
    assert get_run(run.name, run.folder.parent).recipe == run.recipe
    assert get_run(str(run.folder)).name == run.name
    with pytest.raises(FerstudyError, match="did you mean"):
        get_run("lite_xception.dots.onec.s0", run.folder.parent)
    with pytest.raises(FerstudyError, match="unknown scored split"):
        run.logits("Training")


def test_further_views_are_kept_in_a_run(run: Run, tmp_path: Path, dots: FaceDataset) -> None:
    folder = copy(run, tmp_path)
    before = load_run(folder)
    assert before.views == ("single",)
    after = record_views(before, run.load_model(), dots, "eleven")
    assert after.views == ("single", "eleven")
    assert after.recipe == before.recipe
    for split in ("PublicTest", "PrivateTest"):
        again = evaluate(run, dots.split(split), tta="eleven")
        assert after.metrics[f"{split}.eleven"]["confusion"] == again.confusion
        assert after.metrics[f"{split}.single"]["confusion"] == before.metrics[f"{split}.single"]["confusion"]
    assert sorted(f.name for f in folder.iterdir()) == sorted(f.name for f in run.folder.iterdir())


def test_further_views_need_the_runs_own_data(run: Run, tmp_path: Path) -> None:
    folder = copy(run, tmp_path)
    kept = (folder / "predictions.npz").read_bytes()
    with pytest.raises(FerstudyError, match="fingerprint"):
        record_views(load_run(folder), run.load_model(), make_dots(seed=5), "eleven")
    with pytest.raises(FerstudyError, match="unknown test-time augmentation"):
        record_views(load_run(folder), run.load_model(), make_dots(), "twelve")
    assert (folder / "predictions.npz").read_bytes() == kept


def test_a_stand_in_is_recorded_where_its_recipe_says_so(run: Run, tmp_path: Path) -> None:
    synthetic = {**run.status, "dataset": {**run.status["dataset"], "real": False}}
    options = {"stand_in": {"fer2013": {"train": 30}}}
    said = replace(run, status=synthetic, recipe=run.recipe.but(dataset_options=options))
    assert said.recipe.stand_in
    assert record(said, tmp_path).name == run.name
    with pytest.raises(FerstudyError, match="synthetic faces"):
        record(replace(run, status=synthetic), tmp_path)


def test_only_real_data_is_recorded(run: Run, tmp_path: Path, dots: FaceDataset, tiny: Recipe) -> None:
    with pytest.raises(FerstudyError, match="synthetic"):
        record(run, tmp_path)
    real = train(tiny, data=replace(dots, real=True), out=tmp_path / "runs")
    recorded = record(real, tmp_path / "recorded")
    assert not (recorded.folder / "weights.safetensors").exists()
    # Logits are kept in float16 where that changes no decision.
    for key, values in real.metrics.items():
        assert recorded.metrics[key]["accuracy"] == values["accuracy"]
    np.testing.assert_allclose(recorded.logits("PrivateTest")[0], real.logits("PrivateTest")[0], rtol=1e-3, atol=1e-3)
    shipped = record(real, tmp_path / "shipped", shipped=True)
    assert not shipped.load_model().training
    assert not (shipped.folder / "predictions.npz").exists()
    (tmp_path / "file").touch()
    with pytest.raises(FerstudyError, match="cannot record"):
        record(real, tmp_path / "file")
    with pytest.raises(FerstudyError, match="no weights at"):
        recorded.load_model()


def test_evaluating_on_other_classes_is_refused(run: Run, dots: FaceDataset) -> None:
    with pytest.raises(FerstudyError, match="tells .* apart"):
        evaluate(run, replace(dots, classes=("a", "b", "c", "d", "e", "f", "g")))


def test_models_name_the_runs_that_ship() -> None:
    from ferstudy.models import list_models, model_info

    named = {model_info(name).pretrained for name in list_models()} - {None}
    assert named == {run.name for run in list_pretrained()}


RECORDED = list_runs(ROOT / "reports" / "runs")


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: r.name)
def test_the_registered_recipe_is_the_one_that_was_run(recorded: Run) -> None:
    """Else the command beside a number would not give it."""
    assert get_recipe(recorded.recipe.name).but(seed=recorded.recipe.seed) == recorded.recipe


# Those of a paper's own recipes; the smaller twins of the studies stand in the papers' reports.
OF_PAPERS = {recipe.name for key in list_papers() for recipe in get_paper(key).recipes}


@pytest.mark.parametrize(
    "recorded",
    [r for r in RECORDED if r.recipe.protocol == "strict" and r.recipe.name in OF_PAPERS],
    ids=lambda r: r.name,
)
def test_the_readme_has_the_numbers_of_the_run(recorded: Run) -> None:
    (row,) = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith(f"| `{recorded.name}`")]
    parameters, *accuracies = [cell.strip() for cell in row.split("|")][2:6]
    recipe = recorded.recipe
    network = create_model(recipe.model, in_chans=recipe.preparation.channels, **recipe.model_options)
    assert parameters == f"{count_parameters(network):,}"
    targets = recorded.predictions["PrivateTest.targets"]
    for tta, said in zip(("single", "flip", "ten_crop"), accuracies, strict=True):
        right = recorded.predictions[f"PrivateTest.{tta}.logits"].argmax(1) == targets
        assert said.split(" [")[0] == f"{100 * right.mean():.2f} %"


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: r.name)
def test_recorded_metrics_recompute_from_their_predictions(recorded: Run) -> None:
    assert recorded.status["dataset"]["real"]
    for key, values in recorded.metrics.items():
        split = key.split(".")[0]
        again = metrics_of(recorded.predictions[f"{key}.logits"], recorded.predictions[f"{split}.targets"])
        assert again.to_dict() == values


@pytest.mark.parametrize("shipped", list_pretrained(), ids=lambda r: r.name)
def test_shipped_weights_give_the_recorded_predictions(shipped: Run, real_fer2013: FaceDataset) -> None:
    recorded = {r.name: r for r in RECORDED}[shipped.name]
    (fold,) = get_protocol(shipped.recipe.protocol).folds(real_fer2013)
    fresh = score(shipped.load_model(), shipped.recipe.but(tta=("single",)), real_fer2013, fold)
    for split in ("PublicTest", "PrivateTest"):
        np.testing.assert_allclose(
            fresh[f"{split}.single.logits"], recorded.predictions[f"{split}.single.logits"], rtol=1e-3, atol=1e-3
        )


@pytest.mark.parametrize("shipped", list_pretrained(), ids=lambda r: r.name)
def test_shipped_weights_load_without_any_data(shipped: Run) -> None:
    model = shipped.load_model()
    assert (shipped.folder / "weights.safetensors").stat().st_size < 5_000_000
    assert not model.training
