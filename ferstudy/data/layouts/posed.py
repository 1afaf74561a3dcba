"""JAFFE and KDEF on disk: posed pictures of few people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ferstudy.data import jaffe, kdef
from ferstudy.data.layouts._writing import begin, coloured, face_size, noisy, resized, save, scene
from ferstudy.data.synthetic import portraits
from ferstudy.errors import FerstudyError, lookup

# The folder of a picture by split, emotion and person; the owners give JAFFE flat and KDEF by person.
JAFFE_FORMS = {"owners": "", "by emotion": "{emotion}", "train": "{split}/{emotion}", "by person": "{person}"}
KDEF_FORMS = {"owners": "{person}", "flat": "", "by emotion": "{emotion}", "train": "{split}/{emotion}"}
# The initials of JAFFE's ten women.
_INITIALS = ("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")
# How much narrower a turned head is; the renderer itself turns heads only a little.
_WIDTHS = {"FL": 0.5, "HL": 0.75, "S": 1.0, "HR": 0.75, "FR": 0.5}


def write_jaffe(
    folder: Path,
    people: int = 4,
    poses: int = 2,
    scale: float = 0.25,
    label_noise: float = 0.0,
    form: str = "owners",
    seed: int = 0,
    difficulty: float = 0.5,
) -> Path:
    """Synthetic faces in JAFFE's layout.

    Args:
        folder: Where to; made if need be.
        people: Persons, 1 to 10.
        poses: Pictures a person and emotion.
        scale: Size of the pictures relative to the owners' 256 x 256.
        label_noise: Share of pictures named after another emotion.
        form: One of ``JAFFE_FORMS``.
        seed: Everything follows from it.
        difficulty: Of the faces, 0 for the studio to 2.

    Returns:
        The folder.

    Raises:
        FerstudyError: More people than JAFFE has, or no such form.
    """
    place = lookup("form of jaffe", form, JAFFE_FORMS)
    if people > len(_INITIALS):
        raise FerstudyError(f"jaffe: expected at most {len(_INITIALS)} people, got {people}")
    side = round(256 * scale)
    codes = list(jaffe.CODES)
    shown = np.tile(np.repeat(np.arange(len(codes)), poses), people)
    who = np.repeat(np.arange(people), len(codes) * poses)
    emotions = [jaffe.CODES[codes[k]] for k in shown]
    faces = portraits(emotions, who.tolist(), face_size(side, side, 0.9), seed, difficulty)
    named = noisy(shown, len(codes), label_noise, np.random.default_rng(seed))
    begin(folder)
    pose: Counter[tuple[int, int]] = Counter()
    for number, (face, person, label) in enumerate(zip(faces, who.tolist(), named.tolist(), strict=True), 1):
        pose[person, label] += 1
        name = f"{_INITIALS[person]}.{codes[label]}{pose[person, label]}.{number}.tiff"
        sorted_into = place.format(split=_split(number), emotion=jaffe.CODES[codes[label]], person=_INITIALS[person])
        save(scene(face, side, side), folder / sorted_into / name)
    return folder


def _split(number: int) -> str:
    """The split of a copy whose fifth part is for testing."""
    return "test" if number % 5 == 0 else "train"


def write_kdef(
    folder: Path,
    people: int = 2,
    angles: Sequence[str] = ("S",),
    scale: float = 0.125,
    form: str = "owners",
    seed: int = 0,
) -> Path:
    """Synthetic faces in KDEF's layout, a folder each person and session.

    Args:
        folder: Where to; made if need be.
        people: Women, and as many men.
        angles: Any of ``FL``, ``HL``, ``S``, ``HR`` and ``FR``.
        scale: Size of the pictures relative to the owners' 562 x 762.
        form: One of ``KDEF_FORMS``.
        seed: Everything follows from it.

    Returns:
        The folder.

    Raises:
        FerstudyError: No such form.
    """
    place = lookup("form of kdef", form, KDEF_FORMS)
    width, height = round(562 * scale), round(762 * scale)
    size = face_size(width, height, 0.9)
    persons = [f"{sex}{number:02d}" for sex in "FM" for number in range(1, people + 1)]
    names = [
        (who, f"{session}{person}", code, angle)
        for session in "AB"
        for who, person in enumerate(persons)
        for code in kdef.CODES
        for angle in angles
    ]
    faces = portraits([kdef.CODES[code] for _, _, code, _ in names], [who for who, *_ in names], size, seed)
    begin(folder)
    for number, (face, (_, person, code, angle)) in enumerate(zip(coloured(faces), names, strict=True), 1):
        turned = resized(face, round(size * _WIDTHS[angle]), size)
        sorted_into = place.format(split=_split(number), emotion=kdef.CODES[code], person=person)
        save(scene(turned, width, height), folder / sorted_into / f"{person}{code}{angle}.JPG")
    return folder
