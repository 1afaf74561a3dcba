"""Studies train once and are recorded; the notebooks render what is recorded."""

from __future__ import annotations

from ferstudy.studies.study import Arm, Study, queue

__all__ = ["Arm", "Study", "queue"]
