"""Every form in which people have a dataset: the same faces as in its owners' layout, and no loss without a word."""

from __future__ import annotations

import csv
import itertools
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ferstudy.data import (
    FaceDataset,
    ck_plus,
    dataset_info,
    fer2013_splits,
    ferplus,
    jaffe,
    kdef,
    load_dataset,
    oulu_casia,
    raf_db,
    vemo,
)
from ferstudy.data.fer2013 import SPLITS
from ferstudy.data.layouts import FORMS, LAYOUTS
from ferstudy.data.places import STAND_IN
from ferstudy.data.protocols import get_protocol
from ferstudy.errors import FerstudyError
from ferstudy.vision.media import IMAGE_SUFFIXES

# The owners' forms and all others, as name:form.
CASES = [*LAYOUTS, *(f"{name}:{form}" for name, forms in FORMS.items() for form in forms[1:])]
OTHERS = [case for case in CASES if ":" in case]
# Others than the owners' whose pictures are the same files.
SAME = [case for case in OTHERS if case.partition(":")[0] in ("jaffe", "kdef", "oulu_casia", "raf_db")]
FER2013 = [case for case in OTHERS if case.startswith("fer2013:")]


def write(case: str, folder: Path) -> Path:
    name, _, form = case.partition(":")
    return LAYOUTS[name](folder, **({"form": form} if form else {}))


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    written: dict[str, Path] = {}

    def of(case: str) -> Path:
        if case not in written:
            written[case] = write(case, tmp_path_factory.mktemp("forms") / "copy")
        return written[case]

    return of


def load(case: str, root: Path, **options: Any) -> FaceDataset:
    return load_dataset(case.partition(":")[0], root=root, **options)


def equal(ours: np.ndarray | None, theirs: np.ndarray | None) -> None:
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        np.testing.assert_array_equal(ours, theirs)


@pytest.fixture(scope="session")
def official(
    forms: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[ModuleType, str, Any]]:
    """The official counts by which the small written copies are whole: module, name and value."""
    with pytest.MonkeyPatch.context() as patch:
        # Warnings are cached with the arrays; these follow from other counts.
        patch.setenv("FERSTUDY_CACHE", str(tmp_path_factory.mktemp("cache")))

        def counts(case: str) -> np.ndarray:
            return load(case, forms(case)).counts()

        films = counts("ck_plus")[0]
        films[ck_plus.CLASSES.index("neutral")] = 0
        votes = counts("ferplus")
        return [
            (ck_plus, "OFFICIAL", tuple(films)),
            (ck_plus, "OFFICIAL_EXTENDED", tuple(counts("ck_plus:ckextended.csv")[0])),
            (jaffe, "OFFICIAL", tuple(counts("jaffe")[0])),
            *((module, "OFFICIAL_SUBJECTS", 4) for module in (ck_plus, jaffe, kdef, oulu_casia)),
            (raf_db, "OFFICIAL", counts("raf_db")),
            (vemo, "OFFICIAL", counts("vemo")),
            (fer2013_splits, "OFFICIAL", counts("fer2013")),
            (ferplus, "OFFICIAL", tuple(votes.sum(1))),
            (ferplus, "OFFICIAL_TEST", tuple(votes[2])),
        ]


@pytest.fixture
def whole(official: list[tuple[ModuleType, str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take the small written copies for whole ones: the official counts are theirs."""
    for module, name, value in official:
        monkeypatch.setattr(module, name, value)
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("case", SAME)
def test_the_same_pictures_are_the_same_dataset(case: str, forms: Callable[[str], Path]) -> None:
    name = case.partition(":")[0]
    ours, owners = load(case, forms(case)), load(name, forms(name))
    assert ours.fingerprint == owners.fingerprint
    assert (ours.classes, ours.splits) == (owners.classes, owners.splits)
    for field in ("images", "labels", "usage", "rows", "subjects", "sequences", "frames"):
        equal(getattr(ours, field), getattr(owners, field))
    assert set(owners.warnings) <= set(ours.warnings)


@pytest.mark.parametrize("frames", ["last", "last3"])
def test_ck48_has_the_films_of_the_owners_layout(frames: str, forms: Callable[[str], Path]) -> None:
    ours = load("ck_plus", forms("ck_plus:CK+48"), frames=frames)
    owners = load("ck_plus", forms("ck_plus"), frames=frames)
    owners = owners.select(owners.labels != owners.classes.index("neutral"))
    assert len(ours) == 28 * ck_plus.FRAMES[frames]
    assert [ours.classes[k] for k in ours.labels] == [owners.classes[k] for k in owners.labels]
    assert "neutral" not in ours.classes
    for field in ("usage", "subjects", "sequences", "frames"):
        equal(getattr(ours, field), getattr(owners, field))


def test_ckextended_has_the_faces_of_the_owners_layout_and_no_people(tmp_path: Path) -> None:
    # Of six films of each person, the last has no label.
    ours, owners = (
        load("ck_plus", LAYOUTS["ck_plus"](tmp_path / form, emotions=5, form=form))
        for form in ("ckextended.csv", "owners")
    )
    assert ours.classes == owners.classes
    assert ours.splits == owners.splits
    expected = owners.counts()[0].copy()
    # The first frames of the four persons' films without a label.
    expected[ours.classes.index("neutral")] += 4
    assert ours.counts()[0].tolist() == expected.tolist()
    assert ours.subjects is ours.sequences is ours.frames is None


@pytest.mark.parametrize("case", FER2013)
@pytest.mark.usefixtures("whole")
def test_fer2013_is_the_same_faces_in_the_same_splits(case: str, forms: Callable[[str], Path]) -> None:
    """As of a whole copy: what does not say its splits has the official counts, which tell them."""
    ours, owners = load(case, forms(case)), load("fer2013", forms("fer2013"))
    assert ours.splits == SPLITS
    for split in SPLITS[:3]:
        mine, theirs = ours.split(split), owners.split(split)
        assert Counter((image.tobytes(), label) for image, label in zip(mine.images, mine.labels, strict=True)) == (
            Counter((image.tobytes(), label) for image, label in zip(theirs.images, theirs.labels, strict=True))
        )
    if case.partition(":")[2] not in ("parquet_splits",):
        equal(ours.images, owners.images)
        assert ours.rows.tolist() == owners.rows.tolist()


@pytest.mark.parametrize("case", ["fer2013:folders_train_val_test", "fer2013:folders_train_validation"])
def test_validation_images_with_other_counts_are_kept_apart(case: str, forms: Callable[[str], Path]) -> None:
    ours, owners = load(case, forms(case)), load("fer2013", forms("fer2013"))
    assert len(ours) == len(owners)
    assert len(ours.split("Validation")) > 0
    assert any("may come from any official split" in warning for warning in ours.warnings)
    with pytest.raises(FerstudyError, match="needs .*PublicTest"):
        get_protocol("strict").folds(ours)


# What is removed, by kind, and from what nothing is: no loader can know that it was there.
UNKNOWABLE = {
    # A user's own folder is whatever the user has in it.
    "folder:file": "how many pictures a class has",
    "folder:folder": "which splits there are",
    "folder:table:row": "which pictures are meant",
    "folder:table:column": "whether there were splits and people",
    "folder:classes:file": "how many pictures a class has",
    "folder:classes:folder": "which classes there are",
}
TRIES = 4


def tables(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.suffix in (".csv", ".parquet", ".txt") and "stand-in" not in p.name)


def remove_folder(root: Path, rng: np.random.Generator) -> str:
    inside = sorted(p for p in root.rglob("*") if p.is_dir())
    folder = inside[rng.integers(len(inside))]
    shutil.rmtree(folder)
    return str(folder.relative_to(root))


def remove_file(root: Path, rng: np.random.Generator) -> str:
    inside = sorted(p for p in root.rglob("*") if p.is_file() and "stand-in" not in p.name)
    if "VL" in str(inside[0]) or "Strong" in str(inside[0]):
        # How long a film of Oulu-CASIA is, nothing says: its last frame is not missed.
        inside = [p for p in inside if p.stem != "008"]
    file = inside[rng.integers(len(inside))]
    file.unlink()
    return str(file.relative_to(root))


def remove_frame(root: Path, rng: np.random.Generator) -> str:
    """Of a film the first frame, or one that is not its last; of a table a row."""
    pictures = sorted(p for p in root.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    films = [
        list(paths) for _, paths in itertools.groupby(pictures, key=lambda p: (p.parent, p.stem.rpartition("_")[0]))
    ]
    films = [film for film in films if len(film) > 1]
    film = films[rng.integers(len(films))]
    frame = film[rng.integers(len(film) - 1)]
    frame.unlink()
    return str(frame.relative_to(root))


def remove_row(root: Path, rng: np.random.Generator) -> str:
    files = [path for path in tables(root) if path.suffix != ".parquet"]
    path = files[rng.integers(len(files))]
    lines = path.read_text().splitlines()
    gone = int(rng.integers(1, len(lines))) if len(lines) > 1 else 0
    path.write_text("\n".join(lines[:gone] + lines[gone + 1 :]) + "\n")
    return f"{path.relative_to(root)} line {gone + 1}"


def remove_column(root: Path, rng: np.random.Generator) -> str:
    files = [path for path in tables(root) if path.suffix != ".txt"]
    path = files[rng.integers(len(files))]
    if path.suffix == ".parquet":
        from pyarrow import parquet

        table = parquet.read_table(path)
        gone = table.column_names[rng.integers(table.num_columns)]
        parquet.write_table(table.drop_columns([gone]), path)
        return f"{path.name}: {gone}"
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    column = int(rng.integers(len(rows[0])))
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(row[:column] + row[column + 1 :] for row in rows)
    return f"{path.name}: {rows[0][column]}"


REMOVALS = {
    "folder": remove_folder,
    "file": remove_file,
    "frame": remove_frame,
    "row": remove_row,
    "column": remove_column,
}


def has(kind: str, root: Path) -> bool:
    if kind == "folder":
        return any(p.is_dir() for p in root.rglob("*"))
    if kind == "frame":
        return (
            (root / "cohn-kanade-images").is_dir()
            or "CK+48" in str(list(root.iterdir()))
            or bool(list(root.rglob("Strong")))
        )
    suffixes = {"row": (".csv", ".txt"), "column": (".csv", ".parquet")}
    return kind == "file" or any(path.suffix in suffixes[kind] for path in tables(root))


@pytest.mark.parametrize("kind", REMOVALS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("whole")
def test_nothing_is_lost_without_a_word(
    case: str, kind: str, forms: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that lacks something gives the whole data all the same, or a line that says so: an error or a warning."""
    if f"{case}:{kind}" in UNKNOWABLE:
        pytest.skip(f"nothing says {UNKNOWABLE[f'{case}:{kind}']}")
    source = forms(case)
    if not has(kind, source):
        pytest.skip(f"{case} has no {kind}")
    if case == "ferplus":
        # Its faces are a FER2013 of their own.
        monkeypatch.setattr(fer2013_splits, "OFFICIAL", load("fer2013", source).counts())
        monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path / "another cache"))
    intact = load(case, source)
    assert not any("deviates" in warning for warning in intact.warnings)
    for seed in range(TRIES):
        root = tmp_path / str(seed)
        shutil.copytree(source, root)
        removed = REMOVALS[kind](root, np.random.default_rng((seed, *map(ord, case + kind))))
        try:
            left = load(case, root)
        except FerstudyError:
            continue
        said = set(left.warnings) - set(intact.warnings)
        same = left.fingerprint == intact.fingerprint and left.splits == intact.splits
        equal_people = (left.subjects is None) == (intact.subjects is None)
        assert said or (same and equal_people), f"without {removed}: {len(left)} of {len(intact)} images"


@pytest.mark.parametrize("column", ["path", "label"])
def test_a_table_of_ones_own_without_a_needed_column_is_no_table(
    column: str, forms: Callable[[str], Path], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(forms("folder:table"), tmp_path / "copy"))
    text = (root / "labels.csv").read_text()
    (root / "labels.csv").write_text(text.replace(column, "other", 1))
    with pytest.raises(FerstudyError, match="folder is not in"):
        load("folder", root)


@pytest.mark.parametrize("case", OTHERS)
def test_forms_are_found_however_they_lie(case: str, forms: Callable[[str], Path], tmp_path: Path) -> None:
    """One folder too deep, under a name in another script, with files that are none of theirs and links in circles."""
    root = Path(shutil.copytree(forms(case), tmp_path / "visages 表情" / case.partition(":")[0]))
    for folder in [root, *(p for p in sorted(root.rglob("*")) if p.is_dir())]:
        for stray in ("Thumbs.db", ".DS_Store", "desktop.ini", "._copy.png"):
            (folder / stray).write_bytes(b"\x00stray")
        (folder / "loop").symlink_to(root, target_is_directory=True)
        (folder / "itself").symlink_to(folder / "itself")
    ours, expected = load(case, root.parent), load(case, forms(case))
    assert ours.fingerprint == expected.fingerprint
    assert not ours.real
    (root / STAND_IN).unlink()
    assert load(case, root.parent).real


def test_a_class_that_a_split_of_ones_own_lacks_is_told(forms: Callable[[str], Path], tmp_path: Path) -> None:
    root = Path(shutil.copytree(forms("folder"), tmp_path / "copy"))
    shutil.rmtree(root / "test" / "fear")
    assert "classes are missing in some splits: test/fear" in load("folder", root).warnings


@pytest.mark.parametrize("case", ["jaffe:by emotion", "jaffe:train", "kdef:by emotion", "ck_plus:CK+48"])
def test_folders_by_emotion_are_all_there_or_an_error(case: str, forms: Callable[[str], Path], tmp_path: Path) -> None:
    root = Path(shutil.copytree(forms(case), tmp_path / "copy"))
    for folder in [p for p in root.rglob("*") if p.name.startswith("sad")]:
        shutil.rmtree(folder)
    with pytest.raises(FerstudyError, match="has no picture in a folder for sad; add what is missing"):
        load(case, root)


@pytest.mark.parametrize("case", ["jaffe:by emotion", "kdef:by emotion", "raf_db:DATASET"])
def test_a_picture_in_another_folder_than_its_own_is_an_error(
    case: str, forms: Callable[[str], Path], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(forms(case), tmp_path / "copy"))
    folders = sorted({p.parent for p in root.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES})
    picture = next(p for p in sorted(folders[0].iterdir()) if p.suffix.lower() in IMAGE_SUFFIXES)
    copied = shutil.copy(picture, folders[1])
    with pytest.raises(FerstudyError, match="there twice|each once"):
        load(case, root)
    picture.unlink()
    with pytest.raises(FerstudyError, match="in the folder of"):
        load(case, root)
    Path(copied).rename(picture)
    load(case, root)


def test_what_ck48_and_ckextended_cannot_give_is_refused(forms: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(FerstudyError, match="holds the last 3 frames of each film and not 'all'"):
        load("ck_plus", forms("ck_plus:CK+48"), frames="all")
    for frames in ("last3", "all"):
        with pytest.raises(FerstudyError, match="holds the last frame of each film and not .* CK.48 for 'last3'"):
            load("ck_plus", forms("ck_plus:ckextended.csv"), frames=frames)
    root = Path(shutil.copytree(forms("ck_plus:CK+48"), tmp_path / "copy"))
    next(root.rglob("S010_001_*.png")).unlink()
    with pytest.raises(FerstudyError, match="S010/001 has .*: which frame is its last cannot be told"):
        load("ck_plus", root)


def test_faces_of_a_table_are_cut_already(forms: Callable[[str], Path]) -> None:
    root = forms("ck_plus:ckextended.csv")
    data = load("ck_plus", root, faces={"detector": "haar", "size": 48, "channels": 3})
    assert data.images.shape == (56, 48, 48, 3)
    assert any("haar was not asked" in warning for warning in data.warnings)
    assert load("ck_plus", root / "ckextended.csv").images.shape == (56, 128, 128)


def test_bare_oulu_casia_is_of_one_camera(forms: Callable[[str], Path]) -> None:
    root = forms("oulu_casia:Strong")
    assert any("no folder says which camera" in warning for warning in load("oulu_casia", root).warnings)
    # The folder of the lighting itself, named by the user, is the same copy.
    assert load("oulu_casia", root / "Strong").fingerprint == load("oulu_casia", root).fingerprint
    with pytest.raises(FerstudyError, match="no picture in .* as NI/Strong"):
        load("oulu_casia", root, imaging="NI")


def test_parquet_without_pyarrow_names_the_extra(
    forms: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FERSTUDY_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FerstudyError, match=r"is a parquet file.*pip install 'ferstudy\[parquet\]'"):
        load("fer2013", forms("fer2013:fer2013.parquet"))


def test_parquet_that_cannot_be_read_is_refused(forms: Callable[[str], Path], tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    root = Path(shutil.copytree(forms("fer2013:parquet_splits"), tmp_path / "copy"))
    first = root / "data" / "train-00000-of-00002.parquet"
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FerstudyError, match="train-00000-of-00002.parquet is not a readable parquet file"):
        load("fer2013", root)
    first.unlink()
    with pytest.raises(FerstudyError, match="has 1 of the 2 parts of train and not number 0"):
        load("fer2013", root)
    # Numbers of classes in nobody knows which order.
    table = parquet.read_table(root / "data" / "train-00001-of-00002.parquet").replace_schema_metadata({})
    shutil.rmtree(root)
    root.mkdir()
    parquet.write_table(table, root / "train.parquet")
    with pytest.raises(FerstudyError, match="does not say which emotions they are"):
        load("fer2013", root)
    grey = " ".join(["1"] * 2304)
    parquet.write_table(pyarrow.table({"emotion": [0, 9], "pixels": [grey] * 2}), root / "train.parquet")
    with pytest.raises(FerstudyError, match="train.parquet row 2: expected an emotion of 0..6"):
        load("fer2013", root)
    (root / "train.parquet").rename(root / "fer2013.parquet")
    parquet.write_table(pyarrow.table({"emotion": [0], "pixels": [grey]}), root / "fer2013.parquet")
    with pytest.raises(FerstudyError, match="lacks the column Usage"):
        load("fer2013", root / "fer2013.parquet")


@pytest.mark.parametrize(
    ("name", "forms_named"),
    [
        ("ck_plus", ("CK+48", "ckextended.csv", "cohn-kanade-images")),
        ("fer2013", ("icml_face_data.csv", "images/train", "parquet")),
        ("jaffe", ("KA.AN1.39.tiff", "by emotion")),
        ("oulu_casia", ("VL_Acropped", "Strong")),
        ("raf_db", ("Image/aligned", "DATASET/train/1")),
    ],
)
def test_how_to_get_a_dataset_names_its_forms(name: str, forms_named: tuple[str, ...]) -> None:
    for form in forms_named:
        assert form in dataset_info(name).how_to_get
