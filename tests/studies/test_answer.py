"""A study's answer recomputes from its runs, and nothing near chance is one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from ferstudy import recipes
from ferstudy.errors import FerstudyError
from ferstudy.recipes import Recipe
from ferstudy.runs import Run, load_run
from ferstudy.studies.answer import answer_of
from ferstudy.studies.study import Study

IMAGES, CLASSES = 1000, 4
TARGETS = np.arange(IMAGES) % CLASSES


def write(folder: Path, recipe: Recipe, wrong: range, real: bool = True, first_row: int = 0) -> Run:
    """A finished run that classifies all images rightly but those of a range."""
    predicted = TARGETS.copy()
    predicted[list(wrong)] = (predicted[list(wrong)] + 1) % CLASSES
    logits = np.eye(CLASSES, dtype=np.float32)[predicted]
    run = folder / recipe.run_name
    run.mkdir()
    (run / "recipe.yaml").write_text(recipes.to_yaml(recipe))
    pd.DataFrame({"fold": 1, "epoch": [1, 2], "select_accuracy": [0.5, 0.625]}).to_csv(run / "history.csv")
    arrays = {"PrivateTest.targets": TARGETS, "PrivateTest.rows": TARGETS * 0 + np.arange(IMAGES) + first_row}
    np.savez(run / "predictions.npz", **arrays, **{f"PrivateTest.{v}.logits": logits for v in ("single", "ten_crop")})
    status = {"classes": list("abcd"), "dataset": {"real": real}}
    (run / "status.json").write_text(json.dumps(status))
    return load_run(run)


def study(*labels: str, seeds: int = 1) -> Study:
    arms = {label: Recipe(f"lite_xception.fer2013.{label}", "lite_xception") for label in labels}
    pairs = tuple((labels[0], label) for label in labels[1:])
    return Study("lines", 1, ("T1",), "Which line is longer?", arms, seeds=seeds, compared=pairs)


def finished(folder: Path, asked: Study, *wrong: range, **more: object) -> dict[str, Run]:
    runs = [write(folder, r, w, **more) for r, w in zip(asked.arms.values(), wrong, strict=False)]  # type: ignore[arg-type]
    return {run.name: run for run in runs}


def test_two_arms(tmp_path: Path) -> None:
    """The first is wrong about images 0 to 299, the second about 200 to 599: 300 and 200 discordant images."""
    asked = study("A", "B")
    found = answer_of(asked, finished(tmp_path, asked, range(300), range(200, 600)))
    arm = found.arms.set_index("arm").loc["A"]
    assert arm["PrivateTest single view (%)"] == pytest.approx(70)
    assert arm["selection accuracy (%)"] == 62.5
    # Wilson's interval of 700 of 1000 by its closed form.
    z, p, n = 1.959964, 0.7, IMAGES
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert arm["PrivateTest ten-crop 95 % low (%)"] == pytest.approx(100 * (centre - half), abs=1e-3)
    assert arm["PrivateTest ten-crop 95 % high (%)"] == pytest.approx(100 * (centre + half), abs=1e-3)
    assert (arm["chance (%)"], arm["majority (%)"], arm["state"], arm["command"]) == (25, 25, "recorded", "")
    (pair,) = found.comparisons.to_dict("records")
    assert (pair["only first right (images)"], pair["only second right (images)"]) == (300, 200)
    assert pair["p"] == pair["p after Holm"] == pytest.approx(binomtest(300, 500).pvalue)
    assert found.sentence.startswith("A 70.0 % [67.1, 72.8], B 60.0 % [56.9, 63.0]: A is ahead of B by 10.0 points")
    assert found.sentence.endswith("(p < .001 after Holm) (single view)")
    assert found.hours == 0


def test_holm_and_what_is_not_told_apart(tmp_path: Path) -> None:
    """Three tests: the least probability times 3, the next times 2, as S. Holm's procedure has it."""
    asked = study("A", "B", "C", "D")
    found = answer_of(asked, finished(tmp_path, asked, range(300), range(30, 365), range(20, 350), range(10, 312)))
    p = found.comparisons["p"].to_numpy(float)
    order = np.argsort(p)
    expected = np.minimum(1, np.maximum.accumulate(p[order] * [3, 2, 1]))
    assert found.comparisons["p after Holm"].to_numpy(float)[order] == pytest.approx(expected)
    assert "A is ahead of B by 3.5 points" in found.sentence
    assert "A and D are not told apart (0.2 points, p = .8" in found.sentence


def test_many_comparisons_are_told_in_groups(tmp_path: Path) -> None:
    asked = study("A", "B", "C", "D", "E")
    wrong = (range(300), range(200, 600), range(100), range(1, 301), range(200, 700))
    found = answer_of(asked, finished(tmp_path, asked, *wrong))
    assert "C 90.0 % [88.0, 91.7] is the best of 5" in found.sentence
    assert "against A 70.0 % [67.1, 72.8], after Holm: ahead: C; behind: B, E; not told apart: D" in found.sentence


def test_the_seeds_stand_beside(tmp_path: Path) -> None:
    asked = study("A", "B", seeds=2)
    runs = finished(tmp_path, asked, range(300), range(200, 600))
    for label, wrong in (("A", range(450)), ("B", range(350))):
        run = write(tmp_path, asked.arm(label, 1).recipe, wrong)
        runs[run.name] = run
    found = answer_of(asked, runs)
    arm = found.arms.set_index("arm").loc["A"]
    heading = "PrivateTest single view {} over seeds (%)"
    assert [arm[heading.format(x)] for x in ("mean", "least", "most")] == pytest.approx([62.5, 55, 70])
    assert found.comparisons["spread over seeds, first (points)"].tolist() == pytest.approx([15])
    assert found.comparisons["spread over seeds, second (points)"].tolist() == pytest.approx([5])
    assert "though the seeds overlap" in found.sentence


def test_near_chance_is_no_answer(tmp_path: Path) -> None:
    """27.0 % of four equal classes has 25 % in its interval."""
    asked = study("A", "B")
    found = answer_of(asked, finished(tmp_path, asked, range(300), range(730)))
    assert found.arms["near chance"].tolist() == [False, True]
    assert found.comparisons["state"].tolist() == ["near chance: no answer"]
    assert found.comparisons[["p", "p after Holm"]].isna().all(axis=None)
    assert "27" not in found.sentence
    assert "no answer, for near chance: B" in found.sentence


def test_what_is_not_run_says_what_it_takes(tmp_path: Path) -> None:
    asked = study("A", "B", seeds=2)
    nothing = answer_of(asked, {})
    assert nothing.arms["state"].tolist() == ["not run"] * 2
    assert nothing.sentence.startswith("not run: all arms (ferstudy studies run lines, about ")
    assert nothing.hours == pytest.approx(nothing.arms["core-hours left"].sum(), abs=0.02)
    some = answer_of(asked, finished(tmp_path, asked, range(300)))
    assert some.arms["runs recorded"].tolist() == [1, 0]
    assert some.arms["command"].tolist() == ["ferstudy studies run lines"] * 2
    assert some.sentence.startswith("A 70.0 % [67.1, 72.8]; not run: B")


def test_synthetic_faces_get_no_probability(tmp_path: Path) -> None:
    asked = study("A", "B")
    found = answer_of(asked, finished(tmp_path, asked, range(300), range(200, 600), real=False))
    assert found.comparisons["p"].isna().all()
    assert "on synthetic faces" in found.sentence
    assert " p " not in found.sentence


def test_other_images_are_not_compared(tmp_path: Path) -> None:
    asked = study("A", "B")
    a, b = asked.arms.values()
    runs = {r.name: r for r in (write(tmp_path, a, range(300)), write(tmp_path, b, range(300), first_row=1))}
    with pytest.raises(FerstudyError, match="different images"):
        answer_of(asked, runs)
