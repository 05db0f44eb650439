"""Arrays come back as they were, and the same arrays are the same bytes."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tthd_tools.arrays import load_arrays, save_arrays


def test_arrays_come_back_with_shape_and_type(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    save_arrays(path, mouth=np.arange(6, dtype=np.float16).reshape(2, 3), ok=np.array([True]))
    found = load_arrays(path)
    assert list(found) == ["mouth", "ok"]
    assert found["mouth"].dtype == np.float16
    assert found["mouth"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["ok"].tolist() == [True]


def test_same_arrays_give_same_bytes_in_any_order_and_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = np.arange(12.0).reshape(3, 4)
    save_arrays(tmp_path / "a.npz", x=grid, y=np.zeros(3))
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    save_arrays(tmp_path / "b.npz", y=np.zeros(3), x=np.asfortranarray(grid))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_scalars_keep_their_shape(tmp_path: Path) -> None:
    save_arrays(tmp_path / "a.npz", x=np.float32(2.5))
    assert load_arrays(tmp_path / "a.npz")["x"].shape == ()


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with pytest.raises(ValueError, match="allow_pickle"):
        save_arrays(path, x=np.array([object()]))
    np.savez(path, x=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        load_arrays(path)
