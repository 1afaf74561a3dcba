"""ferstudy: reproducible study notebooks for facial expression recognition, and the library behind them.

Data flows one way: papers -> recipes -> runs -> evaluation -> figures -> reports. Importing the package loads nothing
but this file; each name below loads what it needs when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferstudy.data import list_datasets, load_dataset
    from ferstudy.errors import FerstudyError
    from ferstudy.explanation import explain
    from ferstudy.models import create_model, list_models
    from ferstudy.papers import get_recipe, list_recipes
    from ferstudy.prediction import predict
    from ferstudy.recorded import results
    from ferstudy.scoring import evaluate
    from ferstudy.training import train

__version__ = "0.1.0"

__all__ = [
    "FerstudyError",
    "create_model",
    "evaluate",
    "explain",
    "get_recipe",
    "list_datasets",
    "list_models",
    "list_recipes",
    "load_dataset",
    "predict",
    "results",
    "train",
]

_HOMES = {
    "FerstudyError": "errors",
    "create_model": "models",
    "evaluate": "scoring",
    "explain": "explanation",
    "get_recipe": "papers",
    "list_datasets": "data",
    "list_models": "models",
    "list_recipes": "papers",
    "load_dataset": "data",
    "predict": "prediction",
    "results": "recorded",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ferstudy' has no attribute {name!r}")
    return getattr(importlib.import_module(f"ferstudy.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
