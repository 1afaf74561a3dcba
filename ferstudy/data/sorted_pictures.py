"""Pictures whose names say who is in them, however people have sorted them into folders.

The owners of JAFFE and KDEF name a picture after its person and emotion. Copies lie flat, in folders by person, by
emotion, or by split and emotion; CK+48 has only folders by emotion. All of them hold the same pictures, so all their
folders are read together: to read the first alone would lose most of the dataset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ferstudy.data.emotions import emotion
from ferstudy.data.pictures import some
from ferstudy.data.places import SPLIT_WORDS, locate, natural, pictures, subfolders
from ferstudy.errors import FerstudyError


@dataclass(frozen=True)
class Sorted:
    """A picture, what its name says, and in which emotion's folder it lies.

    Attributes:
        path: Its file.
        match: Of its name with the dataset's pattern.
        emotion: What the name of its folder means; empty where that is no emotion.
    """

    path: Path
    match: re.Match[str]
    emotion: str = ""


@dataclass(frozen=True)
class Naming:
    """How a dataset names its pictures.

    Attributes:
        dataset: Registry name.
        picture: Matches the name of a picture.
        person: Matches the lower-case name of a person's folder.
        by_emotion: Whether only pictures in an emotion's folder count, because their names do not say it.
    """

    dataset: str
    picture: re.Pattern[str]
    person: re.Pattern[str] | None = None
    by_emotion: bool = False

    def find(self, root: Path) -> Path | None:
        """The folder below which the pictures lie, in ``root``, or ``None``."""
        return locate(root, lambda folder: next(self._in(folder), None) is not None)

    def read(self, top: Path) -> tuple[list[Sorted], list[str]]:
        """All pictures below a folder that :meth:`find` returned, in natural order of their names.

        Returns:
            The pictures; the names of those that are none of the dataset's.

        Raises:
            FerstudyError: A picture is there twice.
        """
        found = sorted(self._in(top), key=lambda picture: (natural(picture.path.name), picture.path.name))
        by_stem: dict[str, Path] = {}
        for picture in found:
            other = by_stem.setdefault(picture.path.stem.lower(), picture.path)
            if other is not picture.path:
                raise FerstudyError(
                    f"{self.dataset}: {picture.path.stem} is there twice, as {other.relative_to(top)} and as "
                    f"{picture.path.relative_to(top)}; keep one of them"
                )
        strange = [path.name for place, _ in self._places(top) for path in pictures(place)]
        return found, [name for name in strange if not self.picture.fullmatch(name)]

    def check_emotions(self, top: Path, found: Sequence[Sorted], names: Sequence[str], expected: Iterable[str]) -> None:
        """Refuse folders by emotion that are not all there, and a folder that contradicts a picture's name.

        Args:
            top: Where the pictures are.
            found: The pictures.
            names: The emotion of each by its name.
            expected: Emotions that have a folder in a whole copy.

        Raises:
            FerstudyError: An emotion's folder is missing or empty, or a picture lies in another emotion's.
        """
        sorted_into = {picture.emotion for picture in found} - {""}
        missing = [name for name in expected if name not in sorted_into]
        if sorted_into and missing:
            raise FerstudyError(
                f"{self.dataset}: {top} is sorted by emotion and has no picture in a folder for {some(missing, 8)}; "
                "add what is missing: a part is not the dataset"
            )
        for picture, name in zip(found, names, strict=True):
            if picture.emotion not in ("", name):
                raise FerstudyError(
                    f"{self.dataset}: {picture.path.relative_to(top)} is {name} by its name and lies in the folder of "
                    f"{picture.emotion}; put it into its own"
                )

    def _in(self, top: Path) -> Iterator[Sorted]:
        for place, name in self._places(top):
            for path in pictures(place) if name or not self.by_emotion else []:
                match = self.picture.fullmatch(path.name)
                if match:
                    yield Sorted(path, match, name)

    def _places(self, top: Path, name: str = "", deeper: int = 2) -> Iterator[tuple[Path, str]]:
        """The folder and those by split, emotion or person in it, two deep, each with the emotion that it is for."""
        yield top, name
        for word, folder in subfolders(top) if deeper else []:
            meant = emotion(word)
            if meant or word in SPLIT_WORDS or (self.person and self.person.fullmatch(word)):
                yield from self._places(folder, meant or name, deeper - 1)
