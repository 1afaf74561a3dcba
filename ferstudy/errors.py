"""The one exception that means "the user can put this right"."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


class FerstudyError(Exception):
    """A mistake in input, names, files or data, told in one line: the thing, what was expected, what to do.

    The command line prints it without a traceback and exits with code 2.
    """

    def __str__(self) -> str:
        return " ".join(super().__str__().split())


def unknown(kind: str, name: object, known: Iterable[str]) -> FerstudyError:
    """The error for a name that is not in a list, with the nearest names that are."""
    names = sorted(known)
    near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names) or 'none'}"
    return FerstudyError(f"unknown {kind} {name!r}; {hint}")


def lookup(kind: str, name: str, table: Mapping[str, T]) -> T:
    """The entry of a registry.

    Raises:
        FerstudyError: No entry has this name; the message has the nearest that there are.
    """
    if name not in table:
        raise unknown(kind, name, table)
    return table[name]
