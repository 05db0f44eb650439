"""A person comes in; what does not change of them while they speak goes out: head and shoulders."""

from __future__ import annotations

import numpy as np

from tthd_tools.synth.brush import Brush, Plane, blank, grain, tint
from tthd_tools.synth.geometry import MOUTH_Y
from tthd_tools.synth.person import Person

HEAD_X, HEAD_Y = (-1.55, 1.55), (-1.95, 2.2)
BODY_X, BODY_Y = (-3.4, 3.4), (0.85, 5.0)
EYE_Y = -0.12
CHIN_Y, HAIRLINE_Y = 1.42, -1.0


def paint_head(person: Person, scale: float, seed: int) -> Brush:
    """Head at rest without eyes, brows and mouth; RGBA, ``scale`` pixels a half width."""
    head = blank(HEAD_X, HEAD_Y, scale)
    _paint_back_hair(head, person)
    _paint_ears(head, person)
    outline = _outline(head, person)
    skin = head.cover(outline, 0.03)
    head.fill(skin, person.skin)
    _shade_face(head, person, skin)
    shape = (len(head.y), head.x.size)
    pores = grain(shape, seed, ((0.02 * scale, 0.02 * scale), (0.07 * scale, 0.07 * scale)))
    head.shade(skin * pores, 0.022)
    _paint_nose(head, person)
    if person.beard:
        _paint_beard(head, person, skin)
    _paint_front_hair(head, person, seed)
    return head


def _outline(head: Brush, person: Person) -> Plane:
    """Distance to the outline of the face: round above, with a jaw of its own below."""
    power = np.where(head.y > 0, person.jaw, 2.15)
    height = np.where(head.y > 0, CHIN_Y, 1.5)
    ring = np.abs(head.x) ** power + np.abs(head.y / height) ** power
    return np.asarray(1.0 - ring ** (1.0 / power), dtype=np.float32)


def _hair_shape(head: Brush, person: Person) -> Plane:
    """Distance to the outline of all hair."""
    cap = head.ellipse(0.0, -0.38, 1.13, 1.36)
    if person.hair_style == "long":
        half = 1.13 + 0.12 * np.clip(head.y + 0.38, 0.0, 1.6) ** 1.5
        fall = np.minimum(half - np.abs(head.x), 1.9 - 0.25 * np.abs(head.x) - head.y)
        throat = np.abs(head.x) - 0.62 + 0.3 * np.clip(head.y - 1.1, 0.0, 1.0)
        fall = np.minimum(fall, np.maximum(throat, 1.1 - head.y))
        return np.asarray(np.maximum(cap, np.minimum(fall, head.y + 0.38)))
    if person.hair_style == "bun":
        return np.maximum(cap, head.ellipse(0.0, -1.66, 0.36, 0.27))
    return np.minimum(cap, (0.25 - head.y).astype(np.float32))


def _paint_back_hair(head: Brush, person: Person) -> None:
    head.fill(head.cover(_hair_shape(head, person), 0.06), tint(person.hair, 0.75))


def _paint_ears(head: Brush, person: Person) -> None:
    if person.hair_style == "long":
        return
    for side in (-1.0, 1.0):
        ear = head.cover(head.ellipse(side * 1.0, 0.12, 0.13, 0.27), 0.03)
        head.fill(ear, tint(person.skin, 0.88))
        head.shade(head.blob(side * 1.04, 0.12, 0.05, 0.13) * ear, 0.25)


def _shade_face(head: Brush, person: Person, skin: Plane) -> None:
    """Light from above and a little from the left: sides, chin and eye sockets are darker."""
    side = np.clip((np.abs(head.x) - 0.35) / 0.65, 0, 1) ** 2 * np.ones_like(skin)
    head.shade(skin * side, 0.26)
    head.shade(skin * np.clip(0.5 + 0.5 * head.x, 0, 1), 0.05)
    head.shade(skin * np.clip((head.y - 0.95) / 0.45, 0, 1) ** 1.5, 0.24)
    head.shade(skin * head.blob(0.0, -0.72, 0.5, 0.22), -0.07)
    for eye in (-1.0, 1.0):
        x = eye * person.eye_distance / 2
        head.shade(skin * head.blob(x, EYE_Y - 0.06, 0.24, 0.13), 0.15)
        head.shade(skin * head.blob(eye * 0.52, 0.36, 0.17, 0.13), -0.06)
        blush = head.blob(eye * 0.55, 0.42, 0.2, 0.15) * skin
        head.fill(blush, (205.0, 96.0, 84.0), 0.16)
        crease = head.blob(eye * 0.42, 0.66, 0.05, 0.16)
        head.shade(skin * crease, 0.07)
    head.shade(skin * head.blob(0.0, 1.14, 0.2, 0.06), 0.12)
    head.shade(skin * head.blob(0.0, 1.24, 0.16, 0.08), -0.05)


def _paint_nose(head: Brush, person: Person) -> None:
    width = person.nose_width
    head.shade(head.blob(0.0, 0.12, 0.05, 0.24), -0.1)
    head.shade(head.blob(0.02, 0.37, 0.07, 0.07), -0.13)
    for side in (-1.0, 1.0):
        head.shade(head.blob(side * 0.12, 0.1, 0.045, 0.2), 0.1)
        head.shade(head.blob(side * width, 0.43, 0.05, 0.07), 0.17)
        nostril = head.cover(head.ellipse(side * 0.55 * width, 0.475, 0.055, 0.028), 0.03)
        head.fill(nostril, tint(person.skin, 0.3, (40.0, 10.0, 8.0)), 0.85)
    head.shade(head.blob(0.0, 0.51, 0.8 * width, 0.03), 0.22)
    head.shade(head.blob(0.0, 0.6, 0.045, 0.06), 0.07)


def _paint_beard(head: Brush, person: Person, skin: Plane) -> None:
    jaw = np.clip((np.abs(head.x) * 0.75 + head.y - 0.78) / 0.25, 0, 1)
    lips = head.cover(head.ellipse(0.0, MOUTH_Y, 0.5, 0.22), 0.1)
    moustache = head.blob(0.0, 0.62, 0.26, 0.045)
    cover = np.clip(jaw * (1 - lips) + 0.8 * moustache, 0, 1).astype(np.float32)
    head.fill(cover * skin, tint(person.hair, 0.9, person.skin), 0.7 * person.beard)


def _paint_front_hair(head: Brush, person: Person, seed: int) -> None:
    """Hair above the hairline, with strands."""
    parting = 0.25 if person.hair_style == "short" else 0.0
    line = -1.02 + 0.5 * (head.x - parting * 0.4) ** 2 + 0.9 * np.clip(np.abs(head.x) - 0.7, 0, 1)
    if person.hair_style == "long":
        line = line + 2.4 * np.clip(np.abs(head.x) - 0.82, 0, 1) * 3.0
    above = np.minimum(line - head.y, 3.0)
    hair = head.cover(np.minimum(_hair_shape(head, person), above), 0.07)
    head.fill(hair, person.hair)
    shape = (len(head.y), head.x.size)
    strands = grain(shape, seed + 1, ((0.012 * head.scale, 0.12 * head.scale),))
    every = head.cover(_hair_shape(head, person), 0.06) * np.maximum(hair, 0.0)
    head.shade(every * strands, 0.13)
    head.fill(every * head.blob(-0.25, -1.3, 0.4, 0.16), (255.0, 240.0, 225.0), 0.13)
    head.shade(head.blob(0.0, -0.95, 0.7, 0.1) * (1 - hair), 0.08)


def paint_body(person: Person, scale: float, seed: int) -> Brush:
    """Neck and shoulders, RGBA; the chin casts its shadow on the neck."""
    body = blank(BODY_X, BODY_Y, scale)
    neck = body.cover((0.52 + 0.06 * np.cos(2.0 * (body.y - 1.5)) - np.abs(body.x)), 0.04)
    neck = neck * np.ones_like(body.image[0])
    body.fill(neck, tint(person.skin, 0.86))
    body.shade(neck * np.clip(np.abs(body.x) / 0.55, 0, 1) ** 2, 0.3)
    body.shade(neck * np.clip((1.85 - body.y) / 0.6, 0, 1), 0.35)
    slope = 1.92 + 0.62 * (np.abs(body.x) / 1.9) ** 2.4 - 0.12 * np.exp(-((body.x / 0.5) ** 2))
    collar = body.y - slope
    open_neck = body.ellipse(0.0, 1.62, 0.52, 0.55)
    shirt = body.cover(np.minimum(np.minimum(collar, 2.35 - np.abs(body.x)), -open_neck), 0.03)
    body.fill(shirt, person.shirt)
    shape = (len(body.y), body.x.size)
    cloth = grain(shape, seed + 2, ((0.03 * scale, 0.15 * scale), (0.008 * scale, 0.008 * scale)))
    body.shade(shirt * cloth, 0.06)
    body.shade(shirt * np.clip(np.abs(body.x) / 2.4, 0, 1) ** 2, 0.35)
    rim = np.exp(-(((open_neck + 0.05) / 0.035) ** 2)).astype(np.float32)
    body.shade(shirt * rim, 0.25)
    return body
