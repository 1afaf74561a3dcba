"""What people say of faces: a results file a person, and how a class agrees with the labels and with itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ferstudy.data.fer2013 import CLASSES
from ferstudy.data.synthetic.action_units import CLASS_EMOTIONS
from ferstudy.errors import FerstudyError

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
_SUFFIX = ".answers.json"
# What a face got no answer for: the clock was faster.
SILENT = -1


@dataclass(frozen=True)
class Answers:
    """What one person said.

    Attributes:
        name: Pseudonym.
        faces: Which set of faces: equal words, equal faces.
        answers: (N,) class of each face, ``SILENT`` where the time was up.
        seconds: (N,) taken for each face.
    """

    name: str
    faces: str
    answers: tuple[int, ...]
    seconds: tuple[float, ...]

    def write(self, folder: Path) -> Path:
        """Keep the answers as ``NAME.answers.json``; a second game of the same name replaces the first.

        Raises:
            FerstudyError: The folder cannot be written.
        """
        name = re.sub(r"[^\w-]+", "_", self.name.strip()) or "nobody"
        path = folder / f"{name}{_SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise FerstudyError(f"cannot keep the answers in {folder} ({error.strerror}); choose another") from error
        return path


def read_answers(folder: Path, faces: str | None = None) -> list[Answers]:
    """The results files of a folder, by name.

    Args:
        folder: Where the students' files were gathered; one that is not there holds none.
        faces: Only answers to this set.

    Raises:
        FerstudyError: A file is damaged, or not of this kind.
    """
    found = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            one = Answers(row["name"], row["faces"], tuple(map(int, row["answers"])), tuple(map(float, row["seconds"])))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FerstudyError(f"{path}: not a results file of the labelling game; ask for it again") from error
        if faces is None or one.faces == faces:
            found.append(one)
    return found


@dataclass(frozen=True)
class Pool:
    """A class's answers to one set of faces.

    Attributes:
        names: (M,) people.
        answers: (M, N) class of each face, ``SILENT`` for none.
        labels: (N,) what the set's makers say.
    """

    names: tuple[str, ...]
    answers: I64
    labels: I64

    @property
    def votes(self) -> I64:
        """(N, K) how many people chose each class."""
        return np.stack([(self.answers == k).sum(0) for k in range(len(CLASSES))], 1)

    def with_labels(self) -> dict[str, float]:
        """Share of each person's answers that are the label, 0 to 1; silence counts as wrong."""
        return dict(zip(self.names, (self.answers == self.labels).mean(1).tolist(), strict=True))

    def with_each_other(self) -> float:
        """Share of pairs of people who say the same of a face, over all faces, 0 to 1; silence makes no pair."""
        votes = self.votes
        pairs = votes.sum(1) * (votes.sum(1) - 1)
        return float((votes * (votes - 1)).sum() / max(1, pairs.sum()))

    def majority(self) -> I64:
        """(N,) the class that most people chose; of equals the first."""
        return np.asarray(self.votes.argmax(1), np.int64)


def pool(people: Sequence[Answers], labels: Sequence[int] | I64) -> Pool:
    """Put the answers of several people together.

    Raises:
        FerstudyError: Nobody answered, or not all answered the same faces.
    """
    target = np.asarray(labels, np.int64)
    if not people:
        raise FerstudyError("nobody's answers: gather the students' files in one folder, then pool them")
    wrong = [one.name for one in people if len(one.answers) != len(target) or one.faces != people[0].faces]
    if wrong:
        raise FerstudyError(f"answers of {', '.join(wrong)} are to other faces than those of {people[0].name}")
    # Two may have given the same name, or one file may have been gathered twice under another.
    seen: Counter[str] = Counter()
    names = []
    for one in people:
        seen[one.name] += 1
        names.append(one.name if seen[one.name] == 1 else f"{one.name} ({seen[one.name]})")
    return Pool(tuple(names), np.array([one.answers for one in people], np.int64), target)


def vote_shares(audit: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """How FER+'s voters answered faces of each class, from a recorded audit.

    Returns:
        (K, K): rows are FER2013's labels, columns what was voted among its classes; rows sum to one. Votes for
        contempt, for unknown and for no face are left out.
    """
    by_label = audit["votes"]["by label"]
    shares = np.array([[by_label[label][CLASS_EMOTIONS[said]] for said in CLASSES] for label in CLASSES], np.float64)
    return np.asarray(shares / shares.sum(1, keepdims=True), np.float64)


def simulated(labels: Sequence[int] | I64, shares: npt.NDArray[np.float64], people: int = 10, seed: int = 0) -> Pool:
    """People who draw their answers from shares by label: what a class would look like that answers as FER+'s voters.

    They share no look at the picture, so they agree less with each other than people do.

    Args:
        labels: (N,).
        shares: (K, K), from :func:`vote_shares`.
        people: How many.
        seed: Everything follows from it.
    """
    target = np.asarray(labels, np.int64)
    rng = np.random.default_rng(seed)
    drawn = rng.random((people, len(target), 1)) > np.cumsum(shares, 1)[target]
    answers = np.minimum(drawn.sum(2), len(CLASSES) - 1).astype(np.int64)
    return Pool(tuple(f"simulated {k + 1}" for k in range(people)), answers, target)


def game_faces(images: U8, labels: I64, count: int = 20, seed: int = 0) -> tuple[U8, I64]:
    """Faces for a game, as many of each class as it goes, in an order that tells nothing.

    Args:
        images: uint8 (N, H, W).
        labels: (N,).
        count: How many.
        seed: The same seed, the same faces.

    Returns:
        Images (count, H, W) and labels (count,).
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    # A face's turn within its class: all first turns come before all second ones.
    turn = np.array([(labels[order[:k]] == labels[i]).sum() for k, i in enumerate(order)])
    chosen = rng.permutation(order[np.argsort(turn, kind="stable")][:count])
    return images[chosen], np.asarray(labels[chosen], np.int64)
