"""The network against the same layers of torch, and its published weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tthd_tools.emotion.fer import NORMS, MiniXception, prepare, read_weights, weight_shapes

H5PY = "python -m pip install 'tthd-tools[emotion]'"


def invented() -> dict[str, np.ndarray]:
    """Random weights of the right shapes; variances are positive."""
    random = np.random.default_rng(0)
    found = {}
    for name, shape in weight_shapes().items():
        values = random.normal(0, 0.3, shape)
        found[name] = (np.abs(values) + 0.5 if "variance" in name else values).astype(np.float32)
    return found


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 64, 64), dtype=np.uint8)


def in_torch(weights: dict[str, np.ndarray], faces: np.ndarray) -> np.ndarray:
    """The same network of torch's layers."""
    torch = pytest.importorskip("torch", reason="python -m pip install 'tthd-tools[ctc]'")
    F = torch.nn.functional  # noqa: N806 (as torch's own pages write it)
    w = {name: torch.tensor(values) for name, values in weights.items()}

    def norm(x: Any, number: int) -> Any:
        names = ("moving_mean", "moving_variance", "gamma", "beta")
        values = (w[f"batch_normalization_{number}/{name}"] for name in names)
        return F.batch_norm(x, *values, eps=1e-3)

    def conv(x: Any, name: str, **options: Any) -> Any:
        return F.conv2d(x, w[name].permute(3, 2, 0, 1), **options)

    def separable(x: Any, number: int) -> Any:
        name = f"separable_conv2d_{number}"
        depth = w[f"{name}/depthwise_kernel"].permute(2, 3, 0, 1)
        wide = F.conv2d(x, depth, padding=1, groups=len(depth))
        return conv(wide, f"{name}/pointwise_kernel")

    x = torch.tensor(faces / np.float32(127.5) - 1, dtype=torch.float32)[:, None]
    for number in (1, 2):
        x = F.relu(norm(conv(x, f"conv2d_{number}/kernel"), number))
    for block, (shortcut, first, second) in enumerate(NORMS):
        beside = norm(conv(x, f"conv2d_{block + 3}/kernel", stride=2), shortcut)
        x = F.relu(norm(separable(x, 2 * block + 1), first))
        x = norm(separable(x, 2 * block + 2), second)
        rim = (1, 1, 1, 1) if x.shape[-1] % 2 else (0, 1, 0, 1)  # TensorFlow's "same"
        x = F.max_pool2d(F.pad(x, rim, value=float("-inf")), 3, 2) + beside
    x = conv(x, "conv2d_7/kernel", padding=1) + w["conv2d_7/bias"][:, None, None]
    return np.asarray(F.softmax(x.mean((2, 3)), 1).numpy())


def test_it_is_the_network_of_torchs_layers() -> None:
    weights, faces = invented(), pictures(3)
    assert MiniXception(weights)(faces) == pytest.approx(in_torch(weights, faces), abs=1e-5)


def test_odds_of_each_picture_stand_for_themselves() -> None:
    network, faces = MiniXception(invented()), pictures(3)
    together = network(faces)
    assert together.shape == (3, 7)
    assert together.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert network(faces[1:2])[0].tolist() == together[1].tolist()
    assert network(pictures(0)).shape == (0, 7)


def test_grey_levels_go_to_minus_one_and_one() -> None:
    assert prepare(np.array([[0, 255]], np.uint8)).tolist() == [[-1.0, 1.0]]


def test_weights_are_used_once_each_and_fit_exactly() -> None:
    weights = invented()
    assert len(weights) == 80
    with pytest.raises(ValueError, match="missing or left over: conv2d_7/bias"):
        MiniXception({name: one for name, one in weights.items() if name != "conv2d_7/bias"})
    with pytest.raises(ValueError, match="missing or left over: conv2d_8/kernel"):
        MiniXception(weights | {"conv2d_8/kernel": np.zeros(1, np.float32)})
    with pytest.raises(ValueError, match=r"conv2d_7/bias has shape \(8,\), not \(7,\)"):
        MiniXception(weights | {"conv2d_7/bias": np.zeros(8, np.float32)})


def test_a_keras_file_is_read_without_what_training_needs(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason=H5PY)
    file, weights = tmp_path / "network.hdf5", invented()
    with h5py.File(file, "w") as written:
        for name, values in weights.items():
            layer, kind = name.split("/")
            written[f"model_weights/{layer}/{layer}_1/{kind}:0"] = values
        written["optimizer_weights/Variable_104:0"] = np.zeros(3)
    read = read_weights(file)
    assert set(read) == set(weights)
    assert all(np.array_equal(read[name], weights[name]) for name in weights)


def test_a_keras_file_with_two_weights_of_one_name_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason=H5PY)
    with h5py.File(tmp_path / "network.hdf5", "w") as written:
        written["model_weights/conv2d_1/a/kernel:0"] = np.zeros(1)
        written["model_weights/conv2d_1/b/kernel:0"] = np.zeros(1)
    with pytest.raises(ValueError, match="conv2d_1/kernel is there twice"):
        read_weights(tmp_path / "network.hdf5")


@pytest.mark.real
def test_the_published_file_fits_without_a_weight_too_many_or_too_few(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("h5py", reason=H5PY)
    from tthd_tools.emotion.fer import open_fer
    from tthd_tools.weights import require

    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    weights = read_weights(require("fer2013_mini_xception"))
    assert {name: one.shape for name, one in weights.items()} == weight_shapes()
    faces = pictures(2)
    assert open_fer()(faces) == pytest.approx(in_torch(weights, faces), abs=1e-5)
