"""FER+: what each mode makes of votes, by hand and by a plain reading of the rules, and the real counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ferstudy.data import FaceDataset, find_root, load_dataset
from ferstudy.data.ferplus import COLUMNS, MODES, read_votes, targets
from ferstudy.data.layouts import write_ferplus
from ferstudy.errors import FerstudyError

# Votes in the order of COLUMNS, and the targets by mode: majority, distribution, several; None where dropped.
CASES: dict[str, tuple[list[int], dict[int, float] | None, dict[int, float] | None, dict[int, float] | None]] = {
    "all agree": ([10, 0, 0, 0, 0, 0, 0, 0, 0, 0], {0: 1}, {0: 1}, {0: 1}),
    "single votes do not count": ([6, 1, 1, 1, 1, 0, 0, 0, 0, 0], {0: 1}, {0: 1}, {0: 1}),
    "half is no majority": ([5, 5, 0, 0, 0, 0, 0, 0, 0, 0], None, {0: 0.5, 1: 0.5}, {0: 1, 1: 1}),
    "six and four": ([6, 0, 0, 4, 0, 0, 0, 0, 0, 0], {0: 1}, {0: 0.6, 3: 0.4}, {0: 1, 3: 1}),
    "eight are 75 %": ([8, 0, 2, 0, 0, 0, 0, 0, 0, 0], {0: 1}, {0: 1}, {0: 1}),
    "three lead": ([0, 0, 4, 0, 0, 3, 3, 0, 0, 0], None, {2: 0.4, 5: 0.3, 6: 0.3}, {2: 1, 5: 1, 6: 1}),
    "four are too many": ([3, 3, 2, 2, 0, 0, 0, 0, 0, 0], None, None, {0: 1, 1: 1}),
    "five pairs": ([2, 2, 2, 2, 2, 0, 0, 0, 0, 0], None, None, None),
    "all single": ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], None, None, None),
    "no face": ([0, 0, 0, 0, 0, 0, 0, 0, 0, 10], None, None, None),
    "unknown leads": ([4, 0, 0, 0, 0, 0, 0, 0, 6, 0], None, None, None),
    "unknown follows": ([6, 0, 0, 0, 0, 0, 0, 0, 4, 0], {0: 1}, {0: 1}, {0: 1}),
    "unknown is as strong": ([0, 5, 0, 0, 0, 0, 0, 0, 5, 0], None, None, {1: 1}),
    "nine votes": ([0, 0, 0, 0, 5, 4, 0, 0, 0, 0], {4: 1}, {4: 5 / 9, 5: 4 / 9}, {4: 1, 5: 1}),
}


@pytest.mark.parametrize("case", CASES)
def test_votes_by_hand(case: str) -> None:
    votes, majority, distribution, several = CASES[case]
    expected = dict(zip(MODES, (majority, distribution, distribution, several), strict=True))
    for mode in MODES:
        row = np.zeros(8)
        for column, value in (expected[mode] or {}).items():
            row[column] = value
        np.testing.assert_allclose(targets(np.array([votes]), mode)[0], row, atol=1e-6, err_msg=mode)


def plainly(votes: list[int]) -> np.ndarray:
    """The distribution of one image, by the rules of the module's docstring, one step after the other."""
    left = {i: n for i, n in enumerate(votes) if n > 1}
    total, taken = sum(left.values()), dict[int, int]()
    while left and sum(taken.values()) < 0.75 * total and len(taken) < 3:
        most = max(left.values())
        leaders = sorted(i for i, n in left.items() if n == most)
        taken |= {i: most for i in leaders if i < 8}
        if leaders[-1] >= 8:
            if not taken:
                return np.zeros(8)
            break
        left = {i: n for i, n in left.items() if n < most}
    out = np.zeros(8)
    if 2 * sum(taken.values()) > total and len(taken) <= 3:
        for i, n in taken.items():
            out[i] = n / sum(taken.values())
    return out


def test_votes_of_many_images_are_read_as_those_of_one() -> None:
    rng = np.random.default_rng(0)
    votes = np.stack([rng.multinomial(10, rng.dirichlet(np.full(10, 0.4))) for _ in range(3000)])
    ours = targets(votes, "crossentropy")
    np.testing.assert_allclose(ours, [plainly(row) for row in votes.tolist()], atol=1e-6)
    kept = ours.any(1)
    assert 0.3 < kept.mean() < 0.95
    np.testing.assert_allclose(ours[kept].sum(1), 1, atol=1e-6)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ferplus(tmp_path_factory.mktemp("ferplus"), train=160, public=40, private=40)


@pytest.mark.parametrize("mode", MODES)
def test_validation_and_test_are_labelled_by_majority(mode: str, written: Path) -> None:
    data, official = load_dataset("ferplus", root=written, mode=mode), load_dataset("ferplus", root=written)
    for split in ("PublicTest", "PrivateTest"):
        ours, expected = data.split(split), official.split(split)
        np.testing.assert_array_equal(ours.rows, expected.rows)
        np.testing.assert_array_equal(ours.labels, expected.labels)
        if mode != "majority":
            assert ours.targets is not None
            np.testing.assert_array_equal(ours.targets, np.eye(8)[ours.labels])
    if mode == "majority":
        assert data.targets is None
        return
    train, sure = data.split("Training"), official.split("Training")
    assert len(train) > len(sure)
    np.testing.assert_array_equal(train.labels[np.isin(train.rows, sure.rows)], sure.labels)
    assert train.targets is not None
    assert (train.targets[np.arange(len(train)), train.labels] > 0).all()
    if mode != "multi_target":
        np.testing.assert_allclose(train.targets.sum(1), 1, atol=1e-6)
    else:
        assert set(np.unique(train.targets)) == {0, 1}


def test_rows_are_fer2013s_and_blank_names_are_dropped(written: Path) -> None:
    faces = load_dataset("fer2013", root=written)
    data = load_dataset("ferplus", root=written)
    np.testing.assert_array_equal(data.images, faces.images[data.rows])
    np.testing.assert_array_equal(data.usage, faces.usage[data.rows])
    # The first row of each split has no name.
    assert not set(data.rows) & {0, 160, 200}
    assert read_votes(written).shape == (240, len(COLUMNS))
    assert (read_votes(written).sum(1) == 10).all()
    assert "contempt" in {data.classes[k] for k in data.labels}


def rewrite(source: Path, folder: Path, change: dict[int, str]) -> Path:
    """A copy whose file of votes has some lines, counted from 1, replaced."""
    folder.mkdir(exist_ok=True)
    (folder / "fer2013.csv").write_bytes((source / "fer2013.csv").read_bytes())
    lines = (source / "fer2013new.csv").read_text().splitlines()
    for number, line in change.items():
        lines[number - 1] = line
    (folder / "fer2013new.csv").write_text("\n".join(lines) + "\n")
    return folder


BROKEN = {
    "usage": ({3: "Train,x.png,1,1,1,1,1,1,1,1,1,1"}, "line 3: expected a split"),
    "votes": ({4: "Training,x.png,1,1,1,1,1,1,1,1,1,one"}, "line 4: expected a split"),
    "short row": ({4: "Training,x.png,1,1"}, "line 4: expected a split"),
    "header": ({1: "Usage,Image name,neutral"}, "lacks the column happiness"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_votes(case: str, written: Path, tmp_path: Path) -> None:
    change, message = BROKEN[case]
    with pytest.raises(FerstudyError, match=message):
        load_dataset("ferplus", root=rewrite(written, tmp_path, change))


def test_fer2013_that_does_not_fit(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERSTUDY_DATA", str(tmp_path / "nothing"))
    root = rewrite(written, tmp_path / "copy", {})
    faces = (root / "fer2013.csv").read_text().splitlines()
    # The training rows in another order: the splits are the same, the labels are not.
    (root / "fer2013.csv").write_text("\n".join([faces[0], *sorted(faces[1:161]), *faces[161:]]) + "\n")
    with pytest.raises(FerstudyError, match="has its rows in another order than the votes"):
        load_dataset("ferplus", root=root)
    (root / "fer2013.csv").write_text("\n".join(faces[:-1]) + "\n")
    with pytest.raises(FerstudyError, match="240 rows of votes and 239 of FER2013"):
        load_dataset("ferplus", root=root)
    (root / "fer2013.csv").unlink()
    with pytest.raises(FerstudyError, match="FER2013, whose pixels it labels, is not beside it"):
        load_dataset("ferplus", root=root)
    with pytest.raises(FerstudyError, match="unknown mode of ferplus 'mayority'; did you mean majority"):
        load_dataset("ferplus", root=written, mode="mayority")


def test_folders_of_their_own(written: Path, tmp_path: Path) -> None:
    """The two datasets side by side in the data folder, as their archives unpack."""
    rewrite(written, tmp_path / "FERPlus", {})
    (tmp_path / "fer2013").mkdir()
    (tmp_path / "FERPlus" / "fer2013.csv").rename(tmp_path / "fer2013" / "fer2013.csv")
    assert load_dataset("ferplus", root=tmp_path).fingerprint == load_dataset("ferplus", root=written).fingerprint


def test_the_real_counts(real_fer2013: FaceDataset) -> None:
    """By majority, as its authors' code keeps them; the votes of every row."""
    root = find_root("ferplus")
    if root is None:
        pytest.skip("the real fer2013new.csv was not found; set FERSTUDY_DATA to its folder")
    data = load_dataset("ferplus")
    assert data.warnings == ()
    assert data.counts().sum(1).tolist() == [25_060, 3_199, 3_153]
    assert dict(zip(data.classes, data.counts()[2].tolist(), strict=True)) == {
        "neutral": 1090, "happy": 893, "surprise": 396, "sad": 384, "angry": 273, "fear": 83, "disgust": 18,
        "contempt": 16,
    }  # fmt: skip
    votes = read_votes(root)
    assert votes.shape == (35_887, 10)
    assert np.bincount(votes.sum(1)).nonzero()[0].tolist() == [9, 10]
    assert (votes.sum(1) == 9).sum() == 1
    # The emotion with most votes, whether or not it has more than half, keeps more.
    argmax = votes.argmax(1) < 8
    named = np.ones(len(votes), np.bool_)
    named[[i for i, line in enumerate((root / "fer2013new.csv").read_text().splitlines()[1:]) if ",," in line]] = False
    assert [int((argmax & named & (real_fer2013.usage == k)).sum()) for k in range(3)] == [28_389, 3_553, 3_546]
    np.testing.assert_array_equal(data.images[:50], real_fer2013.images[data.rows[:50]])
