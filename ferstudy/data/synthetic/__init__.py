"""Synthetic faces: drawn from facial action units, always there, never mistaken for real ones."""

from ferstudy.data.synthetic.action_units import ACTION_UNITS, PROTOTYPES, prototype
from ferstudy.data.synthetic.dataset import INFO, Sequences, make, portraits, render, sequences

__all__ = ["ACTION_UNITS", "INFO", "PROTOTYPES", "Sequences", "make", "portraits", "prototype", "render", "sequences"]
