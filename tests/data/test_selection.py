"""Selections: frames, classes and joins, on films that are small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferstudy.data.base import FaceDataset
from ferstudy.data.selection import Selection, canonical, classes, frames, identities, join, with_onsets
from ferstudy.errors import FerstudyError


def films(
    *lengths: int, labels: list[int] | None = None, names: tuple[str, ...] = ("Anger", "Happy", "sad")
) -> FaceDataset:
    """Films of given lengths, one person each; film k bears label k modulo the classes; pixel = row."""
    film = np.repeat(np.arange(len(lengths)), lengths)
    n = len(film)
    film_labels = np.array(labels if labels is not None else np.arange(len(lengths)) % len(names))
    return FaceDataset(
        name="films",
        classes=names,
        images=np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None], (n, 4, 4)).copy(),
        labels=film_labels[film],
        usage=np.zeros(n, np.uint8),
        splits=("All",),
        rows=np.arange(n),
        fingerprint="f",
        real=False,
        subjects=film.copy(),
        sequences=film,
        frames=np.concatenate([np.arange(1, length + 1) for length in lengths]),
    )


# Rows: film 0 is 0..4, film 1 is 5..6, film 2 is 7..14.
FILMS = films(5, 2, 8)


@pytest.mark.parametrize(
    ("which", "rows"),
    [
        ("all", list(range(15))),
        ("onset", [0, 5, 7]),
        ("last", [4, 6, 14]),
        ("last1", [4, 6, 14]),
        ("last3", [2, 3, 4, 5, 6, 12, 13, 14]),
        ("from7", [13, 14]),
        ("from2", [1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14]),
    ],
)
def test_frames(which: str, rows: list[int]) -> None:
    chosen = frames(FILMS, which)
    assert chosen.rows.tolist() == rows
    assert chosen.images[:, 0, 0].tolist() == rows
    assert frames(chosen, which) is chosen


def test_frame_numbers_count_not_row_order() -> None:
    shuffled = FILMS.select(np.random.default_rng(0).permutation(15))
    assert sorted(frames(shuffled, "last3").rows) == [2, 3, 4, 5, 6, 12, 13, 14]


def test_a_missing_frame_is_not_replaced_by_its_number() -> None:
    without_apex = FILMS.select(FILMS.rows != 14)
    assert frames(without_apex, "last").rows.tolist() == [4, 6, 13]
    with pytest.raises(FerstudyError, match="nothing is left of 'from8'"):
        frames(without_apex, "from8")


def test_onsets_are_neutral_and_never_among_the_last() -> None:
    chosen = with_onsets(FILMS, "last3")
    assert chosen.classes == ("Anger", "Happy", "sad", "neutral")
    assert chosen.rows.tolist() == [0, 2, 3, 4, 5, 6, 7, 12, 13, 14]
    assert chosen.labels.tolist() == [3, 0, 0, 0, 3, 1, 3, 2, 2, 2]
    assert with_onsets(chosen, "last3") is chosen


def test_a_film_of_one_frame_keeps_its_label() -> None:
    chosen = with_onsets(films(1, 3), "last")
    assert [(int(row), chosen.classes[label]) for row, label in zip(chosen.rows, chosen.labels, strict=True)] == [
        (0, "Anger"),
        (1, "neutral"),
        (3, "Happy"),
    ]


@pytest.mark.parametrize(("kept", "first"), [([2, 3, 4], 3), ([4], 5)])
def test_only_frame_1_is_the_onset(kept: list[int], first: int) -> None:
    """Frames 3 to 5 of a film of five, or its last alone: none of them is neutral."""
    cut = FILMS.select(np.array([*kept, 5, 6]))
    for call in (lambda: with_onsets(cut, "last"), lambda: frames(cut, "onset")):
        with pytest.raises(FerstudyError, match=f"no frame 1 of 1 of its 2 films .film 0 begins at frame {first}."):
            call()
    # Where no onset is asked for, nothing is missing.
    assert frames(cut, "last").rows.tolist() == [4, 6]


def test_classes_are_relabelled_in_the_order_of_their_names() -> None:
    chosen = classes(FILMS, ("sadness", "angry"))
    assert chosen.classes == ("sadness", "angry")
    assert chosen.rows.tolist() == [0, 1, 2, 3, 4, *range(7, 15)]
    assert chosen.labels.tolist() == [1] * 5 + [0] * 8
    assert chosen.subjects is not None
    assert set(chosen.subjects) == {0, 2}
    assert classes(chosen, ("sadness", "angry")) is chosen


def test_soft_targets_follow_their_classes() -> None:
    soft = np.tile(np.array([[0.5, 0.25, 0.25]], np.float32), (15, 1))
    probabilities = classes(replace(FILMS, targets=soft), ("sad", "anger")).targets
    np.testing.assert_allclose(probabilities[0], [1 / 3, 2 / 3], rtol=1e-6)
    several = np.tile(np.array([[1, 1, 0]], np.float32), (15, 1))
    np.testing.assert_array_equal(classes(replace(FILMS, targets=several), ("sad", "anger")).targets[0], [0, 1])
    onsets = with_onsets(replace(FILMS, targets=soft), "last").targets
    np.testing.assert_array_equal(onsets[0], [0, 0, 0, 1])
    np.testing.assert_array_equal(onsets[1], [0.5, 0.25, 0.25, 0])


@pytest.mark.parametrize(
    ("word", "emotion"),
    [("Angry", "anger"), ("scared", "fear"), ("afraid", "fear"), ("HAPPY", "happiness"), ("surprised ", "surprise")],
)
def test_synonyms(word: str, emotion: str) -> None:
    assert canonical(word) == emotion
    assert canonical(emotion) == emotion


def test_join_maps_labels_by_name_and_keeps_people_apart() -> None:
    stills = replace(films(1, 1, 1, names=("happiness", "fear", "angry")), name="stills", sequences=None, frames=None)
    both = join([FILMS, stills])
    assert both.classes == ("Anger", "Happy", "sad", "fear")
    assert both.splits == ("films", "stills")
    assert both.split("stills").labels.tolist() == [1, 3, 0]
    assert both.split("films").labels.tolist() == FILMS.labels.tolist()
    np.testing.assert_array_equal(both.split("stills").images, stills.images)
    assert both.rows.tolist() == list(range(18))
    assert both.subjects is not None
    assert not set(both.subjects[:15]) & set(both.subjects[15:])
    # A still is a film of one frame, so that the last frames of both are the apexes and all stills.
    assert frames(both, "last").rows.tolist() == [4, 6, 14, 15, 16, 17]


def test_join_of_colour_soft_targets_and_unknown_people() -> None:
    colour = replace(
        FILMS,
        name="colour",
        fingerprint="g",
        images=np.repeat(FILMS.images[..., None], 3, -1),
        subjects=None,
        targets=np.eye(3, dtype=np.float32)[[2] * 15],
    )
    both = join([FILMS, colour])
    assert both.images.shape == (30, 4, 4, 3)
    assert both.subjects is None
    assert both.targets is not None
    np.testing.assert_array_equal(both.targets[:15].argmax(1), FILMS.labels)
    np.testing.assert_array_equal(both.targets[15:], colour.targets)
    assert join([FILMS, colour]).fingerprint == both.fingerprint != join([colour, FILMS]).fingerprint


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=8),
    st.sampled_from(["last", "from1", "all", "last2"]),
    st.booleans(),
)
def test_a_selection_applied_twice_is_applied_once(lengths: list[int], which: str, onsets: bool) -> None:
    selection = Selection(frames=which, onsets=onsets)
    if which == "last2" and max(lengths) < 2:
        return
    once = selection(films(*lengths))
    assert selection(once) is once
    # An image is there once, whatever it is taken for.
    assert len(set(once.rows)) == len(once)


def test_identities_keep_films_whole_and_train_on_everyone() -> None:
    """Person 0 has three films of two frames, person 1 twelve of one frame, person 2 too few."""
    people = np.repeat([0, 1, 2], [6, 12, 2])
    data = replace(films(2, 2, 2, *[1] * 14), subjects=people)
    named = identities(data)
    assert named.classes == ("person 0", "person 1")
    assert named.usage.tolist() == [0, 0, 1, 1, 2, 2, 1, 2, *[0] * 8, 1, 2]
    assert named.sequences is not None
    assert all(len(np.unique(named.usage[named.sequences == film])) == 1 for film in named.sequences)
    still = identities(replace(data, sequences=None, frames=None))
    assert still.usage[:6].tolist() == [0, 0, 0, 0, 1, 2]
    with pytest.raises(FerstudyError, match="at least 2 people with three films, found 1"):
        identities(data.select(np.flatnonzero(people != 1)))


def test_a_selection_is_a_sentence() -> None:
    text = str(Selection("last3", True, ("happy", "neutral")))
    assert text == "the last 3 frames of each film, its first as neutral, 2 classes (happy, neutral)"
    assert str(Selection(frames="from7")) == "the frames from number 7 of each film"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: frames(FILMS, "lasst"), "did you mean last"),
        (lambda: frames(FILMS, "from"), "choice of frames"),
        (lambda: frames(FILMS, "last9"), "no film has 9 frames"),
        (lambda: frames(replace(FILMS, sequences=None, frames=None), "last"), "still images only"),
        (lambda: classes(FILMS, ("angry", "anger")), "different emotions"),
        (lambda: classes(FILMS, ("angry", "sat")), "did you mean sad"),
        (lambda: classes(FILMS.select(FILMS.labels == 0), ("sad",)), "nothing is left"),
        (lambda: join([FILMS, FILMS]), "different names"),
        (lambda: join([FILMS, replace(FILMS, name="b", images=FILMS.images[:, :2])]), "films 4 x 4, b 4 x 2"),
    ],
)
def test_impossible_selections_are_refused(wrong, message: str) -> None:
    with pytest.raises(FerstudyError, match=message):
        wrong()
