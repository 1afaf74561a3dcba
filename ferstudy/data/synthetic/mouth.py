"""The mouth: lips, corners, teeth and chin, moved by action units 9, 12, 14, 15, 16, 20, 23, 25 and 26."""

from __future__ import annotations

import numpy as np

from ferstudy.data.synthetic.canvas import Scene, View, clip01

f = np.float32


def paint_mouth(scene: Scene) -> None:
    """Everything from the nose's foot to the chin."""
    who, au = scene.who, scene.au
    view = View(scene, (-0.56, 0.56, 0.26, 1.12))
    u, v = view.u, view.v
    nose, smile, low_lip, stretch, tight = (au(n) for n in (9, 12, 16, 20, 23))
    drop = au(26)
    part = np.maximum(au(25), f(0.0))

    # Corners: pulled up (12), down (15), in (14, 23), sideways (20); a dropped jaw draws them in.
    corner, half = {}, {}
    for side in (-1, 1):
        up, down, dimple = au(12, side), au(15, side), au(14, side)
        corner[side] = (
            who.mouth_curve
            - f(0.125) * up
            + f(0.105) * down
            - f(0.03) * dimple
            + f(0.02) * au(20, side)
            + f(0.05) * drop
        )
        half[side] = who.mouth_w * (
            1 + f(0.27) * up + f(0.32) * au(20, side) - f(0.16) * tight - f(0.22) * drop * (1 - au(20, side))
            + f(0.1) * dimple - f(0.02) * down
        )  # fmt: skip
    right = u > 0
    s = u / np.where(right, half[1], half[-1])
    s2 = s * s
    arch = np.maximum(1 - s2, 0)
    round_ = np.sqrt(arch)
    middle = who.mouth_y + f(0.022) * smile - f(0.02) * nose + f(0.012) * au(15) * f(-1)
    # Corners that go down turn sharply, corners that go up draw the whole line into a bow.
    seam = middle + np.where(right, corner[1], corner[-1]) * s2

    gape = np.minimum(drop + stretch * f(0.3), 1)
    shape = arch + (round_ - arch) * gape
    above = shape * (f(0.035) * drop + f(0.02) * part + f(0.022) * nose + f(0.016) * smile * part)
    under = shape * (f(0.25) * drop + f(0.06) * part + f(0.075) * low_lip + f(0.03) * stretch + f(0.03) * smile * part)
    top, bottom = seam - above, seam + under

    thin = 1 - f(0.62) * tight
    up_lip = who.lip_up * thin * (1 - f(0.35) * smile - f(0.25) * stretch - f(0.15) * nose)
    low_lip_t = who.lip_low * thin * (1 - f(0.22) * smile - f(0.25) * stretch - f(0.2) * drop)
    cupid = 1 - f(0.3) * np.maximum(1 - s2 * f(22), 0)
    lip_top = top - up_lip * arch * cupid
    lip_bottom = bottom + low_lip_t * (f(0.35) * arch + f(0.65) * round_) * (np.abs(s) < 1)

    # Chin, the hollow under the lip, and the groove above it.
    chin_y = who.chin - f(0.14) + f(0.09) * drop
    view.bump(0.0, chin_y, 0.2, 0.14, f(0.32))
    hollow = scene.stroke(v - lip_bottom - f(0.035), 0.05)
    hollow *= clip01(1 - s2 * f(1.6))
    view.darken(hollow * (f(0.22) + f(0.1) * au(15) + f(0.12) * tight))
    groove = clip01(1 - u * u * f(1 / 0.0016)) * clip01((lip_top - v) * f(12)) * (v > who.nose_tip + f(0.09))
    view.darken(groove * f(0.1))

    inside_s = scene.inside((1 - np.abs(s)) * f(0.2))
    lips = scene.inside(v - lip_top)
    lips *= scene.inside(lip_bottom - v)
    lips *= inside_s
    upper = v < seam
    tone = who.skin * who.lip_tone
    # The upper lip faces down and is darker; the lower one catches the light.
    belly = clip01(1 - np.abs(v - (bottom + low_lip_t * f(0.4))) / (low_lip_t * f(0.6) + f(0.01)))
    view.paint(lips, np.where(upper, tone * f(0.84), tone * (f(0.98) + f(0.2) * belly * arch)))

    opening = scene.inside(v - top)
    opening *= scene.inside(bottom - v)
    opening *= np.abs(s) < 1
    opening *= clip01((above + under) * f(1 / 0.03))
    view.paint(opening, 0.06)
    tongue = clip01((v - (bottom - f(0.09) * drop)) * f(14)) * opening
    view.paint(tongue * drop * clip01(1 - s2 * f(2.2)), who.skin * f(0.5))
    show = clip01(f(0.9) * part + f(0.75) * stretch + f(0.55) * drop + f(0.4) * nose)
    edge = f(0.045) * show + f(0.02) * smile * part + f(0.01) * stretch
    teeth = scene.inside(top + edge * (1 - f(0.35) * s2) - v) * opening
    teeth *= show
    gaps = 1 - f(0.12) * clip01(1 - np.abs(s * 5 - np.floor(s * 5 + f(0.5))) * f(9))
    view.paint(teeth * clip01(f(1.25) - s2), gaps * f(0.9))
    lower_teeth = scene.inside(v - (bottom - f(0.045) * np.maximum(low_lip, f(0.6) * stretch)))
    lower_teeth *= opening
    lower_teeth *= np.maximum(low_lip, f(0.6) * stretch)
    view.paint(lower_teeth * clip01(1 - s2 * f(0.9)), gaps * f(0.78))

    closed = scene.stroke(v - seam, f(0.02) + f(0.006) * tight)
    closed *= inside_s
    closed *= clip01(1 - (above + under) * f(25))
    view.paint(clip01(closed * (f(0.8) + f(0.35) * tight)), who.skin * f(0.2))

    for side in (-1, 1):
        up, down, dimple = au(12, side), au(15, side), au(14, side)
        x = side * (half[side] + f(0.012))
        y = middle + corner[side]
        view.crease(x, y, side * 2.0, f(0.035), f(0.0), 0.03, f(0.34) + f(0.2) * up + f(0.5) * dimple)
        # A dimple bends around the tightened corner; lowered corners pull folds towards the chin.
        view.crease(side * (half[side] + f(0.055)), y - f(0.01), side * 7.0, f(0.075), f(-0.3) * side, 0.022,
                    f(0.75) * dimple + f(0.3) * up)  # fmt: skip
        view.crease(side * (half[side] + f(0.03)), y + f(0.075), side * 2.2, f(0.075), f(0.0), 0.022,
                    f(0.55) * down + f(0.1) * who.age)  # fmt: skip
        view.crease(side * (half[side] + f(0.1)), y + f(0.02), side * 5.0, f(0.13), f(-0.25) * side, 0.022,
                    f(0.4) * au(20, side) * (1 - drop * f(0.4)))  # fmt: skip
    # Tightened lips bulge the skin around them.
    view.bump(0.0, middle - f(0.1), 0.24, 0.07, f(0.22) * tight)
    view.bump(0.0, middle + f(0.12), 0.24, 0.08, f(0.2) * tight + f(0.25) * au(15))
    view.done()
