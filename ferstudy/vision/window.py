"""A live window, with what Python itself brings: OpenCV comes without one."""

from __future__ import annotations

from typing import Any

from ferstudy.errors import FerstudyError
from ferstudy.vision.boxes import U8


class Window:
    """Shows frames as they come; Escape, Q or its button closes it.

    Raises:
        FerstudyError: There is no screen, or this Python has no tkinter.
    """

    def __init__(self, title: str = "ferstudy") -> None:
        try:
            import tkinter

            self._root = tkinter.Tk()
        except Exception as error:
            # tkinter missing is an ImportError, a missing screen an error of tkinter's own.
            raise FerstudyError(f"cannot open a window ({error}); leave out --show") from error
        self._open = True
        self._root.title(title)
        self._root.protocol("WM_DELETE_WINDOW", self._end)
        for key in ("<Escape>", "q"):
            self._root.bind(key, self._end)
        self._picture: Any = None
        self._label = tkinter.Label(self._root)
        self._label.pack()

    def _end(self, *_: Any) -> None:
        self._open = False

    def show(self, image: U8) -> bool:
        """Show an RGB (H, W, 3) frame; whether the window is still open."""
        import tkinter

        if self._open:
            # The plain form of Netpbm is one that every tkinter reads.
            header = f"P6 {image.shape[1]} {image.shape[0]} 255 ".encode()
            self._picture = tkinter.PhotoImage(data=header + image.tobytes(), format="ppm")
            self._label.configure(image=self._picture)
            self._root.update()
        return self._open

    def close(self) -> None:
        """Take it off the screen."""
        self._root.destroy()
