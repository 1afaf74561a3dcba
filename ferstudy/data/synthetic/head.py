"""What carries the expression and does not take part in it: head, skin, hair, glasses, beard, and what covers them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ferstudy.data.synthetic.action_units import F32, Floats
from ferstudy.data.synthetic.canvas import Scene, View, clip01

_FIELD = 512


@lru_cache(maxsize=1)
def noise_field() -> F32:
    """(2F, 2F) standard normal numbers that repeat after F both ways; each picture takes a part."""
    tile = np.random.default_rng(20_131_113).standard_normal((_FIELD, _FIELD), np.float32)
    return np.tile(tile, (2, 2))


def noise(scene: Scene, turn: int = 0) -> F32:
    """(B, S, S) standard normal numbers that follow from each picture's place in the noise field."""
    field, size = noise_field(), scene.size
    rows = (scene.how.noise_row.ravel() * np.float32(_FIELD)).astype(int) + turn * 131
    cols = (scene.how.noise_column.ravel() * np.float32(_FIELD)).astype(int) + turn * 197
    return np.stack([field[r : r + size, c : c + size] for r, c in zip(rows % _FIELD, cols % _FIELD, strict=True)])


def triangle(x: Floats) -> Floats:
    """A wave of period 1 between -1 and 1."""
    return 4 * np.abs(x - np.floor(x) - np.float32(0.5)) - 1


def streaks(scene: Scene) -> F32:
    """Strands of hair, -1 to 1."""
    who = scene.who
    fan = (scene.head_u - who.part) * (1 - np.float32(0.45) * scene.head_v) * np.float32(5) + who.phase
    return np.float32(0.6) * triangle(fan) + np.float32(0.4) * triangle(fan * np.float32(2.7) + scene.head_v)


def paint_head(scene: Scene) -> F32:
    """Background, hair behind, neck, ears and the shaded head.

    Returns:
        (B, S, S) coverage of the head.
    """
    who, how, u, v = scene.who, scene.how, scene.head_u, scene.head_v
    half = np.float32(0.5)
    albedo = scene.albedo
    albedo[:] = how.background + how.gradient * scene.x
    albedo += np.float32(0.05) * triangle(scene.x * how.gradient * 4 + scene.y * 0.7 + who.phase)
    clip01(albedo)

    chin = who.chin + np.float32(0.09) * scene.au(26)
    below = np.maximum(v + np.float32(0.05), 0)
    across = below / (chin + np.float32(0.05))
    across *= across
    width = who.width * (1 - who.jaw * across)
    nx = u / width
    ny = np.where(v < -0.05, (v + np.float32(0.05)) * np.float32(1 / 0.9), below / (chin + np.float32(0.05)))
    r2 = nx * nx
    r2 += ny * ny
    radius = np.sqrt(r2)
    head = scene.inside((1 - radius) * np.float32(0.72))

    mane = streaks(scene)
    hair_tone = clip01(who.hair * (1 + np.float32(0.35) * mane) + np.float32(0.015))
    # Hair behind: an enlarged head above, falling straight to its length.
    reach = who.width + who.volume + np.float32(0.03)
    over = np.where(v < -0.05, (1 + who.volume - radius) * np.float32(0.75), reach - np.abs(u))
    over = np.minimum(over, who.hair_length + np.float32(0.04) * mane - v)
    behind = scene.inside(over)
    behind *= who.volume > 0
    albedo += behind * (hair_tone - albedo)

    # Neck and shoulders, in the shadow of the chin.
    neck = scene.inside(np.float32(0.62) * who.width + np.float32(0.5) * np.maximum(v - 1, 0) - np.abs(u))
    neck *= v > 0.3
    albedo += neck * (who.skin * np.float32(0.62) - albedo)
    cloth = scene.inside(v - np.float32(1.0) - np.float32(0.12) * (1 - u * u) * np.float32(0.9))
    albedo += cloth * ((np.float32(0.15) + half * who.phase) - albedo)

    ear_u, ear_v = (np.abs(u) - who.width) * np.float32(1 / 0.075), (v + np.float32(0.02)) * np.float32(1 / 0.17)
    ear = scene.inside((1 - np.sqrt(ear_u * ear_u + ear_v * ear_v)) * np.float32(0.08))
    ear *= who.hair_length < 0.3
    albedo += ear * (who.skin * (np.float32(0.72) + np.float32(0.1) * ear_u) - albedo)

    albedo += head * (who.skin - albedo)
    _light(scene, head, nx, ny, r2)
    return head


def _light(scene: Scene, head: F32, nx: Floats, ny: Floats, r2: Floats) -> None:
    how = scene.how
    nz = np.sqrt(np.maximum(1 - r2, 0))
    # A face is flatter than a ball: its normals turn away late.
    flat = np.float32(0.35) + np.float32(0.65) * np.minimum(r2, 1)
    lit = (how.light_x * nx + how.light_y * ny) * flat
    lit += np.float32(0.25) * nz
    lit += np.float32(0.65)
    np.maximum(lit, 0.05, out=lit)
    lit *= 1 - how.ambient
    lit += how.ambient
    # Towards the rim the skin turns away from the viewer and from most light.
    rim = np.minimum(r2, 1)
    lit *= 1 - np.float32(0.22) * rim * rim
    scene.lit += head * (lit - 1)


def paint_beard(scene: Scene, head: F32) -> None:
    """Darken jaw, chin and upper lip where the person has a beard."""
    who, u, v = scene.who, scene.u, scene.v
    side = (u / who.width) * (u / who.width)
    jaw = clip01((v - np.float32(0.42) + np.float32(0.5) * side) * 4)
    drop = scene.au(26)
    mouth_u = u / (who.mouth_w + np.float32(0.05))
    mouth_v = (v - who.mouth_y - np.float32(0.1) * drop) / (np.float32(0.11) + np.float32(0.1) * drop)
    around = clip01((mouth_u * mouth_u + mouth_v * mouth_v - 1) * 2)
    lip_u, lip_v = u / (who.mouth_w * np.float32(1.05)), (v - who.mouth_y + np.float32(0.115)) * np.float32(1 / 0.06)
    moustache = scene.inside((1 - lip_u * lip_u - lip_v * lip_v) * np.float32(0.05))
    mask = np.maximum(jaw * around, moustache)
    mask *= head
    mask *= who.beard * np.float32(0.75)
    grain = np.float32(0.25) * noise(scene, 1)
    scene.albedo += mask * (who.hair * (1 + grain) - scene.albedo)


def paint_hair(scene: Scene, head: F32) -> None:
    """Hair in front: everything above the hairline."""
    who, u, v = scene.who, scene.head_u, scene.head_v
    mane = streaks(scene)
    across = (u - who.part) / (who.width + np.abs(who.part) * np.float32(0.5))
    across *= across
    line = who.hairline + (who.temple - who.hairline) * across * (np.float32(0.35) + np.float32(0.65) * across)
    line += np.float32(0.035) * mane
    crown = (v + np.float32(0.05)) * np.float32(1 / 0.9)
    wide = u / who.width
    outer = 1 + who.volume - np.sqrt(wide * wide + crown * crown)
    hair = scene.inside(line - v)
    hair *= scene.inside(outer * np.float32(0.8))
    hair *= who.volume > 0
    # The hair throws a soft shadow on the forehead.
    shadow = clip01((line + np.float32(0.09) - v) * 8)
    shadow *= head
    shadow *= np.float32(0.22) * (who.volume > 0)
    scene.albedo *= 1 - shadow
    shine = np.maximum(1 - np.abs(crown + np.float32(0.72)) * 4, 0)
    tone = who.hair * (1 + np.float32(0.32) * mane + np.float32(0.5) * shine) + np.float32(0.02)
    scene.albedo += hair * (clip01(tone) - scene.albedo)
    scene.relief *= 1 - hair


def paint_glasses(scene: Scene) -> None:
    """Frames around the eyes and the bridge between them, where the person wears glasses."""
    if not scene.who.glasses.any():
        return
    who = scene.who
    view = View(scene, (-0.8, 0.8, -0.45, 0.15))
    for side in (-1, 1):
        s = (side * view.u - who.eye_x) * np.float32(1 / 0.235)
        t = (view.v - who.eye_y - np.float32(0.015)) * np.float32(1 / 0.165)
        s *= s
        t *= t
        reach = np.sqrt(np.sqrt(s * s + t * t))
        lens = scene.inside((1 - reach) * np.float32(0.18))
        view.albedo += lens * who.glasses * (np.float32(0.06) * (1 - view.albedo))
        frame = scene.stroke((reach - 1) * np.float32(0.19), 0.026) * np.float32(1.3)
        view.paint(clip01(frame) * who.glasses, 0.08)
    bridge = scene.stroke(view.v - who.eye_y + np.float32(0.03), 0.022)
    bridge *= np.abs(view.u) < who.eye_x - np.float32(0.22)
    view.paint(bridge * who.glasses, 0.1)
    view.done()


def cover(scene: Scene, picture: F32) -> None:
    """Lay a hand, a bar or a strand of hair over the finished pictures that have one."""
    kinds = scene.how.occluder.ravel()
    for i in np.flatnonzero(kinds):
        tone, x0, y0 = (float(a[i, 0, 0]) for a in (scene.how.cover_tone, scene.how.cover_x, scene.how.cover_y))
        x, y = scene.x[0] - np.float32(x0), scene.y[0] - np.float32(y0)
        if kinds[i] == 1:
            skin = scene.who.skin[i] * np.float32(0.95)
            # Four fingers side by side that come from the nearer side.
            reach = x if x0 > 0 else -x
            finger = np.abs(triangle(y * np.float32(3.4)))
            edge = reach + np.float32(0.1) - np.float32(0.1) * finger
            mask = scene.inside(np.minimum(edge, np.float32(0.32) - np.abs(y)))
            surface = skin * (1 - np.float32(0.3) * finger * finger)
        elif kinds[i] == 2:
            long_x = tone > 0.45
            across = y if long_x else x
            mask = scene.inside(np.float32(0.11) - np.abs(across)) * np.ones_like(picture[i])
            surface = np.full_like(picture[i], tone)
        else:
            lean = x + np.float32(0.35 * (1 if x0 > 0 else -1)) * scene.y[0] * scene.y[0]
            mask = scene.inside(np.float32(0.1) - np.abs(lean))
            surface = np.float32(1) * scene.who.hair[i] * (1 + np.float32(0.4) * triangle(lean * 14))
        picture[i] += mask * (surface - picture[i])
