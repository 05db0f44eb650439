"""Signed distances on a small picture come in; soft-edged paint on that picture goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthd_tools.synth.person import Colour

Image = npt.NDArray[np.float32]
Plane = npt.NDArray[np.floating]


@dataclass
class Brush:
    """A picture under work: planes (3, h, w) RGB, or (4, h, w) with premultiplied alpha, 0..255.

    ``x`` (1, w) and ``y`` (h, 1) are the coordinates of its pixels, ``scale`` pixels a unit.
    """

    image: Image
    x: Plane
    y: Plane
    scale: float

    def cover(self, distance: npt.NDArray[np.floating], soft: float = 0.0) -> Plane:
        """Coverage 0..1 of a shape: ``distance`` to its outline, positive inside.

        The edge is as wide as ``soft`` units, and a pixel and a half at least.
        """
        width = max(soft, 1.5 / self.scale)
        return np.asarray(np.clip(distance / width + 0.5, 0.0, 1.0), np.float32)

    def fill(self, cover: Plane, colour: Colour, opacity: float = 1.0) -> None:
        """Paint over with one colour."""
        paint = np.array([*colour, 255.0][: len(self.image)], dtype=np.float32)
        self.image += (opacity * cover).astype(np.float32) * (paint[:, None, None] - self.image)

    def shade(self, cover: Plane, amount: float) -> None:
        """Darken, or lighten where ``amount`` is negative; transparency stays."""
        self.image[:3] *= (1.0 - amount * cover).astype(np.float32)

    def ellipse(self, x: float, y: float, radius_x: float, radius_y: float) -> Plane:
        """Distance to an ellipse, exact at its outline on the axes."""
        ring = np.sqrt(((self.x - x) / radius_x) ** 2 + ((self.y - y) / radius_y) ** 2)
        return np.asarray((1.0 - ring) * min(radius_x, radius_y), dtype=np.float32)

    def blob(self, x: float, y: float, size_x: float, size_y: float) -> Plane:
        """A round hill of height 1, for shading."""
        across = np.exp(-0.5 * ((self.x - x) / size_x) ** 2)
        along = np.exp(-0.5 * ((self.y - y) / size_y) ** 2)
        return np.asarray(across * along, dtype=np.float32)

    def part(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> Brush:
        """The same picture, cut down to a rectangle; painting there paints here."""
        columns = slice(*np.searchsorted(self.x[0], x_range))
        rows = slice(*np.searchsorted(self.y[:, 0], y_range))
        return Brush(self.image[:, rows, columns], self.x[:, columns], self.y[rows], self.scale)

    def copy(self, channels: int) -> Brush:
        """A copy of the picture with its first channels."""
        return Brush(self.image[:channels].copy(), self.x, self.y, self.scale)

    def pixels(self) -> npt.NDArray[np.uint8]:
        """The picture as uint8 (h, w, 3 or 4)."""
        clipped = np.clip(self.image + 0.5, 0.0, 255.0).astype(np.uint8)
        return np.ascontiguousarray(np.moveaxis(clipped, 0, -1))


def blank(x_range: tuple[float, float], y_range: tuple[float, float], scale: float) -> Brush:
    """A transparent picture of this extent; pixel centres lie at half pixels."""
    n_x = round((x_range[1] - x_range[0]) * scale)
    n_y = round((y_range[1] - y_range[0]) * scale)
    x = x_range[0] + (np.arange(n_x, dtype=np.float32) + 0.5) / scale
    y = y_range[0] + (np.arange(n_y, dtype=np.float32) + 0.5) / scale
    image = np.zeros((4, n_y, n_x), dtype=np.float32)
    return Brush(image, x[None, :], y[:, None], scale)


def tint(colour: Colour, factor: float, towards: Colour = (0.0, 0.0, 0.0)) -> Colour:
    """A colour mixed with another: factor 1 keeps it, 0 is the other."""
    mixed = [factor * a + (1.0 - factor) * b for a, b in zip(colour, towards, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def grain(
    shape: tuple[int, int], seed: int, sizes: tuple[tuple[float, float], ...]
) -> npt.NDArray[np.float32]:
    """Noise of unit deviation, blurred with each (x, y) size in pixels and summed."""
    import cv2

    rng = np.random.default_rng([seed, 51])
    total = np.zeros(shape, dtype=np.float32)
    for size_x, size_y in sizes:
        noise = rng.standard_normal(shape, dtype=np.float32)
        noise = cv2.GaussianBlur(noise, (0, 0), sigmaX=size_x, sigmaY=size_y)
        total += noise / max(float(noise.std()), 1e-6)
    return total / np.float32(len(sizes) ** 0.5)
