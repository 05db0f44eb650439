"""What a network hears: states by their spectra, broad kinds by their units, the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.alignment.spoken import spectrum
from tthd_tools.alignment.network import Network, load_network, train_network

UNITS = ("sil", "<hiss>", "<vowel>", "a", "o", "s")
SPOKEN = (0, 9, 12, 15)  # the first states of silence, a, o and s


def sound(seed: int) -> tuple[NDArray[np.float16], NDArray[np.intp]]:
    """Log-mel rows of 24 sounds of 0.18 s, and the state of each row."""
    random = np.random.default_rng(seed)
    names = {0: None, 9: "a", 12: "o", 15: "s"}
    rows, states = [], []
    for first in random.permutation(np.repeat(SPOKEN, 6)):
        name = names[int(first)]
        rows.append(np.tile(np.full(26, -6.0) if name is None else spectrum(name), (18, 1)))
        states.append(first + np.arange(18) // 6)
    found = np.concatenate(rows)
    noisy = found + random.normal(0, 0.5, found.shape)
    return noisy.astype(np.float16), np.concatenate(states)


def trained(seeds: range) -> Network:
    heard = [sound(seed) for seed in seeds]
    return train_network(UNITS, [rows for rows, _ in heard], [states for _, states in heard])


@pytest.fixture(scope="module")
def network() -> Network:
    return trained(range(4))


def test_each_frame_of_unheard_sound_is_most_like_its_own_unit(network: Network) -> None:
    rows, states = sound(100)
    scores = network.scores(rows)
    assert scores.shape == (432, 18)
    assert scores.dtype == np.float32
    heard = scores[:, [*range(3), *range(9, 18)]].argmax(axis=1)
    right = np.maximum(states - 6, 0) // 3
    assert np.mean(heard // 3 == right) > 0.9


def test_scores_are_likelihoods_over_that_of_any_sound(network: Network) -> None:
    scores = network.scores(sound(100)[0])
    known = scores[:, [*range(3), *range(9, 18)]]
    # P(state | sound) = P(state) P(sound | state) / P(sound), and all of them are 1 together.
    np.testing.assert_allclose(np.exp(known + network.log_shares).sum(axis=1), 1, atol=1e-4)


def test_a_broad_kind_is_its_units_together(network: Network) -> None:
    scores = np.exp(network.scores(sound(100)[0]).astype(np.float64))
    shares = np.exp(network.log_shares.astype(np.float64))
    both = (shares[3:6] * scores[:, 9:12] + shares[6:9] * scores[:, 12:15]) / (
        shares[3:6] + shares[6:9]
    )
    np.testing.assert_allclose(scores[:, 6:9], both, rtol=1e-3)
    np.testing.assert_allclose(scores[:, 3:6], scores[:, 15:18], rtol=1e-3)  # s is its only hiss


def test_long_sound_is_heard_as_its_pieces_are(network: Network) -> None:
    rows = np.concatenate([sound(seed)[0] for seed in range(100, 104)])
    assert len(rows) > 1000
    whole = network.scores(rows)
    again = network.scores(rows)
    np.testing.assert_array_equal(whole, again)
    assert np.isfinite(whole).all()
    assert network.scores(rows[:0]).shape == (0, 18)


def test_a_network_survives_its_file_and_is_the_same_again(
    network: Network, tmp_path: Path
) -> None:
    for name in ("a.npz", "b.npz"):
        trained(range(1)).save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    network.save(tmp_path / "m.npz")
    again = load_network(tmp_path / "m.npz")
    assert again.units == UNITS
    rows = sound(5)[0]
    np.testing.assert_array_equal(again.scores(rows), network.scores(rows))
    assert again.states_of("zh") == again.states_of("<hiss>")
    assert again.states_of("s") == range(15, 18)


def test_a_file_that_is_no_network_is_refused(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="is no acoustic model"):
        load_network(path)
    network.save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["bias_2"] = arrays["bias_2"][:-1]
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match="its arrays do not fit together"):
        load_network(path)
