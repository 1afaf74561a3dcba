"""Soft-edged painting on a batch of pictures, in the coordinates of the face.

Only additions, products, quotients and square roots are used, which every machine rounds alike, and nothing is summed
over pixels: a picture does not depend on the others of its batch, nor on the instructions of the processor.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from ferstudy.data.synthetic.action_units import F32, Number, position
from ferstudy.data.synthetic.parameters import MAX_PITCH, MAX_ROLL, MAX_SHIFT, MAX_YAW, ZOOM, Conditions, Identities

# Left, right, top and bottom of a part of the face, in face units.
Box = tuple[float, float, float, float]

# How far the middle of the face moves in a full turn and a full nod.
_YAW_SHIFT, _PITCH_SHIFT = 0.26, 0.16


def clip01(x: F32) -> F32:
    """x limited to 0..1, in place."""
    return np.clip(x, 0, 1, out=x)


def unit_vector(tangent: F32) -> tuple[F32, F32]:
    """Cosine and sine of the angle with this tangent."""
    cosine = 1 / np.sqrt(1 + tangent * tangent)
    return cosine, tangent * cosine


@lru_cache(maxsize=256)
def window(box: Box, size: int) -> tuple[slice, slice]:
    """The rows and columns that can show a part of the face, whatever the pose."""
    left, right, top, bottom = box
    xs, ys = [], []
    for x, y, roll, zoom in product((left, right), (top, bottom), (-MAX_ROLL, MAX_ROLL), ZOOM):
        cosine, sine = 1 / (1 + roll * roll) ** 0.5, roll / (1 + roll * roll) ** 0.5
        # The warps of turn and nod move the middle most and the rim not at all.
        for yaw, pitch in product((-MAX_YAW, 0, MAX_YAW), (-MAX_PITCH, 0, MAX_PITCH)):
            u, v = x + yaw * _YAW_SHIFT, y + pitch * _PITCH_SHIFT
            xs.append(zoom * (u * cosine - v * sine))
            ys.append(zoom * (u * sine + v * cosine))

    def span(low: float, high: float) -> slice:
        first = int((low - MAX_SHIFT + 1) / 2 * size) - 1
        last = int((high + MAX_SHIFT + 1) / 2 * size) + 2
        return slice(min(max(first, 0), size - 1), min(max(last, 1), size))

    return span(min(ys), max(ys)), span(min(xs), max(xs))


class Scene:
    """A batch of unfinished pictures.

    Attributes:
        who, how: Identities and conditions, each field (B, 1, 1).
        size: Height and width in pixels.
        px: Height of a pixel in face units.
        soft: Width of a soft edge in face units.
        x, y: (1, 1, S) and (1, S, 1) picture coordinates.
        head_u, head_v: (B, S, S) face coordinates of a flat head.
        u, v: (B, S, S) face coordinates with the turn and nod of the features.
        albedo: (B, S, S) brightness of the material, 0 to 1.
        relief: (B, S, S) light that small forms add or take away.
        lit: (B, S, S) light that falls on the large forms.
    """

    def __init__(self, who: Identities, how: Conditions, units: F32, size: int) -> None:
        self.who, self.how, self.size = who, how, size
        self._units = units
        self.px = 2 / size
        self.soft = max(1.3 * self.px, 0.016)
        axis = ((np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / size) - 1).astype(np.float32)
        self.x, self.y = axis[None, None, :], axis[None, :, None]
        cosine, sine = unit_vector(how.roll)
        cosine, sine = cosine / how.zoom, sine / how.zoom
        x, y = self.x - how.shift_x, self.y - how.shift_y
        self.head_u = cosine * x + sine * y
        self.head_v = cosine * y - sine * x
        self.u = self.head_u - how.yaw * _YAW_SHIFT * (1 - self.head_u * self.head_u)
        self.v = self.head_v - how.pitch * _PITCH_SHIFT * (1 - self.head_v * self.head_v)
        self.albedo: F32 = np.empty_like(self.u)
        self.relief: F32 = np.zeros_like(self.u)
        self.lit: F32 = np.ones_like(self.u)

    def au(self, unit: int, side: int = 0) -> F32:
        """Intensity (B, 1, 1) of an action unit on the viewer's left (-1) or right (1), or the mean of both (0)."""
        both = self._units[:, :, position(unit), None]
        return (both[:, :1] + both[:, 1:]) * np.float32(0.5) if side == 0 else both[:, :1] if side < 0 else both[:, 1:]

    def inside(self, distance: F32) -> F32:
        """Coverage of a shape from the signed distance to its edge, positive inside."""
        return clip01(distance * np.float32(1 / self.soft) + np.float32(0.5))

    def stroke(self, distance: Number, width: Number) -> F32:
        """Coverage of a line from the distance to it; one thinner than a pixel gets fainter, not wider."""
        shown = np.maximum(np.float32(width), np.float32(0.75 * self.px))
        q = distance / shown
        q *= q
        np.subtract(1, q, out=q)
        np.maximum(q, 0, out=q)
        q *= np.float32(width) / shown
        return q


class View:
    """A part of the face in all pictures of a scene, painted on a copy until :meth:`done`.

    Attributes:
        u, v: (B, h, w) face coordinates.
        albedo, relief: (B, h, w), as in the scene.
    """

    def __init__(self, scene: Scene, box: Box) -> None:
        self.scene = scene
        rows, cols = window(box, scene.size)
        self._at = (slice(None), rows, cols)
        self.u = np.ascontiguousarray(scene.u[self._at])
        self.v = np.ascontiguousarray(scene.v[self._at])
        self.albedo = np.ascontiguousarray(scene.albedo[self._at])
        self.relief = np.ascontiguousarray(scene.relief[self._at])

    def done(self) -> None:
        """Put the painted part back into the scene."""
        self.scene.albedo[self._at] = self.albedo
        self.scene.relief[self._at] = self.relief

    def paint(self, mask: F32, tone: Number) -> None:
        """Cover with a brightness where the mask is 1."""
        self.albedo += mask * (tone - self.albedo)

    def darken(self, mask: F32) -> None:
        """Take away the share of the brightness that the mask says."""
        self.albedo *= 1 - mask

    def bump(self, x: Number, y: Number, wide: Number, high: Number, height: Number) -> None:
        """A rounded elevation (or hollow, for a negative height), lit on the side that the light comes from.

        Args:
            x, y: Its middle.
            wide, high: Half width and half height.
            height: Steepness, about 0 to 1.
        """
        how = self.scene.how
        du = (self.u - x) / wide
        dv = (self.v - y) / high
        k = du * du
        k += dv * dv
        np.subtract(1, k, out=k)
        np.maximum(k, 0, out=k)
        k *= k
        du *= how.light_x * height
        # Light mostly comes from above, and the viewer reads forms by that.
        dv *= (how.light_y - np.float32(0.35)) * height
        du += dv
        du *= k
        self.relief += du

    def crease(
        self,
        x: Number,
        y: Number,
        slope: float,
        length: Number,
        curve: Number,
        width: float,
        depth: Number,
    ) -> None:
        """A dark wrinkle.

        Args:
            x, y: Its middle.
            slope: Tangent of its direction, down to the right; a steep one is drawn along y where above 1 in size.
            length: Half length.
            curve: How far its ends bend to larger y (to larger x for a steep one), in units of its half length.
            width: Half width.
            depth: Share of the brightness that it takes, 0 to 1.
        """
        along, across = self.u - x, self.v - y
        if abs(slope) > 1:
            along, across, slope = across, along, 1 / slope
        # Shear instead of rotation: the slope is constant and the length is measured along one axis.
        s = along / length
        across -= along * np.float32(slope)
        across -= s * s * (curve * length)
        s *= s
        np.subtract(1, s, out=s)
        np.maximum(s, 0, out=s)
        line = self.scene.stroke(across, width)
        line *= s
        line *= depth
        np.minimum(line, np.float32(0.9), out=line)
        self.albedo *= 1 - line
