"""How much a report does: three sizes of the same work."""

from __future__ import annotations

from dataclasses import dataclass

from ferstudy.errors import lookup


@dataclass(frozen=True)
class Profile:
    """The size of a report's work.

    Attributes:
        name: ``smoke`` for tests, ``quick`` for a fresh machine, ``paper`` with real data where it is found.
        faces: Synthetic training faces; a fifth as many for each test split.
        epochs: Epochs of the lesson's training.
        repeats: Repetitions behind every timing.
        frames: Frames of the sample video.
        real_data: Look for the real datasets; recorded runs stand in where they are not.
    """

    name: str
    faces: int
    epochs: int
    repeats: int
    frames: int
    real_data: bool


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("smoke", faces=280, epochs=1, repeats=2, frames=6, real_data=False),
        Profile("quick", faces=2100, epochs=20, repeats=10, frames=48, real_data=False),
        Profile("paper", faces=2100, epochs=20, repeats=30, frames=96, real_data=True),
    )
}


def get_profile(name: str) -> Profile:
    """A profile by its name.

    Raises:
        FerstudyError: No profile has this name.
    """
    return lookup("profile", name, PROFILES)
