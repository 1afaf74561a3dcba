"""Stand-ins at their datasets' sizes: written once, read by the loaders, told from the real thing."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ferstudy.data import ck_plus, load_dataset
from ferstudy.data.layouts import write_ck_plus
from ferstudy.data.stand_in import stand_in_folder
from ferstudy.errors import FerstudyError
from ferstudy.recipes import Recipe, from_yaml, to_yaml
from ferstudy.training import train

TINY = {"jaffe": {"people": 5, "poses": 1, "scale": 0.125}}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FERSTUDY_DATA", str(tmp_path / "nothing"))
    return tmp_path / "cache"


def test_it_is_written_once_and_marked(cache: Path) -> None:
    folder = stand_in_folder("jaffe", TINY["jaffe"])
    pictures = sorted(folder.glob("*.tiff"))
    assert len(pictures) == 5 * 7
    os.utime(pictures[0], (0, 0))
    assert stand_in_folder("jaffe", TINY["jaffe"]) == folder
    assert pictures[0].stat().st_mtime == 0
    assert stand_in_folder("jaffe", {**TINY["jaffe"], "seed": 1}) != folder
    assert not list(cache.glob(".writing-*"))


def test_a_dataset_is_loaded_from_it() -> None:
    faces = load_dataset("jaffe", stand_in=TINY)
    assert not faces.real
    assert len(faces) == 35
    with pytest.raises(FerstudyError, match="unknown stand-in 'ck_plus'"):
        load_dataset("ck_plus", stand_in=TINY)
    with pytest.raises(FerstudyError, match="unexpected keyword argument 'person'"):
        load_dataset("jaffe", stand_in={"jaffe": {"person": 3}})
    with pytest.raises(FerstudyError, match="unknown layout"):
        load_dataset("synthetic", stand_in={"synthetic": {}})


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path / "file"))
    with pytest.raises(FerstudyError, match="set FERSTUDY_CACHE"):
        load_dataset("jaffe", stand_in=TINY)


def test_a_recipe_that_says_so_trains_without_the_data(tmp_path: Path) -> None:
    recipe = Recipe(
        name="lite_xception.jaffe.stand_in",
        model="lite_xception",
        dataset="jaffe",
        dataset_options={"stand_in": TINY},
        protocol="random5_subject",
        folds=1,
        epochs=1,
        batch_size=7,
        tta=("single",),
    )
    assert recipe.stand_in
    assert from_yaml(to_yaml(recipe)) == recipe
    run = train(recipe, out=tmp_path / "runs")
    assert run.status["dataset"]["real"] is False


def test_ck_plus_has_its_owners_films(tmp_path: Path) -> None:
    """118 people and 327 labelled films: 45 angry, 18 contempt, 59 disgust, 25 fear, 69 happy, 28 sad, 83 surprise."""
    folder = write_ck_plus(tmp_path / "ck", people=118, emotions=0, frames=2, scale=0.08)
    codes = Counter(int(float(path.read_text())) for path in folder.glob("Emotion/*/*/*.txt"))
    assert [codes[code] for code in sorted(codes)] == [45, 18, 59, 25, 69, 28, 83]
    people = Counter(path.parent.parent.name for path in folder.glob("Emotion/*/*/*.txt"))
    assert len(people) == 118
    assert set(people.values()) <= {2, 3}
    faces = load_dataset("ck_plus", root=folder, frames="last", faces={"detector": "none"})
    counts = dict(zip(faces.classes, faces.counts().sum(0).tolist(), strict=True))
    assert counts.pop("neutral") == 327
    assert counts == {name: n for name, n in zip(ck_plus.CLASSES, ck_plus.OFFICIAL, strict=True) if name != "neutral"}
    with pytest.raises(FerstudyError, match="at least 83 people"):
        write_ck_plus(tmp_path / "few", people=20, emotions=0)


def test_a_harder_dataset_looks_otherwise(tmp_path: Path) -> None:
    easy, hard = (
        load_dataset("jaffe", stand_in={"jaffe": {**TINY["jaffe"], "difficulty": difficulty}})
        for difficulty in (0.0, 1.5)
    )
    assert np.array_equal(easy.labels, hard.labels)
    assert easy.fingerprint != hard.fingerprint
