"""Widgets for the class, on ipywidgets: each answers at once, and is a still picture where there is no front end."""

from ferstudy.widgets.bars import ProbabilityBars
from ferstudy.widgets.cam import CamOverlay
from ferstudy.widgets.confusion import ConfusionFaces
from ferstudy.widgets.curves import TrainingCurves
from ferstudy.widgets.explorer import ThresholdExplorer
from ferstudy.widgets.face_lab import FaceLab
from ferstudy.widgets.game import LabellingGame
from ferstudy.widgets.live import Live
from ferstudy.widgets.pareto import ParetoExplorer
from ferstudy.widgets.training_lab import TrainingLab

__all__ = [
    "CamOverlay",
    "ConfusionFaces",
    "FaceLab",
    "LabellingGame",
    "Live",
    "ParetoExplorer",
    "ProbabilityBars",
    "ThresholdExplorer",
    "TrainingCurves",
    "TrainingLab",
]
