"""Who is drawn, and under what conditions: one row of numbers a face.

Lengths are in face units: the picture spans -1 to 1 both ways, x to the viewer's right, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from ferstudy.data.synthetic.action_units import F32

# Largest turn, tilt, nod and shift and the zoom that the renderer's windows leave room for.
MAX_YAW, MAX_ROLL, MAX_PITCH, MAX_SHIFT, ZOOM = 0.5, 0.16, 0.5, 0.09, (0.88, 1.14)

T = TypeVar("T", "Identities", "Conditions")


@dataclass(frozen=True)
class Identities:
    """What stays the same in all pictures of a person; every field is (N,) or, while drawing, (N, 1, 1).

    Attributes:
        width: Half width of the head at the cheekbones.
        chin: Height of the chin.
        jaw: Share by which the jaw is narrower than the cheekbones.
        eye_x, eye_y: Eye centre, x as distance from the middle.
        eye_w, eye_h: Half width and upper opening of the relaxed eye.
        eye_tilt: How much the outer corner is higher than the inner.
        iris: Brightness of the iris, 0 to 1.
        brow_gap: From the eye centre up to the brow.
        brow_thick, brow_arch: Half thickness and rise of the brow.
        nose_tip, nose_w: Height of the nose's tip and half width of its wings.
        mouth_y, mouth_w: Height and half width of the relaxed mouth.
        lip_up, lip_low: Thickness of the lips.
        lip_tone: Brightness of the lips as a share of the skin's.
        mouth_curve: How much the corners of the relaxed mouth lie lower than its middle.
        skin, hair: Brightness, 0 to 1.
        hairline: Height of the hairline in the middle.
        temple: Height to which the hairline falls at the sides.
        part: Where along x the hairline is highest.
        volume: Thickness of the hair around the head; negative for none.
        hair_length: Height to which the hair behind the head falls.
        age: Depth of the wrinkles at rest, 0 to 1.
        glasses: 1 with, 0 without.
        beard: Density of the beard, 0 to 1.
        phase: Where the hair's streaks start, 0 to 1.
    """

    width: F32
    chin: F32
    jaw: F32
    eye_x: F32
    eye_y: F32
    eye_w: F32
    eye_h: F32
    eye_tilt: F32
    iris: F32
    brow_gap: F32
    brow_thick: F32
    brow_arch: F32
    nose_tip: F32
    nose_w: F32
    mouth_y: F32
    mouth_w: F32
    lip_up: F32
    lip_low: F32
    lip_tone: F32
    mouth_curve: F32
    skin: F32
    hair: F32
    hairline: F32
    temple: F32
    part: F32
    volume: F32
    hair_length: F32
    age: F32
    glasses: F32
    beard: F32
    phase: F32

    def __len__(self) -> int:
        return len(self.width)


@dataclass(frozen=True)
class Conditions:
    """What differs from picture to picture; every field is (N,) or, while drawing, (N, 1, 1).

    Attributes:
        yaw, pitch: Turn to the viewer's right and nod downwards, about -0.5 to 0.5 (radians, roughly).
        roll: Tilt, as the tangent of its angle.
        zoom: Size of the head, 1 for the usual.
        shift_x, shift_y: Offset of the head.
        gaze: Sideways look, -1 to 1.
        light_x, light_y: Direction that the light comes from, towards +x and +y.
        ambient: Share of the light that comes from everywhere.
        gain: Factor on all brightness.
        bend: Curve of the tones: positive lifts the middle ones, negative lowers them, -1 to 1.
        background, gradient: Brightness behind the head and its slope along x.
        blur: 0 sharp to 1 soft.
        noise: Standard deviation of the sensor noise in grey levels.
        noise_row, noise_column: Where the noise is taken from the noise field, 0 to 1.
        occluder: 0 none, 1 hand, 2 bar, 3 strand of hair.
        cover_x, cover_y, cover_tone: Where the occluder lies and how bright it is.
    """

    yaw: F32
    pitch: F32
    roll: F32
    zoom: F32
    shift_x: F32
    shift_y: F32
    gaze: F32
    light_x: F32
    light_y: F32
    ambient: F32
    gain: F32
    bend: F32
    background: F32
    gradient: F32
    blur: F32
    noise: F32
    noise_row: F32
    noise_column: F32
    occluder: F32
    cover_x: F32
    cover_y: F32
    cover_tone: F32

    def __len__(self) -> int:
        return len(self.yaw)


def take(rows: T, index: np.ndarray | slice) -> T:
    """Some of the rows."""
    return type(rows)(**{f.name: getattr(rows, f.name)[index] for f in fields(rows)})


def columns(rows: T) -> T:
    """The same numbers as (N, 1, 1), to be combined with (N, H, W) pictures."""
    return type(rows)(**{f.name: getattr(rows, f.name)[:, None, None] for f in fields(rows)})


def draw_identities(n: int, rng: np.random.Generator) -> Identities:
    """n people."""

    def between(low: float, high: float) -> F32:
        return rng.uniform(low, high, n).astype(np.float32)

    def chance(probability: float) -> np.ndarray:
        return rng.random(n) < probability

    skin = between(0.42, 0.92)
    long_hair, fringe, bald, receding = chance(0.38), chance(0.28), chance(0.08), chance(0.15)
    # Dark skin with fair hair is rare.
    hair = (between(0.04, 0.5) * (0.25 + 0.75 * skin)).astype(np.float32)
    hairline = np.where(receding, between(-0.92, -0.78), np.where(fringe, between(-0.62, -0.5), between(-0.76, -0.62)))
    volume = np.where(bald, np.float32(-0.2), between(0.03, 0.13))
    return Identities(
        width=between(0.64, 0.78),
        chin=between(0.84, 0.96),
        jaw=between(0.16, 0.42),
        eye_x=between(0.285, 0.345),
        eye_y=between(-0.20, -0.12),
        eye_w=between(0.135, 0.165),
        eye_h=between(0.058, 0.08),
        eye_tilt=between(-0.01, 0.03),
        iris=between(0.1, 0.42),
        brow_gap=between(0.19, 0.235),
        brow_thick=between(0.022, 0.045),
        brow_arch=between(0.015, 0.055),
        nose_tip=between(0.17, 0.245),
        nose_w=between(0.105, 0.145),
        mouth_y=between(0.475, 0.54),
        mouth_w=between(0.225, 0.275),
        lip_up=between(0.034, 0.06),
        lip_low=between(0.045, 0.08),
        lip_tone=between(0.6, 0.85),
        mouth_curve=between(-0.02, 0.022),
        skin=skin,
        hair=hair,
        hairline=hairline.astype(np.float32),
        temple=np.where(fringe, between(-0.5, -0.3), between(-0.3, 0.0)).astype(np.float32),
        part=np.where(chance(0.4), between(-0.3, 0.3), np.float32(0)).astype(np.float32),
        volume=volume.astype(np.float32),
        hair_length=np.where(long_hair, between(0.5, 1.2), between(-0.2, 0.1)).astype(np.float32),
        age=(between(0, 1) ** 2).astype(np.float32),
        glasses=chance(0.12).astype(np.float32),
        beard=np.where(chance(0.16) & ~long_hair, between(0.35, 0.95), np.float32(0)).astype(np.float32),
        phase=between(0, 1),
    )


def draw_conditions(n: int, rng: np.random.Generator, difficulty: float = 1.0) -> Conditions:
    """n pictures' conditions; ``difficulty`` 0 gives studio pictures, 1 the wild, 2 the most that can be drawn."""
    d = difficulty

    def spread(deviation: float, limit: float) -> F32:
        return np.clip(rng.normal(0, deviation, n), -limit, limit).astype(np.float32)

    def between(low: float, high: float) -> F32:
        return rng.uniform(low, high, n).astype(np.float32)

    covered = rng.random(n) < 0.08 * d
    return Conditions(
        yaw=spread(0.17 * d, MAX_YAW),
        pitch=spread(0.13 * d, MAX_PITCH),
        roll=spread(0.055 * d, MAX_ROLL),
        zoom=np.clip(1 + spread(0.04 * d, 1), *ZOOM),
        shift_x=spread(0.03 * d, MAX_SHIFT),
        shift_y=spread(0.03 * d, MAX_SHIFT),
        gaze=spread(0.3 * d, 1),
        light_x=between(-0.6, 0.6) * np.float32(min(1.0, 0.3 + 0.7 * d)),
        light_y=between(-0.55, 0.05),
        ambient=between(0.32, 0.62),
        gain=between(0.8, 1.12),
        bend=spread(0.25 * d, 0.7),
        background=between(0.05, 0.95),
        gradient=between(-0.25, 0.25),
        blur=np.clip(between(-0.3, 0.9) * d, 0, 1).astype(np.float32),
        noise=(between(1, 5) + between(0, 6) * np.float32(d)),
        noise_row=between(0, 1),
        noise_column=between(0, 1),
        occluder=np.where(covered, rng.integers(1, 4, n), 0).astype(np.float32),
        cover_x=between(-0.8, 0.8),
        cover_y=between(-0.9, 0.9),
        cover_tone=between(0.05, 0.9),
    )


def studio(n: int) -> Conditions:
    """n pictures from the front, in soft light, without noise: for teaching."""
    zero = np.zeros(n, np.float32)
    values = {f.name: zero for f in fields(Conditions)}
    values |= {
        "zoom": zero + 1,
        "light_x": zero - np.float32(0.25),
        "light_y": zero - np.float32(0.3),
        "ambient": zero + np.float32(0.45),
        "gain": zero + 1,
        "background": zero + np.float32(0.6),
    }
    return Conditions(**values)
