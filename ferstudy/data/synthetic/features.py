"""What takes part in the expression above the mouth: brows, eyes, nose and cheeks, moved by the action units."""

from __future__ import annotations

import numpy as np

from ferstudy.data.synthetic.canvas import Scene, View, clip01
from ferstudy.data.synthetic.head import triangle

f = np.float32


def paint_forehead(scene: Scene) -> None:
    """Forms of the forehead, its furrows (1, 2) and the frown lines between the brows (4)."""
    who, au = scene.who, scene.au
    view = View(scene, (-0.62, 0.62, -0.85, -0.1))
    brow = who.eye_y - who.brow_gap
    view.bump(0.0, brow - f(0.24), 0.55, 0.26, 0.16)
    inner, outer, lower = au(1), au(2), au(4)
    # Brow ridges and the knot of the corrugator.
    for side in (-1, 1):
        view.bump(side * f(0.3), brow + f(0.06), 0.26, 0.13, f(0.28) + f(0.12) * lower)
    view.bump(0.0, brow + f(0.08), 0.12, 0.14, f(0.5) * lower)

    middle = clip01(1 - view.u * view.u * f(1 / 0.14))
    flank = np.abs(view.u) - f(0.3)
    flank *= flank
    flank = clip01(1 - flank * f(1 / 0.06))
    strength = middle * (inner * (f(0.5) + f(0.25) * who.age)) + flank * (outer * f(0.6))
    strength += np.maximum(middle, flank) * (who.age * f(0.12))
    height = (view.v - brow + f(0.15) + f(0.05) * (inner + outer)) * f(1 / 0.24)
    inside = clip01(1 - (height + f(0.5)) * (height + f(0.5)) * f(2.6))
    # Inner brows alone push the furrows up in the middle, like a roof.
    roof = f(0.35) * (inner - outer) * view.u * view.u * f(6)
    lines = triangle(height * 3 - roof)
    np.maximum(lines - f(0.25), 0, out=lines)
    lines *= strength
    lines *= inside
    lines *= f(0.62)
    view.darken(clip01(lines))

    for side in (-1, 1):
        view.crease(side * f(0.052), brow + f(0.055), side * 6.0, f(0.1), f(0.12) * side, 0.02,
                    f(0.75) * au(4, side) + f(0.16) * who.age)  # fmt: skip
    view.crease(0.0, who.eye_y - f(0.055), 0.0, f(0.075), f(0.0), 0.018, f(0.35) * lower)
    view.done()


def paint_eye(scene: Scene, side: int) -> None:
    """One eye: socket, ball, lids (5, 7, and 6 from below), lashes and crow's feet (6); side -1 or 1."""
    who, au = scene.who, scene.au
    box = (0.02, 0.72, -0.52, 0.16)
    view = View(scene, box if side > 0 else (-box[1], -box[0], *box[2:]))
    cheek, tight, wide, knit, inner, wrinkle = (au(n, side) for n in (6, 7, 5, 4, 1, 9))
    x = side * who.eye_x
    # Socket: a hollow under the brow and beside the nose.
    view.bump(x, who.eye_y - f(0.02), 0.27, 0.21, f(-0.42))
    s = (side * view.u - who.eye_x) / who.eye_w
    t = view.v - who.eye_y + who.eye_tilt * s
    near = clip01(1 - (s * s) * f(0.25) - t * t * f(1 / 0.04))
    view.darken(near * (f(0.2) + f(0.14) * knit))

    up = who.eye_h * (1 + f(0.72) * wide - f(0.34) * tight - f(0.16) * cheek - f(0.16) * wrinkle - f(0.1) * knit)
    low = who.eye_h * (f(0.62) + f(0.12) * wide - f(0.5) * tight - f(0.52) * cheek - f(0.2) * wrinkle)
    arch = np.maximum(1 - s * s, 0)
    # Raised inner brows lift the lid's inner half; lowered brows press it down.
    lean = 1 + (f(0.42) * knit * (1 - inner) - f(0.5) * inner * (1 - wide)) * s
    lid = arch * lean
    lid *= -up
    bottom = arch * low
    bottom += cheek * (s * s * f(-0.012))

    # Bag under the eye and the fold that cheek and lid make together.
    bag = f(0.18) + f(0.3) * cheek + f(0.22) * tight
    view.bump(x, who.eye_y + f(0.115) - f(0.03) * cheek, 0.17, 0.055, bag)
    fold = scene.stroke(t - bottom - f(0.045) + f(0.012) * cheek, 0.02)
    fold *= clip01(f(1.3) - s * s)
    fold *= f(0.14) + f(0.22) * who.age + f(0.5) * cheek + f(0.3) * tight
    view.darken(clip01(fold))

    opened = scene.inside(t - lid)
    opened *= scene.inside(bottom - t)
    opened *= np.abs(s) < 1
    ball = f(0.84) - f(0.2) * s * s
    view.paint(opened, ball * (f(0.55) + f(0.45) * who.skin))
    iris_x, iris_y = (s * side * who.eye_w - f(0.045) * scene.how.gaze), t + f(0.006)
    far = np.sqrt(iris_x * iris_x + iris_y * iris_y)
    iris = scene.inside(f(0.067) - far)
    iris *= opened
    view.paint(iris, who.iris * (f(0.55) + f(8) * far))
    pupil = scene.inside(f(0.03) - far)
    pupil *= opened
    view.paint(pupil, 0.02)
    glint_x, glint_y = iris_x - f(0.022), iris_y + f(0.024)
    glint = scene.inside(f(0.016) - np.sqrt(glint_x * glint_x + glint_y * glint_y))
    glint *= opened
    view.paint(glint * f(0.9), 0.97)
    # The upper lid shades the ball.
    shade = clip01(1 - (t - lid) * f(1 / 0.05))
    shade *= opened
    view.darken(shade * f(0.38))

    ends = clip01((f(1.12) - np.abs(s)) * f(5))
    lash = scene.stroke(t - lid + f(0.006), f(0.026) + f(0.004) * s)
    lash *= ends
    view.paint(clip01(lash * f(1.1)), f(0.1) * who.skin)
    under = scene.stroke(t - bottom - f(0.004), 0.015)
    under *= ends
    view.darken(under * f(0.4))
    hood = f(0.05) + f(0.012) * wide - f(0.018) * knit
    crease = scene.stroke(t - lid * f(1.05) + hood, 0.02)
    crease *= clip01(f(1.2) - s * s)
    view.darken(crease * (f(0.36) + f(0.12) * wide))

    outer = who.eye_x + who.eye_w + f(0.075)
    foot = f(0.62) * cheek + f(0.14) * who.age
    for slope, rise in ((-0.55, -0.05), (-0.02, 0.0), (0.5, 0.05)):
        view.crease(side * outer, who.eye_y + f(rise) - f(0.01), side * slope, f(0.075), f(0.0), 0.015, foot)
    view.done()


def paint_brow(scene: Scene, side: int) -> None:
    """One brow: raised inside (1) or outside (2), lowered and drawn together (4); side -1 or 1."""
    who, au = scene.who, scene.au
    box = (-0.02, 0.7, -0.72, -0.14)
    view = View(scene, box if side > 0 else (-box[1], -box[0], *box[2:]))
    inner, outer, lower, wrinkle = au(1, side), au(2, side), au(4, side), au(9, side)
    s = (side * view.u - who.eye_x - f(0.012) + f(0.045) * lower) * f(1 / 0.215)
    inward = (1 - s) * f(0.5)
    bow = 1 - (s - f(0.25)) * (s - f(0.25))
    y = who.eye_y - who.brow_gap - who.brow_arch * bow
    # Lowering yields where the frontalis pulls against it.
    y = y - f(0.135) * inner * inward * inward
    y = y - f(0.12) * outer * (1 - inward) * (f(0.5) + f(0.5) * bow)
    y = y + lower * (1 - f(0.75) * inner) * (f(0.045) + f(0.075) * inward)
    y = y + wrinkle * (f(0.02) + f(0.045) * inward)
    distance = np.abs(view.v - y)
    thick = who.brow_thick * (f(0.72) + f(0.42) * inward)
    mask = scene.inside(thick - distance)
    mask *= clip01((f(1.08) - np.abs(s)) * f(4))
    tone = np.minimum(who.hair * f(0.8), who.skin * f(0.55))
    hairs = f(0.15) * triangle(s * f(7) + view.v * f(9))
    view.paint(mask * (f(0.68) + f(5) * who.brow_thick), tone * (1 + hairs))
    view.done()


def paint_nose(scene: Scene) -> None:
    """Bridge, tip, wings and nostrils; wrinkles on the bridge and raised wings (9)."""
    who, au = scene.who, scene.au
    view = View(scene, (-0.3, 0.3, -0.35, 0.42))
    # The nose stands out of the face and moves further when the head turns.
    view.u = view.u - f(0.09) * scene.how.yaw * clip01((view.v + f(0.2)) * f(2.5))
    wrinkle = au(9)
    tip = who.nose_tip - f(0.025) * wrinkle
    wing = who.nose_w * (1 + f(0.16) * wrinkle + f(0.06) * au(12))
    view.bump(0.0, who.eye_y + f(0.12), 0.13, 0.34, 0.5)
    view.bump(0.0, tip - f(0.01), 0.125, 0.13, 0.75)
    for side in (-1, 1):
        wing_y = tip + f(0.025) - f(0.03) * wrinkle
        view.bump(side * (wing - f(0.015)), wing_y, 0.065, 0.075, 0.55)
        # The alar crease runs round the wing.
        view.crease(side * (wing + f(0.022)), wing_y, side * 4.0, f(0.07), f(-0.5) * side, 0.016,
                    f(0.3) + f(0.25) * wrinkle)  # fmt: skip
        hole_x = (view.u - side * wing * f(0.5)) * f(1 / 0.042)
        hole_y = (view.v - tip - f(0.062) + f(0.02) * wrinkle) * f(1 / 0.022)
        hole = scene.inside((1 - np.sqrt(hole_x * hole_x + hole_y * hole_y)) * f(0.024))
        view.darken(hole * f(0.72))
        bridge = scene.stroke(view.u - side * (f(0.062) + f(0.12) * np.maximum(view.v - who.eye_y, 0)), 0.05)
        bridge *= clip01((view.v - who.eye_y + f(0.16)) * f(4)) * (view.v < tip)
        view.darken(bridge * f(0.14))
        for rise in (0.03, 0.095):
            view.crease(
                side * f(0.065), who.eye_y + f(rise), side * -0.6, f(0.07), f(0.0), 0.017, f(0.62) * au(9, side)
            )
    base = scene.stroke(view.v - tip - f(0.1), 0.04)
    base *= clip01(1 - view.u * view.u / (wing * wing))
    view.darken(base * f(0.3))
    view.done()


def paint_cheeks(scene: Scene) -> None:
    """Cheeks raised (6, 12) and the folds from nose to mouth (9, 12, and at rest with age)."""
    who, au = scene.who, scene.au
    for side in (-1, 1):
        box = (0.06, 0.72, -0.08, 0.72)
        view = View(scene, box if side > 0 else (-box[1], -box[0], *box[2:]))
        cheek, smile, wrinkle, stretch = au(6, side), au(12, side), au(9, side), au(20, side)
        apple = np.maximum(smile, f(0.6) * cheek)
        view.bump(side * f(0.42), f(0.2) - f(0.055) * cheek, 0.27, 0.22, f(0.2) + f(0.3) * apple + f(0.14) * cheek)
        depth = f(0.1) + f(0.26) * who.age + f(0.5) * smile + f(0.42) * wrinkle + f(0.2) * stretch
        x = who.nose_w + f(0.105) + f(0.05) * smile + f(0.02) * stretch
        middle = (who.nose_tip + who.mouth_y) * f(0.5) + f(0.02)
        view.crease(side * x, middle, side * 2.4, f(0.19), side * (f(-0.12) - f(0.18) * smile), 0.026, depth)
        # Beside the fold the cheek swells.
        view.bump(side * (x + f(0.1)), middle - f(0.02), 0.12, 0.17, f(0.1) + f(0.28) * smile + f(0.16) * wrinkle)
        view.done()
