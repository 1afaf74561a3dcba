"""From parameters to pixels, in batches that fit the processor's cache."""

from __future__ import annotations

import numpy as np

from ferstudy.data.base import U8
from ferstudy.data.synthetic import features, head
from ferstudy.data.synthetic.action_units import F32
from ferstudy.data.synthetic.canvas import Scene, clip01
from ferstudy.data.synthetic.mouth import paint_mouth
from ferstudy.data.synthetic.parameters import Conditions, Identities, columns, take

# Pixels of one batch: some ten float32 arrays of this length stay in a second-level cache.
_BATCH_PIXELS = 24 * 48 * 48


def render_faces(who: Identities, how: Conditions, units: F32, size: int, batch: int | None = None) -> U8:
    """Draw faces.

    Args:
        who: N people.
        how: N conditions.
        units: (N, 2, A) intensities, 0 to 1, for the viewer's left and right side.
        size: Height and width in pixels.
        batch: Faces drawn together; it changes the speed and never a pixel.

    Returns:
        (N, size, size) grey pixels.
    """
    batch = batch or max(1, _BATCH_PIXELS // (size * size))
    out = np.empty((len(who), size, size), np.uint8)
    for start in range(0, len(who), batch):
        part = slice(start, start + batch)
        out[part] = _draw(Scene(columns(take(who, part)), columns(take(how, part)), units[part], size))
    return out


def _draw(scene: Scene) -> U8:
    over = head.paint_head(scene)
    features.paint_forehead(scene)
    features.paint_cheeks(scene)
    features.paint_nose(scene)
    for side in (-1, 1):
        features.paint_eye(scene, side)
        features.paint_brow(scene, side)
    head.paint_beard(scene, over)
    paint_mouth(scene)
    head.paint_hair(scene, over)
    head.paint_glasses(scene)
    return _develop(scene, over)


def _develop(scene: Scene, over: F32) -> U8:
    """Light, lens and sensor: albedo to grey levels."""
    how = scene.how
    scene.relief *= over
    # Skin shows its forms by the light that comes from one side; light from everywhere flattens them.
    scene.relief *= np.float32(1.1) - np.float32(0.9) * how.ambient
    picture = scene.albedo * np.maximum(scene.lit + scene.relief, np.float32(0.03))
    head.cover(scene, picture)
    picture *= how.gain
    clip01(picture)
    picture += how.bend * np.float32(0.6) * picture * (1 - picture)
    picture = _blurred(picture, how.blur, scene.size)
    picture *= 255
    picture += how.noise * head.noise(scene)
    picture += np.float32(0.5)
    np.clip(picture, 0, 255, out=picture)
    pixels: U8 = picture.astype(np.uint8)
    return pixels


def _blurred(picture: F32, blur: F32, size: int) -> F32:
    """Blur of about ``blur`` times 0.7 pixels of a picture of 48, whatever the size."""
    if not blur.any():
        return picture
    wanted, step, done = (size / 48) ** 2, 1, 0
    side = blur * np.float32(0.25 * min(1.0, wanted))
    while done == 0 or done + step * step <= wanted:
        if step >= size // 2:
            break
        for axis in (1, 2):
            before = np.take(picture, np.maximum(np.arange(size) - step, 0), axis)
            after = np.take(picture, np.minimum(np.arange(size) + step, size - 1), axis)
            before += after
            before -= 2 * picture
            before *= side
            picture = picture + before
        done += step * step
        step += 1
    return picture
