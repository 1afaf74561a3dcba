"""Datasets, sequences and single pictures of synthetic faces.

They are hard on purpose: weak expressions, turned heads, odd light, hands before the face, sensor noise, and labels
that are wrong as often as in a dataset labelled by few people. Their results are stand-ins: they show that a method
works and say nothing about real faces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ferstudy.data.base import I64, U8, DatasetInfo, FaceDataset
from ferstudy.data.cache import content_fingerprint
from ferstudy.data.fer2013 import CLASSES, SPLITS
from ferstudy.data.synthetic.action_units import (
    ACTION_UNITS,
    F32,
    Intensity,
    intensities,
    position,
    prototype,
)
from ferstudy.data.synthetic.parameters import draw_conditions, draw_identities, studio, take
from ferstudy.data.synthetic.renderer import render_faces
from ferstudy.errors import FerstudyError

INFO = DatasetInfo(
    name="synthetic",
    classes=CLASSES,
    splits=SPLITS[:3],
    images=2_940,
    licence="made by this package (MIT)",
    how_to_get="always there: drawn when asked for",
    counts=(2_100, 420, 420),
)
SIZES = (24, 224)
# Mildly unequal, in the order of FER2013's frequencies.
_FREQUENCIES = np.array([0.14, 0.08, 0.14, 0.21, 0.16, 0.12, 0.15])
_FACES_A_PERSON = 12
_PROTOTYPES = np.stack([intensities(prototype(name)) for name in CLASSES])  # (K, 2, A)


@dataclass(frozen=True)
class Sequences:
    """Films from neutral to apex.

    Attributes:
        images: (S, T, H, W) grey pixels; frame 0 is neutral.
        labels: (S,) place of the emotion among those asked for; by default its class in FER2013's order.
        subjects: (S,) person; each shows every emotion.
    """

    images: U8
    labels: I64
    subjects: I64


def make(
    train: int = 2100,
    public: int = 420,
    private: int = 420,
    size: int = 48,
    seed: int = 0,
    label_noise: float = 0.08,
    difficulty: float = 1.0,
) -> FaceDataset:
    """A dataset in the form of FER2013: its classes, its three splits, no person in two of them.

    Args:
        train, public, private: Faces in Training, PublicTest and PrivateTest.
        size: Height and width in pixels, 24 to 224.
        seed: Everything follows from it.
        label_noise: Share of labels, of all splits, that are replaced by another class; no score can pass one minus it.
        difficulty: 0 for studio pictures, 1 for the wild, at most 2.

    Raises:
        FerstudyError: An impossible number.
    """
    _check_size(size)
    if min(train, public, private) < 0 or train + public + private == 0:
        raise FerstudyError(f"synthetic: expected numbers of faces >= 0, got {train}, {public} and {private}")
    if not 0 <= label_noise <= 1 or not 0 <= difficulty <= 2:
        raise FerstudyError(
            f"synthetic: expected label_noise of 0 to 1 and difficulty of 0 to 2, got {label_noise} and {difficulty}"
        )
    rng = np.random.default_rng(seed)
    counts = (train, public, private)
    people = [max(3, -(-n // _FACES_A_PERSON)) for n in counts]
    first = np.concatenate([[0], np.cumsum(people)])
    subjects = np.concatenate([rng.integers(first[k], first[k + 1], n) for k, n in enumerate(counts)])
    usage = np.repeat(np.arange(3), counts).astype(np.uint8)
    total = len(usage)
    shown = rng.choice(len(CLASSES), total, p=_FREQUENCIES)
    conditions = draw_conditions(total, rng, difficulty)
    units = _expressions(_PROTOTYPES[shown], shown == CLASSES.index("happy"), rng)
    images = render_faces(take(draw_identities(first[-1], rng), subjects), conditions, units, size)
    wrong = rng.random(total) < label_noise
    labels = np.where(wrong, (shown + rng.integers(1, len(CLASSES), total)) % len(CLASSES), shown)
    return FaceDataset(
        name="synthetic",
        classes=CLASSES,
        images=images,
        labels=labels.astype(np.int64),
        usage=usage,
        splits=SPLITS[:3],
        rows=np.arange(total, dtype=np.int64),
        fingerprint=content_fingerprint(images, labels.astype(np.uint8), usage),
        layout="drawn",
        real=False,
        subjects=subjects.astype(np.int64),
    )


def portraits(
    emotions: Sequence[str], people: Sequence[int], size: int = 96, seed: int = 0, difficulty: float = 0.5
) -> U8:
    """One picture each of people who show given emotions.

    Args:
        emotions: (N,) keys of ``PROTOTYPES`` or names of FER2013's classes.
        people: (N,) number of the person, from 0; the same number is the same face.
        size: Height and width in pixels, 24 to 224.
        seed: Everything follows from it.
        difficulty: 0 for studio pictures, 1 for the wild, at most 2.

    Returns:
        uint8 (N, size, size).

    Raises:
        FerstudyError: No such emotion, or an impossible number.
    """
    _check_size(size)
    if not emotions or len(emotions) != len(people) or min(people) < 0:
        raise FerstudyError(
            f"portraits: expected an emotion and a person >= 0 a picture, got {len(emotions)} and {len(people)}"
        )
    rng = np.random.default_rng(seed)
    who = take(draw_identities(max(people) + 1, rng), np.asarray(people))
    how = draw_conditions(len(people), rng, difficulty)
    prototypes = np.stack([intensities(prototype(name)) for name in emotions])
    smiling = np.array([name in ("happy", "happiness") for name in emotions])
    return render_faces(who, how, _expressions(prototypes, smiling, rng), size)


def _expressions(prototypes: F32, happy: npt.NDArray[np.bool_], rng: np.random.Generator) -> F32:
    """Intensities (N, 2, A) of people who show prototypes more or less, in their own way, and never evenly."""
    n = len(prototypes)
    strength = 0.3 + 0.7 * rng.beta(2.2, 1.4, (n, 1, 1))
    own_way = rng.uniform(0.55, 1.15, (n, 1, len(ACTION_UNITS)))
    uneven = rng.uniform(0.85, 1.0, (n, 2, 1))
    units = prototypes * strength * own_way * uneven
    # Units that belong to no emotion's prototype come and go; lips part in many smiles.
    stray = (rng.random((n, 1, len(ACTION_UNITS))) < 0.08) * rng.uniform(0, 0.45, (n, 1, len(ACTION_UNITS)))
    units = np.maximum(units, stray)
    smiling = happy & (rng.random(n) < 0.55)
    units[smiling, :, position(25)] = rng.uniform(0.3, 1.0, (int(smiling.sum()), 1))
    return np.clip(units, 0, 1).astype(np.float32)


def sequences(
    people: int = 4,
    frames: int = 12,
    size: int = 48,
    seed: int = 0,
    emotions: Sequence[str] = CLASSES[:6],
    difficulty: float = 0.5,
) -> Sequences:
    """Films of people who go from neutral to the apex of each emotion.

    Args:
        people: Number of persons.
        frames: Frames a film, at least 2.
        size: Height and width in pixels, 24 to 224.
        seed: Everything follows from it.
        emotions: Keys of ``PROTOTYPES`` or names of FER2013's classes; all of the latter but neutral where not given.
        difficulty: 0 for studio pictures, 1 for the wild, at most 2.

    Raises:
        FerstudyError: No such emotion, or an impossible number.
    """
    _check_size(size)
    if people < 1 or frames < 2:
        raise FerstudyError(f"sequences: expected people >= 1 and frames >= 2, got {people} and {frames}")
    rng = np.random.default_rng(seed)
    prototypes = np.stack([intensities(prototype(name)) for name in emotions])
    labels = np.tile(np.arange(len(emotions)), people)
    subjects = np.repeat(np.arange(people), len(emotions))
    films = np.repeat(np.arange(len(labels)), frames)
    who = take(take(draw_identities(people, rng), subjects), films)
    # One film has one camera: only the expression moves.
    how = take(draw_conditions(len(labels), rng, difficulty), films)
    rise = np.tile(np.linspace(0, 1, frames, dtype=np.float32), len(labels))
    units = prototypes[labels][films] * rise[:, None, None]
    images = render_faces(who, how, units.astype(np.float32), size)
    return Sequences(
        images.reshape(len(labels), frames, size, size), labels.astype(np.int64), subjects.astype(np.int64)
    )


def render(units: Mapping[int, Intensity], size: int = 96, identity: int = 0) -> U8:
    """One face in the studio with chosen action units, for teaching.

    Args:
        units: Intensity of 0 to 1 by unit, such as ``prototype("fear")`` or ``{12: 0.8}``.
        size: Height and width in pixels, 24 to 224.
        identity: Which person.

    Returns:
        uint8 (size, size).

    Raises:
        FerstudyError: Unknown unit, or an impossible intensity or size.
    """
    _check_size(size)
    who = draw_identities(1, np.random.default_rng(identity))
    return render_faces(who, studio(1), intensities(units)[None], size)[0]


def _check_size(size: int) -> None:
    if not SIZES[0] <= size <= SIZES[1]:
        raise FerstudyError(f"synthetic: expected a size of {SIZES[0]} to {SIZES[1]} pixels, got {size}")
