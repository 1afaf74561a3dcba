"""What every widget here shares: where there is no front end, it shows a still picture of its state."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

# The key under which a notebook's output names the widget that a front end draws.
VIEW = "application/vnd.jupyter.widget-view+json"


class Live(widgets.VBox):
    """A widget with a still picture: papermill and nbconvert keep the picture, a front end shows the widget."""

    def still(self) -> str:
        """The present state as HTML that needs no script."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self.still()}
