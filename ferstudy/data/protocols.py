"""Which images train a network, which choose among its epochs and settings, and which score it.

Most published FER accuracies differ in exactly this, so a protocol is a value: it is stored with every run and can be
read as a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from ferstudy.errors import FerstudyError, lookup


@dataclass(frozen=True)
class Protocol:
    """Split names by their use.

    Attributes:
        name: Registry name.
        train: Splits that the weights are fitted to.
        select: Splits whose accuracy chooses the epoch (and stops training, and lowers the rate).
        score: Splits that the chosen epoch is scored on, each apart.
        reported: Splits whose images together give the headline number.
        remark: What a reader must know when comparing, a sentence.
    """

    name: str
    train: tuple[str, ...]
    select: tuple[str, ...]
    score: tuple[str, ...]
    reported: tuple[str, ...]
    remark: str

    def __str__(self) -> str:
        return (
            f"{self.name}: train on {' + '.join(self.train)}, select on {' + '.join(self.select)}, "
            f"score on {' + '.join(self.reported)}. {self.remark}"
        )


_PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "strict",
            ("Training",),
            ("PublicTest",),
            ("PublicTest", "PrivateTest"),
            ("PrivateTest",),
            "PrivateTest is scored once, with the epoch that PublicTest chose.",
        ),
        Protocol(
            "pooled",
            ("Training",),
            ("PublicTest", "PrivateTest"),
            ("PublicTest", "PrivateTest"),
            ("PublicTest", "PrivateTest"),
            "The 7,178 test images also choose the epoch, so the number is optimistic; "
            "it is how papers with this class count were scored.",
        ),
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


def check_protocol(protocol: Protocol, splits_present: set[str], dataset: str) -> None:
    """Refuse a protocol that a copy of a dataset cannot serve.

    Raises:
        FerstudyError: A split that the protocol needs is not in this copy.
    """
    needed = {*protocol.train, *protocol.select, *protocol.score}
    missing = sorted(needed - splits_present)
    if missing:
        pooled = " (its test images are pooled, so they cannot be told apart)" if "Test" in splits_present else ""
        raise FerstudyError(
            f"{dataset}: the protocol {protocol.name!r} needs {', '.join(missing)}, which this copy lacks{pooled}; "
            "use a copy that carries the official splits"
        )
