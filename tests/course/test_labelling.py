"""Answers of a class: kept, read again, and pooled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ferstudy.course.labelling import SILENT, Answers, game_faces, pool, read_answers, simulated, vote_shares
from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic import make
from ferstudy.errors import FerstudyError
from tests.conftest import ROOT

ANN = Answers("Ann", "set", (0, 1, 2, 3), (1.0, 1.0, 1.0, 1.0))
BEN = Answers("Ben", "set", (0, 1, 2, SILENT), (1.0, 1.0, 1.0, 0.0))
CAT = Answers("Cat", "set", (0, 1, 3, 3), (1.0, 1.0, 1.0, 1.0))


def test_answers_are_read_as_they_were_written(tmp_path: Path) -> None:
    for one in (BEN, ANN, Answers("../x y", "other", (1,), (0.5,))):
        one.write(tmp_path / "class")
    assert read_answers(tmp_path / "class", "set") == [ANN, BEN]
    assert {path.name for path in (tmp_path / "class").iterdir()} == {
        "Ann.answers.json", "Ben.answers.json", "_x_y.answers.json",
    }  # fmt: skip
    assert read_answers(tmp_path / "nowhere") == []


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "eve.answers.json").write_text('{"name": "eve"}')
    with pytest.raises(FerstudyError, match="eve.answers.json: not a results file"):
        read_answers(tmp_path)


def test_agreement_by_hand() -> None:
    pooled = pool([ANN, BEN, CAT], [0, 1, 2, 0])
    assert pooled.with_labels() == {"Ann": 0.75, "Ben": 0.75, "Cat": 0.5}
    # Pairs that agree, of those with two answers: 3 of 3, 3 of 3, 1 of 3, 1 of 1.
    assert pooled.with_each_other() == pytest.approx(8 / 10)
    assert pooled.majority().tolist() == [0, 1, 2, 3]
    assert pooled.votes.sum() == 11
    # A name that comes twice is told apart, and nobody is lost.
    assert list(pool([ANN, BEN, ANN], [0, 1, 2, 0]).with_labels()) == ["Ann", "Ben", "Ann (2)"]


def test_what_cannot_be_pooled() -> None:
    with pytest.raises(FerstudyError, match="nobody's answers"):
        pool([], [0])
    with pytest.raises(FerstudyError, match="answers of Dan are to other faces"):
        pool([ANN, Answers("Dan", "other", (0, 1, 2, 3), (0.0,) * 4)], [0, 1, 2, 0])


def test_simulated_players_answer_as_the_voters_did() -> None:
    from ferstudy.audit import read_audit

    audit = read_audit("fer2013", ROOT / "reports" / "audits")
    assert audit is not None
    shares = vote_shares(audit)
    assert shares.sum(1) == pytest.approx(np.ones(7))
    fear = CLASSES.index("fear")
    votes = audit["votes"]["by label"]["fear"]
    assert shares[fear, fear] / shares[fear, 6] == pytest.approx(votes["fear"] / votes["neutral"])
    labels = np.repeat(np.arange(7), 400)
    many = simulated(labels, shares, people=20)
    found = np.stack([many.votes[labels == k].mean(0) / 20 for k in range(7)])
    assert np.abs(found - shares).max() < 0.03
    assert np.array_equal(many.answers, simulated(labels, shares, people=20).answers)


def test_a_game_has_faces_of_all_classes() -> None:
    faces = make(train=210, public=0, private=0)
    images, labels = game_faces(faces.images, faces.labels, 20, seed=1)
    assert images.shape == (20, 48, 48)
    assert sorted(np.bincount(labels, minlength=7)) == [2, 3, 3, 3, 3, 3, 3]
    again, _ = game_faces(faces.images, faces.labels, 20, seed=1)
    other, _ = game_faces(faces.images, faces.labels, 20, seed=2)
    assert np.array_equal(images, again)
    assert not np.array_equal(images, other)
