"""CK+ and Oulu-CASIA on disk: films from neutral to the apex."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ferstudy.data import ck_plus, oulu_casia
from ferstudy.data.base import I64, U8
from ferstudy.data.layouts._writing import begin, coloured, face_size, noisy, resized, save, scene
from ferstudy.data.pixel_tables import SIDE
from ferstudy.data.synthetic import sequences
from ferstudy.errors import FerstudyError, lookup, unknown

CK_PLUS_FORMS = ("owners", "CK+48", "ckextended.csv")
# What lies between the top of a copy and the persons' folders of one camera and lighting.
OULU_CASIA_FORMS = {
    "owners": "{camera}/{lighting}",
    "B_VL_Acropped": "B_{camera}_Acropped/{lighting}",
    "PreProcess Img": "PreProcess Img/{camera}_Acropped/{lighting}",
    "Strong": "{lighting}",
}
# Words for CK+'s emotions in folders, by the owners' codes.
_CK48_FOLDERS = ("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
# Words that Oulu-CASIA's owners use, in the order of its classes.
_FOLDERS = ("Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise")
_BRIGHTNESS = {"Strong": 1.0, "Weak": 0.6, "Dark": 0.25}


def write_ck_plus(
    folder: Path,
    people: int = 4,
    emotions: int = 7,
    frames: int = 5,
    scale: float = 0.125,
    label_noise: float = 0.0,
    form: str = "owners",
    seed: int = 0,
    difficulty: float = 0.5,
) -> Path:
    """Synthetic films as CK+. Each person has one film without a label; in the owners' form every third is in colour.

    Args:
        folder: Where to; made if need be.
        people: Persons, called S005, S010, ...
        emotions: Labelled films a person, 1 to 7, each of another emotion; 0 for as many of each emotion as the owners
            have, spread over the people evenly.
        frames: Frames a film; ``CK+48`` has the last three.
        scale: Size of the owners' pictures relative to 640 x 490; the other forms have faces of 48 x 48.
        label_noise: Share of films with another emotion's label.
        form: One of ``CK_PLUS_FORMS``.
        seed: Everything follows from it.
        difficulty: Of the faces, 0 for the studio to 2.

    Returns:
        The folder.

    Raises:
        FerstudyError: No such form.
    """
    if form not in CK_PLUS_FORMS:
        raise unknown("form of ck_plus", form, CK_PLUS_FORMS)
    rng = np.random.default_rng(seed)
    codes = list(ck_plus.CODES)
    # In grey 640 x 490, in colour 640 x 480, as CK+ has them.
    width, heights = round(640 * scale), (round(490 * scale), round(480 * scale))
    films = sequences(people, frames, face_size(width, heights[1]), seed, list(ck_plus.CODES.values()), difficulty)
    codes_shown = noisy(films.labels, len(codes), label_noise, rng)
    begin(folder)
    # Of its own, so that films and labels are the same in every form.
    usage_rng = np.random.default_rng((seed, 1))
    rows: list[str] = []
    labelled = _as_the_owners(films.labels, people, rng) if emotions == 0 else None
    for person in range(people):
        of_person = rng.permutation(np.flatnonzero(films.subjects == person))
        if labelled is not None:
            # Those with labels first.
            of_person = of_person[np.argsort(~labelled[of_person], kind="stable")]
        count = emotions if labelled is None else int(labelled[of_person].sum())
        for number, film in enumerate(of_person[: count + 1], 1):
            subject, take = f"S{5 * (person + 1):03d}", f"{number:03d}"
            code = codes[codes_shown[film]] if number <= count else None
            if form == "CK+48" and code is not None:
                for frame in range(frames - 2, frames + 1):
                    name = f"{_CK48_FOLDERS[code - 1]}/{subject}_{take}_{frame:08d}.png"
                    save(resized(films.images[film][frame - 1], SIDE, SIDE), folder / form / name)
            if form == "ckextended.csv":
                shown = [(0, "neutral")] + ([(-1, ck_plus.CODES[code])] if code is not None else [])
                for frame, name in shown:
                    rows.append(_row(films.images[film][frame], ck_plus.CLASSES.index(name), usage_rng))
            if form != "owners":
                continue
            for frame, face in enumerate(films.images[film], 1):
                in_colour = bool(film % 3 == 2)
                picture = scene(coloured(face) if in_colour else face, width, heights[in_colour])
                name = f"{subject}_{take}_{frame:08d}"
                save(picture, folder / "cohn-kanade-images" / subject / take / f"{name}.png")
            if code is not None:
                label = folder / "Emotion" / subject / take / f"{subject}_{take}_{frames:08d}_emotion.txt"
                label.parent.mkdir(parents=True)
                label.write_text(f"   {code:.7e}\n", encoding="ascii")
    if rows:
        (folder / form).write_text("\n".join(["emotion,pixels,Usage", *rows]) + "\n", encoding="ascii")
    return folder


def _as_the_owners(shown: I64, people: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which films have a label, if each emotion has as many as CK+'s; who has the fewest gets the next.

    Args:
        shown: (S,) place of each film's emotion among the codes, of each person one film of every emotion.
        people: Persons.
        rng: Who comes first among equals.

    Returns:
        (S,).

    Raises:
        FerstudyError: Fewer people than some emotion has films.
    """
    counts = [ck_plus.OFFICIAL[ck_plus.CLASSES.index(name)] for name in ck_plus.CODES.values()]
    if people < max(counts):
        raise FerstudyError(f"ck_plus: the owners' films take at least {max(counts)} people, got {people}")
    labelled = np.zeros(len(shown), bool)
    films = np.zeros(people, np.int64)
    for emotion in np.argsort(counts):
        chosen = np.lexsort((rng.random(people), films))[: counts[emotion]]
        labelled[np.flatnonzero(shown == emotion)[chosen]] = True
        films[chosen] += 1
    return labelled


def _row(face: U8, label: int, rng: np.random.Generator) -> str:
    """A row of ckextended.csv; its Usage is drawn at random."""
    usage = rng.choice(["Training", "PublicTest", "PrivateTest"], p=[0.8, 0.1, 0.1])
    return f"{label},{' '.join(map(str, resized(face, SIDE, SIDE).ravel()))},{usage}"


def write_oulu_casia(
    folder: Path,
    people: int = 4,
    frames: int = 9,
    imaging: Sequence[str] = ("VL",),
    lighting: Sequence[str] = ("Strong",),
    scale: float = 0.25,
    label_noise: float = 0.0,
    form: str = "owners",
    seed: int = 0,
    difficulty: float = 0.5,
) -> Path:
    """Synthetic films in Oulu-CASIA's layout: in visible light in colour, in near infrared grey.

    Args:
        folder: Where to; made if need be.
        people: Persons, called P001, P002, ...; each shows six emotions.
        frames: Frames a film.
        imaging: ``VL`` and ``NI``, or one of them.
        lighting: Any of ``Strong``, ``Weak`` and ``Dark``.
        scale: Size of the pictures relative to the owners' 320 x 240.
        label_noise: Share of persons' films that lie in another emotion's folder, which then holds theirs.
        form: One of ``OULU_CASIA_FORMS``; ``Strong``, without a folder of the camera, for one imaging only.
        seed: Everything follows from it.
        difficulty: Of the faces, 0 for the studio to 2.

    Returns:
        The folder.

    Raises:
        FerstudyError: No such form, or two cameras in one that has no folders for them.
    """
    place = lookup("form of oulu_casia", form, OULU_CASIA_FORMS)
    if form == "Strong" and len(imaging) > 1:
        raise FerstudyError(f"oulu_casia: expected one imaging in the form Strong, got {', '.join(imaging)}")
    rng = np.random.default_rng(seed)
    width, height = round(320 * scale), round(240 * scale)
    films = sequences(people, frames, face_size(width, height), seed, oulu_casia.CLASSES, difficulty)
    labels = films.labels.copy()
    for film in np.flatnonzero(rng.random(len(labels)) < label_noise):
        # A folder holds one film: two change places.
        other = rng.choice(np.flatnonzero(films.subjects == films.subjects[film]))
        labels[[film, other]] = labels[[other, film]]
    begin(folder)
    for kind in imaging:
        for light in lighting:
            for film, person, label in zip(films.images, films.subjects, labels, strict=True):
                inside = folder / place.format(camera=kind, lighting=light) / f"P{person + 1:03d}" / _FOLDERS[label]
                for frame, face in enumerate((film * _BRIGHTNESS[light]).astype(np.uint8)):
                    picture = scene(coloured(face) if kind == "VL" else face, width, height)
                    save(picture, inside / f"{frame:03d}.jpeg")
    return folder
