"""A face picture comes in; how likely each of FER2013's seven expressions is goes out.

The network is mini_XCEPTION (O. Arriaga, M. Valdenegro-Toro, P. Plöger: Real-time Convolutional
Neural Networks for Emotion and Gender Classification, 2017, arXiv:1710.07557), run in numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SIDE_PX = 64
CLASSES = 7
EPSILON = 1e-3  # of Keras' batch normalisation
BLOCKS = ((8, 16), (16, 32), (32, 64), (64, 128))  # channels that go in and come out
# Keras numbers layers as they were made: of each block the shortcut's normalisation comes first.
NORMS = ((3, 4, 5), (6, 7, 8), (9, 10, 11), (12, 13, 14))


class MiniXception:
    """The network with its weights; ``weights``: arrays by the names of ``weight_shapes``.

    Raises ValueError where one is missing, left over or of another shape.
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        shapes = weight_shapes()
        if set(weights) != set(shapes):
            wrong = sorted(set(weights) ^ set(shapes))
            raise ValueError(f"weights missing or left over: {', '.join(wrong)}")
        for name, shape in shapes.items():
            if weights[name].shape != shape:
                raise ValueError(f"{name} has shape {weights[name].shape}, not {shape}")
        self._weights = {name: np.asarray(weights[name], np.float32) for name in shapes}

    def __call__(self, pictures: NDArray[np.uint8]) -> Floats:
        """Probabilities (N, 7) in the order of ``labels.FER2013`` for grey faces (N, 64, 64)."""
        found = [self._one(picture) for picture in pictures]
        return np.stack(found) if found else np.zeros((0, CLASSES), np.float32)

    def _one(self, picture: NDArray[np.uint8]) -> Floats:
        x = prepare(picture)[..., None]
        for number in (1, 2):
            kernel = self._weights[f"conv2d_{number}/kernel"]
            x = np.maximum(self._norm(convolve(x, kernel), number), 0)
        for block, norms in enumerate(NORMS):
            x = self._block(x, block, norms)
        kernel, bias = (self._weights[f"conv2d_7/{name}"] for name in ("kernel", "bias"))
        logits = (convolve(padded(x), kernel) + bias).mean(axis=(0, 1))
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum(), np.float32)

    def _block(self, x: Floats, block: int, norms: tuple[int, int, int]) -> Floats:
        """Two separable convolutions and a maximum, beside a shortcut of one by one."""
        kernel = self._weights[f"conv2d_{block + 3}/kernel"]
        shortcut = self._norm(x[::2, ::2] @ kernel[0, 0], norms[0])
        x = np.maximum(self._norm(self._separable(x, 2 * block + 1), norms[1]), 0)
        x = self._norm(self._separable(x, 2 * block + 2), norms[2])
        return largest(x) + shortcut

    def _separable(self, x: Floats, number: int) -> Floats:
        name = f"separable_conv2d_{number}"
        depth = self._weights[f"{name}/depthwise_kernel"][..., 0]
        views = np.lib.stride_tricks.sliding_window_view(padded(x), (3, 3), axis=(0, 1))
        filtered = np.einsum("hwcij,ijc->hwc", views, depth)
        return np.asarray(filtered @ self._weights[f"{name}/pointwise_kernel"][0, 0])

    def _norm(self, x: Floats, number: int) -> Floats:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = (
            self._weights[f"batch_normalization_{number}/{name}"] for name in names
        )
        return np.asarray((x - mean) * (gamma / np.sqrt(variance + EPSILON)) + beta, np.float32)


def prepare(picture: NDArray[np.uint8]) -> Floats:
    """Grey levels 0..255 to -1..1, as the network was trained."""
    return np.asarray((picture.astype(np.float32) / 255 - 0.5) * 2)


def padded(x: Floats) -> Floats:
    """A rim of zeros around (h, w, c), so that 3 × 3 keeps the size."""
    return np.pad(x, ((1, 1), (1, 1), (0, 0)))


def convolve(x: Floats, kernel: Floats) -> Floats:
    """Correlation of (h, w, c) with a kernel (3, 3, c, d): (h - 2, w - 2, d)."""
    views = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(0, 1))  # (h, w, c, 3, 3)
    rows = views.transpose(0, 1, 3, 4, 2).reshape(*views.shape[:2], -1)
    return np.asarray(rows @ kernel.reshape(-1, kernel.shape[-1]))


def largest(x: Floats) -> Floats:
    """Maximum over 3 × 3 in steps of 2; as in TensorFlow most of the rim is put at the end."""
    sides = []
    for size in x.shape[:2]:
        rim = max((-(-size // 2) - 1) * 2 + 3 - size, 0)
        sides.append((rim // 2, rim - rim // 2))
    wide = np.pad(x, (*sides, (0, 0)), constant_values=-np.inf)
    views = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), axis=(0, 1))
    return np.asarray(views[::2, ::2].max(axis=(-2, -1)))


def weight_shapes() -> dict[str, tuple[int, ...]]:
    """Name and shape of each weight, as in the published file."""
    shapes: dict[str, tuple[int, ...]] = {
        "conv2d_1/kernel": (3, 3, 1, 8),
        "conv2d_2/kernel": (3, 3, 8, 8),
        "conv2d_7/kernel": (3, 3, 128, CLASSES),
        "conv2d_7/bias": (CLASSES,),
    }
    sizes = {1: 8, 2: 8}
    for block, (before, after) in enumerate(BLOCKS):
        shapes[f"conv2d_{block + 3}/kernel"] = (1, 1, before, after)
        for number, channels in ((2 * block + 1, before), (2 * block + 2, after)):
            name = f"separable_conv2d_{number}"
            shapes[f"{name}/depthwise_kernel"] = (3, 3, channels, 1)
            shapes[f"{name}/pointwise_kernel"] = (1, 1, channels, after)
        sizes |= dict.fromkeys(NORMS[block], after)
    for number, channels in sizes.items():
        for name in ("gamma", "beta", "moving_mean", "moving_variance"):
            shapes[f"batch_normalization_{number}/{name}"] = (channels,)
    return shapes


def read_weights(path: Path) -> dict[str, Floats]:
    """The weights of a Keras file by layer and name; what only training needs is left out.

    Raises ValueError where two have one name.
    """
    import h5py

    found: dict[str, Floats] = {}

    def take(path: str, node: object) -> None:
        if not isinstance(node, h5py.Dataset):
            return
        name = f"{path.split('/')[0]}/{path.rsplit('/', 1)[-1].removesuffix(':0')}"
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = node[()]

    with h5py.File(path, "r") as file:
        file["model_weights"].visititems(take)
    return found


def open_fer() -> MiniXception:
    """The network with the published weights. Raises WeightsError where they are not here."""
    from tthd_tools.weights import require

    return MiniXception(read_weights(require("fer2013_mini_xception")))
