"""A whole audit: complete, small, the same when read again, and true of the recorded runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ferstudy import audit
from ferstudy.data import FaceDataset
from ferstudy.data.fer2013 import CLASSES, OFFICIAL
from ferstudy.data.synthetic import make
from ferstudy.errors import FerstudyError
from ferstudy.evaluation import metrics_of
from ferstudy.runs import list_runs
from tests.conftest import ROOT, make_dots

RECORDED = ROOT / "reports" / "audits"


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    return audit.audit(audit.plant_copies(make(300, 60, 60), 12, 6, 2).data)


def test_an_audit_is_json_and_counts_every_image(found: dict[str, object]) -> None:
    assert json.loads(json.dumps(found)) == found
    assert sum(sum(counts.values()) for counts in found["counts"].values()) == found["images"] == 420  # type: ignore[attr-defined]
    assert sum(found["constant"].values()) == 2  # type: ignore[attr-defined]
    assert found["identical"]["groups"] == 12  # type: ignore[index]
    assert found["near-identical"]["groups"] >= 18  # type: ignore[index]
    assert found["votes"] is None
    table = audit.class_table(found)
    assert table["images"].tolist() == [300, 60, 60]


def test_sentences_name_what_is_wrong_and_nothing_else(found: dict[str, object]) -> None:
    told = " ".join(audit.sentences(found))
    assert "2 constant images show nothing" in told
    assert "24 images are identical to others, 12 different ones among them" in told
    assert "are pixel for pixel in Training" in told
    assert audit.sentences(audit.audit(make_dots())) == []


def test_people_and_empty_classes_are_told() -> None:
    data = make(60, 20, 20)
    assert audit.audit(data)["shared"] == {"subjects": 0, "sequences": None}
    mixed = FaceDataset(**{**vars(data), "subjects": np.arange(100) % 5, "labels": np.zeros(100, np.int64)})
    told = audit.sentences(audit.audit(mixed))
    assert "5 people are in more than one split" in told
    assert "PrivateTest has no image of fear" in told


def test_one_split_alone_has_no_copies_elsewhere() -> None:
    found = audit.audit(make_dots().split("Training"))
    assert found["identical"]["scored split"] == "Training"
    assert found["identical"]["leaks"] == []


def test_recorded_and_read_again(found: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="only those of real data are recorded"):
        audit.write_audit(found, tmp_path)
    assert list(tmp_path.iterdir()) == []
    path = audit.write_audit({**found, "real": True}, tmp_path / "new")
    again = audit.read_audit("synthetic", tmp_path / "new")
    assert again is not None
    assert {**found, "real": True}.items() <= again.items()
    assert [p.name for p in path.parent.iterdir()] == ["synthetic.json"]
    assert audit.read_audit("jaffe", tmp_path) is None
    path.write_text("{")
    with pytest.raises(FerstudyError, match="record it again"):
        audit.read_audit("synthetic", tmp_path / "new")


def test_scores_on_chosen_rows() -> None:
    logits = np.eye(7)[np.array([0, 1, 2, 3])]
    arrays = {
        "PrivateTest.single.logits": logits,
        "PrivateTest.targets": np.array([0, 1, 0, 0]),
        "PrivateTest.rows": np.array([10, 11, 12, 13]),
    }
    assert audit.score_rows(arrays, "PrivateTest", np.array([11, 10, 12])).accuracy == pytest.approx(2 / 3)
    with pytest.raises(FerstudyError, match="row 9 is not in the predictions of PrivateTest"):
        audit.score_rows(arrays, "PrivateTest", np.array([9, 10]))
    with pytest.raises(FerstudyError, match="unknown predictions"):
        audit.score_rows(arrays, "PublicTest", np.array([10]))
    copies = {"scored split": "PrivateTest", "left out": [12, 13], "same label": [12], "other label": []}
    found = {"identical": copies, "near-identical": {**copies, "left out": [11, 12, 13]}}
    table = audit.score_table(found, {"net": arrays, "never scored": {}})
    assert table["images"].tolist() == [4, 2, 1, 1]
    assert table["accuracy"].tolist() == [50, 100, 100, 0]


def test_the_recorded_audit_of_fer2013_fits_the_official_counts_and_the_runs() -> None:
    found = audit.read_audit("fer2013", RECORDED)
    assert found is not None
    assert [list(counts.values()) for counts in found["counts"].values()] == OFFICIAL[:3].tolist()
    runs = [run for run in list_runs(ROOT / "reports" / "runs") if run.recipe.dataset == "fer2013"]
    runs = [run for run in runs if "PrivateTest.rows" in run.predictions]  # the ablation never looked at PrivateTest
    assert runs
    for run in runs:
        assert run.status["dataset"]["fingerprint"] == found["fingerprint"]
        rows, left_out = run.predictions["PrivateTest.rows"], found["identical"]["left out"]
        kept = np.array([row not in set(left_out) for row in rows.tolist()])
        alone = metrics_of(*(a[kept] for a in run.logits("PrivateTest")))
        table = audit.score_table(found, {run.name: run.predictions}).set_index("set")
        assert table.loc["without identical copies", "accuracy"] == pytest.approx(100 * alone.accuracy, abs=0.005)
        assert table.loc["PrivateTest", "images"] == 3_589


def test_the_recorded_audit_is_what_the_data_says(real_fer2013: FaceDataset) -> None:
    votes = audit.find_votes("fer2013")
    if votes is None:
        pytest.skip("fer2013new.csv was not found beside FER2013")
    recorded = audit.read_audit("fer2013", RECORDED)
    assert recorded is not None
    ours = audit.audit(real_fer2013, votes)
    assert ours["near-identical"]["images"] >= ours["identical"]["images"]
    # Sums of floating-point products depend on the processor in the last digits; a pair at the limit may differ.
    close = ("similar pairs", "near-identical", "votes", "ceilings", "layout")
    assert {k: v for k, v in ours.items() if k not in close} == {
        k: v for k, v in recorded.items() if k not in (*close, "date", "code")
    }
    assert ours["similar pairs"] == pytest.approx(recorded["similar pairs"], abs=3)
    assert ours["votes"]["by label"]["fear"] == pytest.approx(recorded["votes"]["by label"]["fear"])
    assert set(ours["votes"]["entropy histogram"]) == set(CLASSES)
