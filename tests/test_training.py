"""Training: it learns, its seed decides everything, and nothing that interrupts it changes the result."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from ferstudy import training
from ferstudy.data import FaceDataset
from ferstudy.data.augmentation import Augmentation
from ferstudy.data.preparation import Preparation
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.inference import predict_logits
from ferstudy.losses import Loss
from ferstudy.models.embedding import Embedding
from ferstudy.models.weights import build_network
from ferstudy.recipes import SCHEDULES, Optimizer, Recipe, Schedule
from ferstudy.runs import list_runs, load_run
from ferstudy.training import EpochStats, OutOfTime, batches, train
from tests.conftest import ROOT


def test_it_learns_and_leaves_a_whole_run(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    seen = []
    run = train(tiny.but(epochs=25), data=dots, out=tmp_path, on_epoch=lambda row, recipe: seen.append(row.epoch))
    assert seen == list(range(1, 26))
    assert run.metrics["PrivateTest.single"]["accuracy"] > 0.9
    assert sorted(p.name for p in run.folder.iterdir()) == [
        "history.csv", "metrics.json", "predictions.npz", "recipe.yaml", "status.json", "weights.safetensors",
    ]  # fmt: skip
    assert [p.name for p in tmp_path.iterdir()] == [run.name]
    assert set(run.predictions) == {
        f"{split}.{what}" for split in ("PublicTest", "PrivateTest")
        for what in ("single.logits", "flip.logits", "targets", "rows")
    }  # fmt: skip
    np.testing.assert_array_equal(run.predictions["PrivateTest.rows"], np.flatnonzero(dots.usage == 2))


def test_accuracy_recomputes_with_numpy_alone(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    run = train(tiny, data=dots, out=tmp_path)
    arrays = np.load(run.folder / "predictions.npz")
    accuracy = (arrays["PublicTest.single.logits"].argmax(1) == arrays["PublicTest.targets"]).mean()
    assert run.metrics["PublicTest.single"]["accuracy"] == pytest.approx(accuracy, abs=1e-6)
    selected = run.history.set_index("epoch").loc[run.status["selected_epoch"], "select_accuracy"]
    assert selected == pytest.approx(accuracy) == run.history["select_accuracy"].max()


@pytest.mark.parametrize("ema", [0, 0.9])
def test_what_selected_and_what_scored_is_what_the_file_holds(
    ema: float, dots: FaceDataset, tiny: Recipe, tmp_path: Path
) -> None:
    run = train(tiny.but(ema=ema), data=dots, out=tmp_path)
    held = load_file(run.folder / "weights.safetensors")
    assert {value.dtype for value in held.values() if value.ndim > 1} == {torch.float16}
    for split, usage in (("PublicTest", 1), ("PrivateTest", 2)):
        images = dots.images[dots.usage == usage]
        logits = predict_logits(run.load_model(), images, run.recipe.preparation)
        np.testing.assert_allclose(logits, run.predictions[f"{split}.single.logits"], rtol=1e-4, atol=1e-5)
    chosen = run.history.set_index("epoch").loc[run.status["selected_epoch"], "select_accuracy"]
    assert chosen == pytest.approx(run.metrics["PublicTest.single"]["accuracy"], abs=1e-6)


def test_the_seed_decides_everything(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    first, second = (train(tiny, data=dots, out=tmp_path / name) for name in "ab")
    other = train(tiny.but(seed=1), data=dots, out=tmp_path / "a")
    pd.testing.assert_frame_equal(first.history, second.history, check_exact=True)
    assert not first.history.equals(other.history)
    weights = [load_file(run.folder / "weights.safetensors") for run in (first, second)]
    assert all(torch.equal(weights[0][k], weights[1][k]) for k in weights[0])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_stopping_between_epochs_changes_nothing(
    schedule: str, dots: FaceDataset, tiny: Recipe, tmp_path: Path
) -> None:
    recipe = tiny.but(schedule=Schedule(schedule, patience=1, factor=0.5), model_options={"dropout": 0.2})
    whole = train(recipe, data=dots, out=tmp_path / "whole")

    def stop(row: object, _: object) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            train(recipe, data=dots, out=tmp_path / "parts", on_epoch=stop)
        assert list_runs(tmp_path / "parts") == []
    parts = train(recipe, data=dots, out=tmp_path / "parts")
    pd.testing.assert_frame_equal(parts.history, whole.history, check_exact=True)
    for key, array in whole.predictions.items():
        np.testing.assert_array_equal(parts.predictions[key], array)


KILLED = """
import sys, torch
from pathlib import Path
sys.path.insert(0, {root!r})
torch.set_num_threads(1)
from tests.conftest import make_dots
from ferstudy.recipes import Optimizer, Recipe
from ferstudy.training import train
recipe = Recipe(name="lite_xception.dots.killed", model="lite_xception", optimizer=Optimizer("adamw", lr=5e-3),
                epochs=6, batch_size=28, ema=0.9, tta=("single",))
train(recipe, data=make_dots(60), out=Path(sys.argv[1]), on_epoch=lambda row, _: print(row.epoch, flush=True))
"""


def test_kill_9_in_mid_epoch_changes_nothing(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(KILLED.format(root=str(ROOT)))
    command = [sys.executable, str(script)]
    subprocess.run([*command, str(tmp_path / "whole")], check=True, capture_output=True)
    process = subprocess.Popen([*command, str(tmp_path / "parts")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while process.stdout.readline().strip() != "2":
        assert process.poll() is None
    time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list_runs(tmp_path / "parts") == []
    rest = subprocess.run([*command, str(tmp_path / "parts")], check=True, capture_output=True, text=True)
    assert "1\n" not in rest.stdout
    whole, parts = (load_run(tmp_path / name / "lite_xception.dots.killed.s0") for name in ("whole", "parts"))
    assert (whole.folder / "history.csv").read_bytes() == (parts.folder / "history.csv").read_bytes()
    for key, array in whole.predictions.items():
        np.testing.assert_array_equal(parts.predictions[key], array)


def test_a_finished_run_is_not_trained_again(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    train(tiny, data=dots, out=tmp_path)
    train(tiny, data=dots, out=tmp_path, on_epoch=lambda *_: pytest.fail("trained again"))
    with pytest.raises(FerstudyError, match="made with another recipe"):
        train(tiny.but(label_smoothing=0.1), data=dots, out=tmp_path)
    changed = train(tiny.but(label_smoothing=0.1), data=dots, out=tmp_path, restart=True)
    assert changed.recipe.label_smoothing == 0.1


def test_an_infinite_loss_stops_and_keeps_the_last_good_epoch(
    dots: FaceDataset, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ferstudy import training

    real, calls = training.train_one_epoch, []

    def breaks_in_epoch_3(*args: object, **kwargs: object) -> tuple[float, float]:
        calls.append(1)
        return (float("nan"), 0.0) if len(calls) == 3 else real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "train_one_epoch", breaks_in_epoch_3)
    with pytest.raises(FerstudyError, match=r"loss became nan in epoch 3 .* epoch 2 is kept"):
        train(tiny, data=dots, out=tmp_path)
    assert list_runs(tmp_path) == []
    rest = []
    train(tiny, data=dots, out=tmp_path, on_epoch=lambda row, _: rest.append(row.epoch))
    assert rest == [3]


def test_a_rate_beyond_reason_ends_in_that_error(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    wild = tiny.but(optimizer=Optimizer("sgd", lr=1e30), schedule=Schedule("constant"), ema=0.0)
    with pytest.raises(FerstudyError, match="lower the rate"):
        train(wild, data=dots, out=tmp_path)


def test_early_stopping(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    still = tiny.but(
        optimizer=Optimizer("sgd", lr=1e-12), schedule=Schedule("constant"), epochs=9, patience=2, ema=0.999
    )
    run = train(still, data=dots, out=tmp_path)
    assert len(run.history) < 9
    assert len(run.history) == run.status["selected_epoch"] + 2


def test_batches_are_whole_shuffled_and_of_one_size(dots: FaceDataset, tiny: Recipe) -> None:
    images, labels = torch.from_numpy(dots.images), torch.from_numpy(dots.labels)
    recipe = tiny.but(batch_size=50)
    first, again, later = (
        torch.cat([y for _, y in batches(images, labels, recipe, epoch, torch.device("cpu"))]) for epoch in (1, 1, 2)
    )
    assert len(first) == len(labels) // 50 * 50
    assert torch.equal(first, again)
    assert not torch.equal(first, later)


def test_bfloat16_class_weights_clipping_and_smoothing_train(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    recipe = tiny.but(precision="bfloat16", class_weights=True, clip_norm=1.0, label_smoothing=0.1, epochs=25)
    assert train(recipe, data=dots, out=tmp_path).metrics["PrivateTest.single"]["accuracy"] > 0.8


def test_a_protocol_that_the_data_cannot_serve_is_refused(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="needs PrivateTest"):
        train(tiny, data=dots.select(dots.usage != 2), out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_selection_images_the_last_epoch_is_kept(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    run = train(tiny.but(protocol="train_val", patience=1), data=dots, out=tmp_path)
    assert run.status["selected_epoch"] == len(run.history) == tiny.epochs
    assert run.history[["select_loss", "select_accuracy"]].isna().to_numpy().all()
    assert set(run.metrics) == {"PrivateTest.single", "PrivateTest.flip"}


def test_a_protocol_chooses_the_images_and_the_classes(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    # 84 films of three frames, each film of one class, from 12 people.
    films = np.arange(len(dots)) // 3
    order = np.argsort(dots.labels, kind="stable")
    data = replace(dots.select(order), sequences=films, frames=np.arange(len(dots)) % 3 + 1, subjects=films % 12)
    run = train(tiny.but(protocol="ck_plus_6_last_subject"), data=data, out=tmp_path)
    assert tuple(run.status["classes"]) == ("angry", "disgust", "fear", "happy", "sad", "surprise")
    scored = np.isin(data.rows, run.predictions["Test.rows"])
    assert (data.frames[scored] == 3).all()
    assert len(set(data.subjects[scored])) == 12
    assert run.predictions["Test.single.logits"].shape == (scored.sum(), 6)


def test_ten_crops_of_an_image_bear_its_label(dots: FaceDataset, tiny: Recipe) -> None:
    images, labels = torch.from_numpy(dots.images), torch.from_numpy(dots.labels)
    one, ten = (
        next(batches(images, labels, tiny.but(augmentation=Augmentation(crop=40, crops=crops)), 1, torch.device("cpu")))
        for crops in ("anywhere", "all_ten")
    )
    assert ten[0].shape == (280, 1, 40, 40)
    assert torch.equal(ten[1].view(28, 10), one[1][:, None].expand(28, 10))


def people(dots: FaceDataset) -> FaceDataset:
    """The bars as 12 people with one still image a class and split."""
    return replace(dots, subjects=np.arange(len(dots)) // 21)


def test_folds_are_trained_one_after_the_other_and_pooled(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    data = people(dots)
    run = train(tiny.but(protocol="random5_subject", epochs=2), data=data, out=tmp_path)
    assert run.status["folds"] == 5
    assert len(run.status["selected_epoch"]) == 5
    assert run.history[["fold", "epoch"]].to_numpy().tolist() == [[f, e] for f in range(1, 6) for e in (1, 2)]
    rows, folds = run.predictions["Test.rows"], run.predictions["Test.folds"]
    assert sorted(rows) == list(range(len(data)))
    for person in range(12):
        assert len(set(folds[data.subjects[rows] == person])) == 1  # type: ignore[index]


def test_folds_continue_where_they_were_stopped(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    data, recipe = people(dots), tiny.but(protocol="random5_subject", epochs=2)
    whole = train(recipe, data=data, out=tmp_path / "whole")

    def stop_in_the_third_fold(row: EpochStats, recipe: Recipe) -> None:
        if row.fold == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, data=data, out=tmp_path / "parts", on_epoch=stop_in_the_third_fold)
    seen = []
    parts = train(recipe, data=data, out=tmp_path / "parts", on_epoch=lambda row, _: seen.append((row.fold, row.epoch)))
    assert seen == [(3, 2), (4, 1), (4, 2), (5, 1), (5, 2)]
    assert parts.history.equals(whole.history)
    assert all(np.array_equal(parts.predictions[k], whole.predictions[k]) for k in whole.predictions)


def test_a_deadline_leaves_a_run_that_continues(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    whole = train(tiny, data=dots, out=tmp_path / "whole")
    with pytest.raises(OutOfTime):
        train(tiny, data=dots, out=tmp_path / "parts", deadline=0)
    deadlines = iter([math.inf, 0.0, math.inf])
    seen: list[int] = []
    while len(seen) < tiny.epochs:
        with contextlib.suppress(OutOfTime):
            train(
                tiny,
                data=dots,
                out=tmp_path / "parts",
                on_epoch=lambda row, _: seen.append(row.epoch),
                deadline=next(deadlines),
            )
    assert train(tiny, data=dots, out=tmp_path / "parts").history.equals(whole.history)


def test_soft_targets_mixing_sam_and_centres_train(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    sure = np.eye(7, dtype=np.float32)[dots.labels]
    soft = sure * 0.9 + 0.1 / 7
    cases = {
        "soft": (replace(dots, targets=soft), tiny),
        "sampled": (replace(dots, targets=soft), tiny.but(loss=Loss("sampled"))),
        "several": (
            replace(dots, targets=sure),
            tiny.but(loss=Loss("multi_target")),
        ),
        "mixup": (dots, tiny.but(mix="mixup")),
        "cutmix": (dots, tiny.but(mix="cutmix", mix_alpha=1.0)),
        "sam": (dots, tiny.but(optimizer=Optimizer("adamw", lr=5e-3, sam=0.05))),
        "centre": (dots, tiny.but(loss=Loss(centre=0.01, centre_rate=0.5))),
    }
    for name, (data, recipe) in cases.items():
        run = train(recipe.but(epochs=30), data=data, out=tmp_path / name)
        assert run.metrics["PrivateTest.single"]["accuracy"] > 0.8, name


@pytest.mark.parametrize("faster", ["float32", "bfloat16"])
def test_auto_precision_takes_the_faster_and_keeps_it(
    faster: str, dots: FaceDataset, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock decides once; a run that continues keeps what it began with, and gives what a plain one gives."""
    asked = []

    def choose(self: object) -> str:
        asked.append(1)
        return faster

    monkeypatch.setattr(training._Trainer, "faster_precision", choose)
    recipe = tiny.but(epochs=3, precision="auto")
    with pytest.raises(KeyboardInterrupt):
        train(recipe, data=dots, out=tmp_path / "auto", on_epoch=interrupt)
    run = train(recipe, data=dots, out=tmp_path / "auto")
    assert len(asked) == 1
    assert run.status["precision"] == faster
    named = train(recipe.but(precision=faster), data=dots, out=tmp_path / "named")
    assert named.status["precision"] == faster
    for key, values in named.predictions.items():
        np.testing.assert_array_equal(values, run.predictions[key])


def interrupt(row: EpochStats, recipe: Recipe) -> None:
    raise KeyboardInterrupt


def test_timing_moves_nothing_of_the_run(dots: FaceDataset, tiny: Recipe) -> None:
    (fold,) = get_protocol(tiny.protocol).folds(dots)
    trainer = training._Trainer(tiny, dots, fold, build_network(tiny, 7), torch.device("cpu"))
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    assert trainer.faster_precision() in ("float32", "bfloat16")
    for name, value in trainer.model.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    assert not trainer.optimizer.state


def test_ten_crops_can_choose_the_epoch(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    """The history's accuracy is that of the views that select: the kept epoch's is the recorded one of PublicTest."""
    run = train(tiny.but(select_tta="ten_crop", tta=("single", "ten_crop")), data=dots, out=tmp_path)
    best = run.history["select_accuracy"].max()
    assert best == pytest.approx(run.metrics["PublicTest.ten_crop"]["accuracy"], abs=1e-6)
    assert run.history["select_accuracy"].iloc[run.status["selected_epoch"] - 1] == best


def test_centre_loss_draws_features_together(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    """Spread within the classes over spread in all, of the features that enter the last layer."""

    def spread(weight: float) -> float:
        loss = Loss(centre=weight, centre_rate=0.5, centre_form="cited")
        model = train(tiny.but(epochs=25, loss=loss), data=dots, out=tmp_path / str(weight)).load_model()
        with Embedding(model) as embedding, torch.no_grad():
            predict_logits(model, dots.images, tiny.preparation, batch_size=len(dots))
            assert embedding.value is not None
            features = embedding.value.clone()
        labels = torch.from_numpy(dots.labels)
        within = sum((features[labels == k] - features[labels == k].mean(0)).square().sum() for k in range(7))
        return float(within / (features - features.mean(0)).square().sum())

    assert spread(0.1) < 0.8 * spread(0.0)


def test_a_second_stage_starts_from_a_run_and_keeps_what_is_frozen(
    dots: FaceDataset, tiny: Recipe, tmp_path: Path
) -> None:
    first = train(tiny, data=dots, out=tmp_path)
    second = train(
        tiny.but(name="a.dots.second", init=first.name, freeze=("stem", "blocks.0"), reinitialise=("fc",), ema=0.0),
        data=dots,
        out=tmp_path,
    )
    before, after = first.load_model().state_dict(), second.load_model().state_dict()
    frozen = [k for k in before if k.startswith(("stem", "blocks.0")) and "num_batches" not in k]
    assert frozen
    # Running statistics of frozen layers stay too.
    assert all(torch.equal(before[k], after[k]) for k in frozen)
    assert not torch.equal(before["blocks.3.body.3.0.weight"], after["blocks.3.body.3.0.weight"])
    assert second.history["train_loss"].iloc[0] < first.history["train_loss"].iloc[0]


def test_identities_are_learnt_with_arcface_and_passed_on(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    """Each "person" is one of the patterns, so that identities can be told."""
    data = replace(dots, subjects=dots.labels)
    recipe = tiny.but(name="a.dots.arcface", task="identity", loss=Loss("arcface", scale=8.0, margin=0.2), epochs=20)
    first = train(recipe, data=data, out=tmp_path)
    assert first.status["classes"][0] == "person 0"
    assert first.metrics["PrivateTest.single"]["accuracy"] > 0.8
    second = train(tiny.but(name="a.dots.after", init=first.name), data=dots, out=tmp_path)
    assert second.history["train_loss"].iloc[0] < train(tiny, data=dots, out=tmp_path).history["train_loss"].iloc[0]


def test_the_first_folds_alone_score_as_they_do_among_all(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    recipe = tiny.but(protocol="random5", epochs=1)
    few = dots.select(np.arange(0, len(dots), 8))
    whole = train(recipe, data=few, out=tmp_path / "all")
    two = train(recipe.but(folds=2), data=few, out=tmp_path / "two")
    assert (whole.status["folds"], two.status["folds"]) == (5, 2)
    first = whole.predictions["Test.folds"] <= 2
    np.testing.assert_array_equal(two.predictions["Test.rows"], whole.predictions["Test.rows"][first])
    np.testing.assert_array_equal(two.predictions["Test.single.logits"], whole.predictions["Test.single.logits"][first])


def test_an_ensemble_starts_from_its_members_runs(dots: FaceDataset, tiny: Recipe, tmp_path: Path) -> None:
    """Frozen members keep the weights that they were trained to apart; only what joins them learns."""
    names = ("squeezenet_se", "squeezenet_complex_se", "inception_resnet_v1")
    few = dots.select(np.arange(0, len(dots), len(dots) // 24))
    small = tiny.but(epochs=1, batch_size=8, ema=0.0, preparation=Preparation(76, 3), tta=("single",))
    runs = [train(small.but(name=f"{name}.dots.a", model=name), data=few, out=tmp_path) for name in names]
    fusion = small.but(name="attention_fusion.dots.a", model="attention_fusion", freeze=("members",))
    joined = train(fusion.but(init=" + ".join(run.name for run in runs)), data=few, out=tmp_path).load_model()
    state = joined.state_dict()
    for run, name in zip(runs, names, strict=True):
        for key, value in run.load_model().state_dict().items():
            assert torch.equal(state[f"members.{name}.{key}"], value), (name, key)
    with pytest.raises(FerstudyError, match="unknown member of SqueezeNetSE"):
        train(small.but(name="a.dots.b", model="squeezenet_se", init=f"{runs[0].name} + {runs[1].name}"), data=few,
              out=tmp_path)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"init": "nowhere.s0"}, "unknown run"),
        ({"init": "imagenet"}, "no ImageNet weights"),
        ({"freeze": ("stam",)}, "'stam' matches no weight"),
    ],
)
def test_impossible_starts_are_explained(
    change: dict[str, object], message: str, dots: FaceDataset, tiny: Recipe, tmp_path: Path
) -> None:
    with pytest.raises(FerstudyError, match=message):
        train(tiny.but(**change), data=dots, out=tmp_path)
    assert not list(tmp_path.iterdir())
