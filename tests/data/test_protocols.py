"""Protocols: index sets that leak nothing they do not admit, and values that read as sentences."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import LeaveOneGroupOut

from ferstudy.data import FaceDataset, dataset_info, find_root, list_datasets, load_dataset
from ferstudy.data.folds import FLAWS, ORDERS, UNITS, ClassRanges, Fold, Folds, OfficialSplits
from ferstudy.data.protocols import Protocol, check_protocol, get_protocol, leaks, list_protocols
from ferstudy.errors import FerstudyError
from ferstudy.losses import class_weights

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "contempt")
# Films of CK+ by class, and images of JAFFE by class (mobilenet_realtime, table 1).
CK_FILMS = {"angry": 45, "disgust": 59, "fear": 25, "happy": 69, "sad": 28, "surprise": 83, "contempt": 18}
JAFFE = {"angry": 30, "disgust": 30, "fear": 31, "happy": 31, "sad": 31, "surprise": 30, "neutral": 30}


def made(
    subjects: Sequence[int],
    sequences: Sequence[int] | None = None,
    frames: Sequence[int] | None = None,
    labels: Sequence[int] | None = None,
    name: str = "made",
    order: np.ndarray | None = None,
) -> FaceDataset:
    """A dataset of given people and films, every image different, in a given order of rows."""
    n = len(subjects)
    images = np.zeros((n, 4, 4), np.uint8)
    images.reshape(n, -1)[:, :2] = np.arange(n, dtype=">u2").view(np.uint8).reshape(n, 2)
    images[:, 3, 3] = len(name)
    data = FaceDataset(
        name=name,
        classes=CLASSES,
        images=images,
        labels=np.array(labels if labels is not None else np.arange(n) % 8, np.int64),
        usage=np.zeros(n, np.uint8),
        splits=("All",),
        rows=np.arange(n),
        fingerprint=name,
        real=False,
        subjects=np.array(subjects, np.int64),
        sequences=None if sequences is None else np.array(sequences, np.int64),
        frames=None if frames is None else np.array(frames, np.int64),
    )
    return data if order is None else data.select(order)


def ck_plus(frames: int = 4) -> FaceDataset:
    """Films of CK+'s numbers of people and classes; the first frame is neutral, as the loader has it."""
    emotions = np.repeat([CLASSES.index(name) for name in CK_FILMS], list(CK_FILMS.values()))
    people = np.random.default_rng(0).permutation(np.arange(len(emotions)) % 118)
    order = np.lexsort((np.arange(len(emotions)), people))  # films by person
    labels = np.repeat(emotions[order], frames)
    number = np.tile(np.arange(1, frames + 1), len(emotions))
    labels[number == 1] = CLASSES.index("neutral")
    return made(
        np.repeat(people[order], frames), np.repeat(np.arange(len(emotions)), frames), number, labels, "ck_plus"
    )


def jaffe() -> FaceDataset:
    labels = np.repeat([CLASSES.index(name) for name in JAFFE], list(JAFFE.values()))
    return made(np.arange(len(labels)) % 10, labels=labels, name="jaffe")


def oulu_casia() -> FaceDataset:
    film = np.repeat(np.arange(72), 9)  # 12 people, 6 emotions
    return made(film // 6, film, np.tile(np.arange(1, 10), 72), film % 6, "oulu_casia")


MAKERS = {"ck_plus": ck_plus, "jaffe": jaffe, "oulu_casia": oulu_casia}


def served(protocol: Protocol, dots: FaceDataset) -> FaceDataset:
    """A dataset that the protocol is for, selected."""
    if protocol.name == "vemo_splits":
        return protocol.view(dataclasses.replace(dots, name="vemo", splits=("train", "val", "test")))
    if isinstance(protocol.folding, OfficialSplits) and not protocol.datasets:
        return protocol.view(many() if protocol.folding.drawn else dots)
    name = "oulu_casia" if protocol.name.startswith("oulu") else "ck_plus"
    return protocol.gather(name, lambda dataset: MAKERS[dataset]())


def ids(values: np.ndarray | None, *index: np.ndarray) -> list[set[int]]:
    assert values is not None
    return [set(values[i].tolist()) for i in index]


@pytest.mark.parametrize("name", list_protocols())
def test_every_protocol_admits_what_it_lets_through(name: str, dots: FaceDataset) -> None:
    protocol = get_protocol(name)
    data = served(protocol, dots)
    check_protocol(protocol, data)
    folds = protocol.folds(data)
    assert [fold.number for fold in folds] == list(range(1, len(folds) + 1))
    selection_scores = False
    for fold in folds:
        assert set(protocol.reported) <= set(fold.score)
        train, select = set(fold.train.tolist()), set(fold.select.tolist())
        scored = {i for split in protocol.reported for i in fold.score[split].tolist()}
        assert train
        assert scored
        assert not train & scored
        assert not train & select
        selection_scores |= bool(select & scored)
        if data.subjects is not None:
            train_people, select_people, scored_people = ids(
                data.subjects, fold.train, fold.select, np.array([*scored])
            )
            assert "subject" in protocol.flaws or not train_people & scored_people
            assert {"subject", "selection"} & set(protocol.flaws) or not select_people & scored_people
            assert {"validation", "selection"} & set(protocol.flaws) or not train_people & select_people
        if data.sequences is not None:
            train_films, scored_films = ids(data.sequences, fold.train, np.array([*scored]))
            assert "film" in protocol.flaws or not train_films & scored_films
    assert ("selection" in protocol.flaws) == selection_scores
    times = np.zeros(len(data), int)
    for fold in folds:
        for split in protocol.reported:
            times[fold.score[split]] += 1
    if isinstance(protocol.folding, Folds):
        assert (times == 1).all()
    assert ("coverage" in protocol.flaws) == (isinstance(protocol.folding, ClassRanges))


@pytest.mark.parametrize("name", list_protocols())
def test_every_protocol_is_a_plain_value_and_a_sentence(name: str) -> None:
    protocol = get_protocol(name)
    assert protocol.name == name
    assert json.loads(json.dumps(dataclasses.asdict(protocol)))["name"] == name
    assert dataclasses.replace(protocol) == protocol
    assert hash(protocol) == hash(dataclasses.replace(protocol))
    text = str(protocol)
    assert text.startswith(f"{name}: ")
    assert text.endswith(".")
    assert ".." not in text
    assert set(protocol.flaws) <= set(FLAWS)
    for flaw in protocol.flaws:
        assert FLAWS[flaw] in text.lower()


def test_strict_reads_as_in_the_recorded_runs() -> None:
    assert str(get_protocol("strict")) == (
        "strict: train on Training, select on PublicTest, score on PrivateTest. "
        "PrivateTest is scored once, with the epoch that PublicTest chose."
    )


def test_official_splits_are_the_splits(dots: FaceDataset) -> None:
    (fold,) = get_protocol("strict").folds(dots)
    assert fold.train.tolist() == dots.split("Training").rows.tolist()
    assert fold.select.tolist() == fold.score["PublicTest"].tolist() == dots.split("PublicTest").rows.tolist()
    assert fold.score["PrivateTest"].tolist() == dots.split("PrivateTest").rows.tolist()
    (fold,) = get_protocol("pooled").folds(dots)
    assert fold.select.tolist() == dots.split("PublicTest", "PrivateTest").rows.tolist()
    (fold,) = get_protocol("train_val").folds(dots)
    assert fold.train.tolist() == dots.split("Training", "PublicTest").rows.tolist()
    assert fold.select.size == 0
    assert list(fold.score) == ["PrivateTest"]
    (fold,) = get_protocol("swapped").folds(dots)
    assert fold.select.tolist() == dots.split("PrivateTest").rows.tolist()
    assert get_protocol("swapped").reported == get_protocol("swapped_train_val").reported == ("PublicTest",)
    (fold,) = get_protocol("swapped_train_val").folds(dots)
    assert fold.train.tolist() == dots.split("Training", "PrivateTest").rows.tolist()


def many() -> FaceDataset:
    """600 images for training, 40 to select and 40 to score."""
    usage = np.repeat([0, 1, 2], [600, 40, 40]).astype(np.uint8)
    data = made(np.zeros(680, int))
    return dataclasses.replace(data, usage=usage, splits=("Training", "PublicTest", "PrivateTest"), subjects=None)


def test_a_drawn_target_and_its_rest_are_the_training_images() -> None:
    data = many()
    (target,), (rest,) = (get_protocol(name).folds(data) for name in ("small_target", "small_target_rest"))
    assert len(target.train) == sum(JAFFE.values()) == 213
    assert not set(target.train.tolist()) & set(rest.train.tolist())
    assert sorted([*target.train, *rest.train]) == list(range(600))
    for fold in (target, rest):
        assert fold.select.tolist() == fold.score["PublicTest"].tolist() == list(range(600, 640))
        assert fold.score["PrivateTest"].tolist() == list(range(640, 680))
    # The same images, whatever the order of the rows.
    order = np.random.default_rng(1).permutation(680)
    shuffled = data.select(order)
    (again,) = get_protocol("small_target").folds(shuffled)
    assert sorted(shuffled.rows[again.train].tolist()) == sorted(data.rows[target.train].tolist())
    assert [get_protocol(n).folding.trained(600) for n in ("small_target", "small_target_rest", "strict")] == [
        213, 387, 600,
    ]  # fmt: skip
    assert "213 images of Training, drawn with seed 0" in str(get_protocol("small_target"))
    assert "all but 213 images of Training" in str(get_protocol("small_target_rest"))


def test_a_draw_needs_more_images_than_it_draws() -> None:
    with pytest.raises(FerstudyError, match="needs more than 213 images of Training"):
        get_protocol("small_target").folds(many().select(np.arange(400, 680)))
    with pytest.raises(FerstudyError, match="a rest only of a draw"):
        OfficialSplits(("a",), ("b",), ("b",), ("b",), rest=True)


# Seven people with two images each: person k has the images 2k and 2k + 1.
SEVEN = made([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])


@pytest.mark.parametrize(
    ("order", "scored"),
    [
        ("ascending", [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9], [10, 11, 12, 13]]),
        ("interleaved", [[0, 1, 6, 7, 12, 13], [2, 3, 8, 9], [4, 5, 10, 11]]),
    ],
)
def test_seven_people_in_three_folds(order: str, scored: list[list[int]]) -> None:
    folds = Folds(3, order=order, validation=0.0).folds(SEVEN)
    assert [fold.score["Test"].tolist() for fold in folds] == scored
    for fold, part in zip(folds, scored, strict=True):
        assert fold.select.tolist() == part
        assert fold.train.tolist() == [i for i in range(14) if i not in part]


def test_validation_by_person_and_by_image() -> None:
    # A quarter of eight training images is one person of two images, or two images.
    by_person = Folds(3, validation=0.25).folds(SEVEN)[0]
    assert by_person.score["Test"].tolist() == [0, 1, 2, 3, 4, 5]
    assert len(by_person.select) == 2
    assert by_person.select[0] % 2 == 0
    assert by_person.select[1] == by_person.select[0] + 1
    assert sorted([*by_person.train, *by_person.select]) == list(range(6, 14))
    for fold in Folds(3, validation=0.25, validation_unit="image").folds(SEVEN):
        assert len(fold.select) == round(0.25 * (14 - len(fold.score["Test"])))


def test_random_folds_of_a_seed_stay_what_they_are() -> None:
    # Written down once: recorded runs name the protocol and not the images.
    folds = Folds(3, "image", "random", validation=0.0).folds(made(range(6)))
    assert [fold.score["Test"].tolist() for fold in folds] == [[2, 3], [4, 5], [0, 1]]


def test_one_person_a_fold_is_scikit_learns_leave_one_group_out() -> None:
    people = [3, 3, 8, 1, 8, 1, 1, 20]
    folds = Folds(4, validation=0.0).folds(made(people))
    for fold, (train, test) in zip(folds, LeaveOneGroupOut().split(people, groups=people), strict=True):
        assert fold.train.tolist() == train.tolist()
        assert fold.score["Test"].tolist() == test.tolist()


@st.composite
def filmed(draw: st.DrawFn) -> FaceDataset:
    """People with films of one to three frames, identifiers with gaps, rows in any order."""
    films = draw(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), min_size=4, max_size=9))
    names = draw(st.lists(st.integers(0, 99), min_size=len(films), max_size=len(films), unique=True))
    people, sequences, frames = [], [], []
    for name, lengths in zip(names, films, strict=True):
        for k, length in enumerate(lengths):
            people += [name] * length
            sequences += [10 * name + k] * length
            frames += range(1, length + 1)
    order = np.array(draw(st.permutations(range(len(people)))))
    return made(people, sequences, frames, order=order)


FOLDINGS = st.builds(
    Folds,
    st.integers(2, 4),
    st.sampled_from(UNITS),
    st.sampled_from(ORDERS),
    st.sampled_from([0.0, 0.1, 0.3]),
    st.sampled_from(UNITS),
    st.integers(0, 3),
)


def folds_of(folding: Folds, data: FaceDataset) -> tuple[Fold, ...]:
    """The folds; an example whose training part is one single person, who cannot train and validate, is passed over."""
    try:
        return folding.folds(data)
    except FerstudyError as error:
        assume("to train and validate, found 1" not in str(error))
        raise


def named(data: FaceDataset, fold: Fold) -> tuple[set[int], set[int], set[int]]:
    train, select, score = ids(data.rows, fold.train, fold.select, fold.score["Test"])
    return train, select, score


@settings(max_examples=150, deadline=None)
@given(filmed(), FOLDINGS)
def test_folds_cover_every_image_once_and_keep_their_units_whole(data: FaceDataset, folding: Folds) -> None:
    units = {"subject": data.subjects, "film": data.sequences, "image": data.rows}
    times = np.zeros(len(data), int)
    parts = []
    for fold in folds_of(folding, data):
        score = fold.score["Test"]
        times[score] += 1
        together = np.concatenate([fold.train, score] if not folding.validation else [fold.train, fold.select, score])
        assert sorted(together) == list(range(len(data)))
        assert len(fold.train)
        assert len(fold.select)
        parts.append(ids(units[folding.unit], score)[0])
        train, select, scored = ids(units[folding.unit], fold.train, fold.select, score)
        assert not train & scored
        if folding.validation:
            train, select = ids(units[folding.validation_unit], fold.train, fold.select)
            assert not train & select
        people = {"subject", "film"} - set(folding.flaws)
        for unit in people:
            train, scored = ids(units[unit], fold.train, score)
            assert not train & scored
        found = " ".join(leaks(data, fold))
        assert ("people are in training" in found) <= ("subject" in folding.flaws)
        assert ("films are in training" in found) <= ("film" in folding.flaws)
    assert (times == 1).all()
    assert sum(len(part) for part in parts) == len(set.union(*parts))


@settings(max_examples=60, deadline=None)
@given(filmed(), FOLDINGS, st.randoms(use_true_random=False))
def test_the_same_folds_whatever_the_order_of_the_rows(data: FaceDataset, folding: Folds, random) -> None:
    order = list(range(len(data)))
    random.shuffle(order)
    shuffled = data.select(np.array(order))
    for one, other in zip(folds_of(folding, data), folding.folds(shuffled), strict=True):
        assert named(data, one) == named(shuffled, other)
        assert (np.diff(other.train) > 0).all()


def test_another_seed_gives_other_random_folds() -> None:
    data = made(range(40))
    first, same, second = (
        [named(data, fold) for fold in Folds(5, "image", "random", seed=seed).folds(data)] for seed in (0, 0, 1)
    )
    assert first == same != second


def test_the_copied_ck_script_and_its_defects() -> None:
    protocol = get_protocol("ck_plus_ranges")
    data = protocol.view(ck_plus())
    assert len(data) == 981
    folds = protocol.folds(data)
    # The order of the script's file: by class, then as the files are named.
    order = np.lexsort((data.frames, data.sequences, data.subjects, data.labels))
    times = np.zeros(981, int)
    sizes, tested = [135, 177, 75, 207, 84, 249, 54], [12, 18, 9, 21, 9, 24, 6]
    starts = np.cumsum([0, *sizes])
    for fold in folds:
        # Once more by image, as the script counts.
        expected = []
        for label, count in enumerate(tested):
            first = starts[label] + (fold.number - 1) * count if fold.number < 10 else starts[label + 1] - count
            expected += range(first, first + count)
        score = fold.score["Test"]
        assert sorted(score) == sorted(order[expected])
        assert len(score) == 99
        times[score] += 1
        if fold.number == 9:
            # Fear has 75 images and its ninth range ends at 81: what lies behind fear is happy.
            counts = dict(zip(data.classes, np.bincount(data.labels[score]), strict=True))
            assert (counts["fear"], counts["happy"], counts["sad"]) == (3, 21 + 6, 9)
        assert not set(data.sequences[score]) & set(data.sequences[fold.train])
    never = np.bincount(data.labels[times == 0], minlength=7)
    assert dict(zip(data.classes, never, strict=True)) == dict.fromkeys(data.classes, 0) | {"angry": 15, "surprise": 9}
    # Ten times 99 images: all but 24, 27 of them again by the last fold's ranges, and six by the range that ran over.
    assert times.sum() == 990 == 981 - 24 + 27 + 6
    times[order[starts[3] : starts[3] + 6]] -= 1
    assert (times > 1).sum() == 27
    assert times.max() == 2
    assert "people are in training and in Test" in leaks(data, folds[0])[0]


def test_the_copied_script_scales_to_other_numbers_of_films() -> None:
    films = 10
    labels = np.repeat(np.tile(np.arange(7), films), 3)
    sequences = np.repeat(np.arange(7 * films), 3)
    data = made(sequences // 7, sequences, np.tile([1, 2, 3], 7 * films), labels)
    data = dataclasses.replace(data, classes=(*CLASSES[:6], "contempt"))
    folds = get_protocol("ck_plus_ranges").folds(data)
    assert [len(fold.score["Test"]) for fold in folds] == [21] * 10
    with pytest.raises(FerstudyError, match="needs 7 classes"):
        ClassRanges(10, (1,) * 7, (1,) * 7).folds(made([1, 2]))


@pytest.mark.parametrize(
    ("name", "images"),
    [
        ("ck_plus_6_last", 309),
        ("ck_plus_7_no_neutral_last", 327),
        ("ck_plus_7_no_contempt_last", 309 + 327),
        ("ck_plus_8_last", 654),
        ("ck_plus_6_last3", 927),
        ("ck_plus_7_no_neutral_last3", 981),
        ("ck_plus_7_no_contempt_last3", 927 + 327),
        ("ck_plus_8_last3", 981 + 327),
    ],
)
@pytest.mark.parametrize("twin", ["", "_subject"])
def test_the_eight_configurations_of_ck_plus(name: str, images: int, twin: str) -> None:
    protocol = get_protocol(name + twin)
    # The loader's own choice of frames or all of them: the first frame is neutral, and no film is without it.
    data = protocol.view(ck_plus(frames=6))
    assert len(data) == images
    counts = dict(zip(data.classes, np.bincount(data.labels), strict=True))
    repeat = 3 if name.endswith("3") else 1
    expected = {emotion: repeat * films for emotion, films in CK_FILMS.items()} | {"neutral": 327}
    assert counts == {emotion: expected[emotion] for emotion in data.classes}
    assert len(data.classes) == int(name.split("_")[2])
    assert len(protocol.folds(data)) == 5
    # Five equal parts by image; by person, 23 or 24 of the 118.
    if not twin:
        assert {len(fold.score["Test"]) for fold in protocol.folds(data)} <= {images // 5, images // 5 + 1}


def test_across_datasets() -> None:
    loaders = {name: MAKERS[name] for name in ("jaffe", "ck_plus")}
    protocol = get_protocol("jaffe_to_ck_plus")
    data = protocol.gather("jaffe", lambda name: loaders[name]())
    (fold,) = protocol.folds(data)
    assert (len(fold.train), len(fold.select), len(fold.score["ck_plus"])) == (183, 0, 309)
    assert np.bincount(data.labels[fold.score["ck_plus"]]).tolist() == [45, 59, 25, 69, 28, 83]
    assert np.bincount(data.labels[fold.train]).tolist() == [30, 30, 31, 31, 31, 30]
    (back,) = get_protocol("ck_plus_to_jaffe").folds(data)
    assert sorted(back.score["jaffe"]) == sorted(fold.train)
    # The printed accuracies are whole numbers of these images.
    assert round(100 * 224 / 309, 2) == 72.49
    assert round(100 * 92 / 183, 2) == 50.27
    assert leaks(data, fold) == []


def test_ten_folds_by_person_in_ascending_order() -> None:
    protocol = get_protocol("ck_plus_identity")
    data = protocol.view(ck_plus())
    people = [sorted(ids(data.subjects, fold.score["Test"])[0]) for fold in protocol.folds(data)]
    assert [person for part in people for person in part] == list(range(118))
    assert [len(part) for part in people] == [12] * 8 + [11] * 2
    for fold in protocol.folds(data):
        rest = 981 - len(fold.score["Test"])
        assert abs(len(fold.select) - 0.1 * rest) <= 0.5
        assert leaks(data, fold) == []
    oulu = get_protocol("oulu_casia_identity")
    seventh = oulu.view(oulu_casia())
    assert seventh.frames is not None
    assert sorted(set(seventh.frames)) == [7, 8, 9]
    for fold in oulu.folds(seventh):
        assert abs(len(fold.select) - 0.15 * (len(seventh) - len(fold.score["Test"]))) <= 0.5


def test_leaks_name_people_films_and_identical_images(dots: FaceDataset) -> None:
    people = np.where(dots.usage == 2, 7, dots.usage).astype(np.int64)
    people[0] = 7
    films = np.arange(len(dots)) + 100
    films[-1] = films[0]
    images = dots.images.copy()
    images[-2] = images[3]
    data = dataclasses.replace(dots, subjects=people, sequences=films, images=images)
    (fold,) = get_protocol("strict").folds(data)
    assert leaks(data, fold) == [
        "1 people are in training and in PrivateTest: 7",
        "1 films are in training and in PrivateTest: 100",
        f"1 images of PrivateTest are pixel-identical to training images: rows {len(dots) - 2}",
    ]
    with pytest.raises(FerstudyError, match="in fold 1 of dots 1 people are in training and in PrivateTest: 7"):
        check_protocol(get_protocol("strict"), data)
    assert leaks(dots, get_protocol("strict").folds(dots)[0]) == []


def test_identical_images_of_the_real_data(real_fer2013: FaceDataset) -> None:
    (fold,) = get_protocol("strict").folds(real_fer2013)
    trained = {image.tobytes() for image in real_fer2013.images[fold.train]}
    shared = [i for i in fold.score["PrivateTest"] if real_fer2013.images[i].tobytes() in trained]
    assert f"{len(shared)} images of PrivateTest are pixel-identical" in " ".join(leaks(real_fer2013, fold))
    assert shared


def test_what_a_dataset_cannot_serve_is_told(dots: FaceDataset) -> None:
    with pytest.raises(FerstudyError, match="did you mean strict"):
        get_protocol("strikt")
    with pytest.raises(FerstudyError, match="protocol strict: needs PrivateTest, which this copy of dots lacks"):
        check_protocol(get_protocol("strict"), dots.select(dots.usage != 2))
    with pytest.raises(FerstudyError, match="needs to know who is in each image"):
        check_protocol(get_protocol("random5_subject"), dots)
    with pytest.raises(FerstudyError, match="protocol ck_plus_identity: dots: 'last3' chooses frames of films"):
        get_protocol("ck_plus_identity").view(dots)
    with pytest.raises(FerstudyError, match="apply Protocol.view first"):
        get_protocol("ck_plus_identity").folds(ck_plus())
    with pytest.raises(FerstudyError, match="no film has 3 frames"):
        get_protocol("ck_plus_identity").view(ck_plus(frames=2))
    with pytest.raises(FerstudyError, match="needs at least 9 subjects; this copy of made has 7"):
        Folds(9).folds(SEVEN)
    with pytest.raises(FerstudyError, match="at least 2 subjects to train and validate"):
        Folds(2).folds(made([0, 1]))


@pytest.mark.parametrize(
    "wrong",
    [{"count": 1}, {"count": 5, "validation": 1.0}, {"count": 5, "unit": "person"}, {"count": 5, "order": "up"}],
)
def test_impossible_folds_are_refused(wrong: dict) -> None:
    with pytest.raises(FerstudyError):
        Folds(**wrong)


def test_flaws_follow_from_the_fields() -> None:
    assert Folds(5).flaws == ()
    assert Folds(5, validation_unit="image").flaws == ("validation",)
    assert Folds(5, "film").flaws == ("subject",)
    assert Folds(5, "image", validation=0).flaws == ("subject", "film", "selection")
    assert OfficialSplits(("a",), ("b",), ("b", "c"), ("c",)).flaws == ()
    assert OfficialSplits(("a",), ("b",), ("b",), ("b",)).flaws == ("selection",)
    # One frame a film cannot be split.
    assert "film" not in get_protocol("ck_plus_6_last").flaws
    assert "film" in get_protocol("ck_plus_8_last").flaws


@pytest.mark.parametrize("name", list_datasets())
def test_every_dataset_says_what_it_is(name: str) -> None:
    info = dataset_info(name)
    assert info.name == name
    assert info.licence
    assert info.how_to_get
    assert len(set(info.classes)) == len(info.classes) >= 6


def test_splits_and_rows(dots: FaceDataset) -> None:
    private = dots.split("PrivateTest")
    assert (private.usage == 2).all()
    np.testing.assert_array_equal(dots.images[private.rows], private.images)
    both = dots.split("PublicTest", "PrivateTest")
    assert len(both) == 168
    np.testing.assert_array_equal(dots.counts(), np.full((3, 7), 12))
    with pytest.raises(FerstudyError, match="did you mean PrivateTest"):
        dots.split("PrivatTest")


def test_synthetic_needs_no_files() -> None:
    assert find_root("synthetic") is None
    assert len(load_dataset("synthetic", split="PublicTest", train=10, public=5, private=5)) == 5
    with pytest.raises(FerstudyError, match="unknown option of fer2013"):
        load_dataset("fer2013", size=48)


def test_class_weights_average_one_over_the_images() -> None:
    labels = np.array([0] * 6 + [1] * 3 + [2] * 1)
    weights = class_weights(labels, 4).numpy()
    assert weights[labels].mean() == pytest.approx(1)
    assert weights[0] * 6 == pytest.approx(weights[1] * 3) == pytest.approx(weights[2])
    assert weights[3] == 0
