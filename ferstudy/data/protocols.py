"""Which images train a network, which choose among its epochs and settings, and which score it.

Most published FER accuracies differ in exactly this, so a protocol is a value: a run stores its name, and it reads as a
sentence. It is made of two values: a :class:`~ferstudy.data.selection.Selection` says what the dataset is (which frames
of a film, which classes), and a folding (:mod:`ferstudy.data.folds`) says by index sets what is done with its images.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import I64, U8, FaceDataset
from ferstudy.data.folds import FLAWS, ClassRanges, Fold, Folds, OfficialSplits
from ferstudy.data.selection import Selection, join
from ferstudy.errors import FerstudyError, lookup

T = TypeVar("T")


@dataclass(frozen=True)
class Protocol:
    """What a number means.

    Attributes:
        name: Registry name.
        folding: Which images train, select and score.
        selection: What the dataset is before.
        datasets: Names of the datasets that are joined, and are the splits of the result; none for any single one.
        made_for: Name of the dataset that it was published with; empty for any that has its splits.
        remark: What a reader must know when comparing: a sentence, and whence it is.
    """

    name: str
    folding: OfficialSplits | Folds | ClassRanges
    selection: Selection = field(default_factory=Selection)
    datasets: tuple[str, ...] = ()
    made_for: str = ""
    remark: str = ""

    def uses(self, dataset: str, splits: Collection[str]) -> bool:
        """Whether it is for a dataset with these splits."""
        if self.datasets or self.made_for:
            return dataset in (*self.datasets, self.made_for)
        folding = self.folding
        if not isinstance(folding, OfficialSplits):
            return True
        return {*folding.train, *folding.select, *folding.score} <= set(splits)

    @property
    def reported(self) -> tuple[str, ...]:
        """Score splits whose images, of all folds together, give the headline number."""
        return self.folding.reported

    @property
    def selects(self) -> bool:
        """Whether any images choose the epoch; else the last one counts."""
        return not isinstance(self.folding, OfficialSplits) or bool(self.folding.select)

    @property
    def flaws(self) -> tuple[str, ...]:
        """Keys of ``FLAWS``: what makes the number better than the network is."""
        flaws = self.folding.flaws
        # Of films that are one image each, none can be split.
        one_frame = self.selection.frames in ("onset", "last") and not self.selection.onsets
        return tuple(flaw for flaw in flaws if flaw != "film" or not one_frame)

    def gather(self, dataset: str, load: Callable[[str], FaceDataset]) -> FaceDataset:
        """The data that the folds index: loaded, joined where the protocol joins, and selected.

        Args:
            dataset: Name of the dataset; that of a joining protocol is its own.
            load: Loader by name.
        """
        loaded = [load(name) for name in self.datasets or (dataset,)]
        return self.view(join(loaded) if self.datasets else loaded[0])

    def view(self, data: FaceDataset) -> FaceDataset:
        """The selected images under the protocol's classes; the same object where nothing changes.

        Raises:
            FerstudyError: The dataset has not what the protocol selects.
        """
        return self._named(lambda: self.selection(data))

    def folds(self, data: FaceDataset) -> tuple[Fold, ...]:
        """The folds of a dataset that :meth:`view` returned.

        Raises:
            FerstudyError: The dataset cannot serve the protocol, or was not selected.
        """
        if self.view(data) is not data:
            raise FerstudyError(f"protocol {self.name}: expected the selected images; apply Protocol.view first")
        return self._named(lambda: self.folding.folds(data))

    def _named(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except FerstudyError as error:
            raise FerstudyError(f"protocol {self.name}: {error}") from error

    def __str__(self) -> str:
        selected = "" if self.selection == Selection() else f"{self.selection}; "
        flaws = "; ".join(FLAWS[flaw] for flaw in self.flaws)
        sentences = [f"{self.name}: {selected}{self.folding}", flaws[:1].upper() + flaws[1:], self.remark]
        return " ".join(sentence.rstrip(".") + "." for sentence in sentences if sentence)


def leaks(data: FaceDataset, fold: Fold) -> list[str]:
    """What training and scoring share, a sentence each; nothing for a clean fold.

    Args:
        data: The dataset that the fold indexes.
        fold: One of its folds.

    Returns:
        People, films and pixel-identical images (with the scored rows) by scored split.
    """
    found = [sentence for _, sentence in _shared_identities(data, fold)]
    digests = _digests(data.images)
    for split, scored in fold.score.items():
        same = scored[np.isin(digests[scored], digests[fold.train])]
        if len(same):
            rows = _listed(data.rows[same])
            found.append(f"{len(same)} images of {split} are pixel-identical to training images: rows {rows}")
    return found


def _shared_identities(data: FaceDataset, fold: Fold) -> list[tuple[str, str]]:
    """Pairs of a flaw and a sentence: the people and films in both training and scoring."""
    found = []
    for flaw, what, ids in (("subject", "people", data.subjects), ("film", "films", data.sequences)):
        for split, scored in fold.score.items():
            shared = np.intersect1d(ids[fold.train], ids[scored]) if ids is not None else np.empty(0, np.int64)
            if len(shared):
                found.append((flaw, f"{len(shared)} {what} are in training and in {split}: {_listed(shared)}"))
    return found


def _listed(values: I64, most: int = 8) -> str:
    return ", ".join(str(value) for value in values[:most]) + (", ..." if len(values) > most else "")


def _digests(images: U8) -> npt.NDArray[np.str_]:
    return np.array([hashlib.blake2b(image.tobytes(), digest_size=16).hexdigest() for image in images])


def check_protocol(protocol: Protocol, data: FaceDataset) -> None:
    """Refuse a dataset that cannot serve a protocol, and folds that share people or films without saying so.

    Raises:
        FerstudyError: A split, the people or the films are missing; or training and scoring share people or films and
            the protocol does not have that flaw.
    """
    for fold in protocol.folds(data):
        hidden = [sentence for flaw, sentence in _shared_identities(data, fold) if flaw not in protocol.flaws]
        if hidden:
            raise FerstudyError(
                f"protocol {protocol.name}: in fold {fold.number} of {data.name} {hidden[0]}; "
                "use a protocol that keeps people apart"
            )


# The test images that are pooled by those who keep the last fifth of FER2013.
_TESTS = ("PublicTest", "PrivateTest")
_SIX = ("angry", "disgust", "fear", "happy", "sad", "surprise")
_CK_LAST_THREE = Selection(frames="last3", classes=(*_SIX, "contempt"))
_OULU_FROM_SEVENTH = Selection(frames="from7", classes=_SIX)
# Table 5 of mobilenet_realtime: the classes, and the frames that make the dataset small or large.
_CK_CLASSES = {
    "6": _SIX,
    "7_no_neutral": (*_SIX, "contempt"),
    "7_no_contempt": (*_SIX, "neutral"),
    "8": (*_SIX, "neutral", "contempt"),
}
_CK_FRAMES = ("last", "last3")

# "9 folds for training, 1 fold for testing. The validation set is split from the training data (10 % of the number of
# samples in 9 folds)" (attention_fusion 4.2): samples are images. The seed is that paper's.
_TEN = Folds(10, validation=0.10, validation_unit="image", seed=777)
_TEN_STRICT = replace(_TEN, validation_unit="subject")
_FIFTEEN = replace(_TEN, validation=0.15)
_FIFTEEN_STRICT = replace(_FIFTEEN, validation_unit="subject")
# "Randomly shuffled [...] split into five groups [...], with four groups for training and one group for validation"
# (mobilenet_realtime 5): nothing is left that did not choose the epoch.
_FIVE = Folds(5, "image", "random", validation=0.0)
_FIVE_STRICT = Folds(5, "subject", "random")
_FIVE_REMARK = "mobilenet_realtime 5; its 95.24 % on JAFFE is 40 of the 42 in one part, ours is of all five parts."
_TABLE_5_REMARK = "mobilenet_realtime, table 5; its accuracies are of one of the five parts, ours of all."
_STRICT_TWIN = "Every person is in one part only, and nobody who is scored chooses the epoch."


# As many images as JAFFE has, the small target of mobilenet_realtime's second stage; its people are not known.
_SMALL = OfficialSplits(
    ("Training",), ("PublicTest",), ("PublicTest", "PrivateTest"), ("PrivateTest",), drawn=213, seed=0
)


def _table_5() -> Iterator[Protocol]:
    for number, names in _CK_CLASSES.items():
        for frames in _CK_FRAMES:
            selection = Selection(frames=frames, onsets="neutral" in names, classes=names)
            published = Protocol(
                f"ck_plus_{number}_{frames}", _FIVE, selection, made_for="ck_plus", remark=_TABLE_5_REMARK
            )
            yield published
            yield replace(published, name=f"{published.name}_subject", folding=_FIVE_STRICT, remark=_STRICT_TWIN)


def _across(train: str, score: str, published: str) -> Protocol:
    return Protocol(
        f"{train}_to_{score}",
        OfficialSplits((train,), (), (score,), (score,)),
        Selection(frames="last", classes=_SIX),
        datasets=(train, score),
        remark=f"mobilenet_realtime, discussion: {published}.",
    )


_PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "strict",
            OfficialSplits(("Training",), ("PublicTest",), ("PublicTest", "PrivateTest"), ("PrivateTest",)),
            remark="PrivateTest is scored once, with the epoch that PublicTest chose.",
        ),
        Protocol(
            "pooled",
            OfficialSplits(("Training",), _TESTS, _TESTS, _TESTS),
            remark="The number is optimistic; it is how papers with this class count, 7,178 images, were scored.",
        ),
        Protocol(
            "train_val",
            OfficialSplits(("Training", "PublicTest"), (), ("PrivateTest",), ("PrivateTest",)),
            remark="VGGNet's final tuning (small_cnn 2.3): more data to learn from, and none to choose the epoch.",
        ),
        Protocol(
            "development",
            OfficialSplits(("Training",), (), ("PublicTest",), ("PublicTest",)),
            remark="For comparing settings before one is trained to be scored: PrivateTest is not looked at.",
        ),
        Protocol(
            "small_target",
            _SMALL,
            remark="As many images as JAFFE has, to ask what a first stage is worth (mobilenet_realtime 5.1.1).",
        ),
        Protocol(
            "small_target_rest",
            replace(_SMALL, rest=True),
            remark="The first stage of small_target: none of its images.",
        ),
        Protocol(
            "vemo_splits",
            OfficialSplits(("train",), ("val",), ("test",), ("test",)),
            made_for="vemo",
            remark="residual_masking IV.A; test is scored once, with the epoch that val chose.",
        ),
        Protocol(
            "swapped",
            OfficialSplits(("Training",), ("PrivateTest",), ("PrivateTest", "PublicTest"), ("PublicTest",)),
            remark="VGGNet's public code (small_cnn 2.3) takes PrivateTest for validation and PublicTest for the test.",
        ),
        Protocol(
            "swapped_train_val",
            OfficialSplits(("Training", "PrivateTest"), (), ("PublicTest",), ("PublicTest",)),
            remark="VGGNet's final tuning (small_cnn 2.3) with the splits as its public code names them.",
        ),
        Protocol(
            "ck_plus_identity",
            _TEN,
            _CK_LAST_THREE,
            made_for="ck_plus",
            remark="attention_fusion 4.2, tables 1 and 3.",
        ),
        Protocol("ck_plus_identity_subject", _TEN_STRICT, _CK_LAST_THREE, made_for="ck_plus", remark=_STRICT_TWIN),
        Protocol(
            "ck_plus_identity_interleaved",
            replace(_TEN_STRICT, order="interleaved"),
            _CK_LAST_THREE,
            made_for="ck_plus",
            remark="Every tenth person: another reading of 'folds in ascending order' (attention_fusion 4.2).",
        ),
        Protocol(
            "oulu_casia_identity",
            _FIFTEEN,
            _OULU_FROM_SEVENTH,
            made_for="oulu_casia",
            remark="attention_fusion 4.2, tables 2 and 4, on the films in visible, strong light.",
        ),
        Protocol(
            "oulu_casia_identity_subject",
            _FIFTEEN_STRICT,
            _OULU_FROM_SEVENTH,
            made_for="oulu_casia",
            remark=_STRICT_TWIN,
        ),
        Protocol(
            "ck_plus_ranges",
            # Films by class, and how many of each a fold scores: 99 images of 981.
            ClassRanges(10, films=(45, 59, 25, 69, 28, 83, 18), tested=(4, 6, 3, 7, 3, 8, 2)),
            _CK_LAST_THREE,
            made_for="ck_plus",
            remark="The folds of a widely copied script for VGG19 and ResNet18 (94.65 % and 94.04 %): 24 of the 981 "
            "images are never scored, 27 twice, and fold 9 has 6 happy images too many.",
        ),
        Protocol("random5", _FIVE, remark=_FIVE_REMARK),
        Protocol("random5_subject", _FIVE_STRICT, remark=_STRICT_TWIN),
        *_table_5(),
        _across("jaffe", "ck_plus", "72.49 % is 224 of the 309 last frames"),
        _across("ck_plus", "jaffe", "50.27 % is 92 of the 183 faces that are not neutral"),
    )
}


def list_protocols() -> list[str]:
    """Names of the protocols."""
    return sorted(_PROTOCOLS)


def get_protocol(name: str) -> Protocol:
    """A protocol by name.

    Raises:
        FerstudyError: No protocol has this name.
    """
    return lookup("protocol", name, _PROTOCOLS)
