"""Published weight files are read whole, and their networks tell own from foreign sound."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tthd_tools import weights
from tthd_tools.errors import WeightsError
from tthd_tools.speakers import Fits, open_network, total
from tthd_tools.speakers.resolve import SCALES

if find_spec("torch") is None:
    pytest.skip("needs torch: pip install 'tthd-tools[speaker]'", allow_module_level=True)

import torch

from tthd_tools.speakers.networks import Convolution, LightAsd, LrAsd
from tthd_tools.speakers.published import RECIPES, NetworkScorer, load_network

Network = type[LightAsd | LrAsd]
both = pytest.mark.parametrize("kind", [LightAsd, LrAsd])


def published(network: LightAsd | LrAsd) -> dict[str, torch.Tensor]:
    """Weights as the training programs store them: films have kernels of their own."""
    names = {"head": "lossAV.FC", "picture_head": "lossV.FC"}
    stored = {}
    for key, value in network.state_dict().items():
        module, _, leaf = key.rpartition(".")
        one = network.get_submodule(module)
        if isinstance(one, Convolution) and key.startswith("visualEncoder"):
            value = value[..., None] if one.over_frames else value[:, :, None]
        stored[f"{names.get(module, f'model.{module}')}.{leaf}"] = value
    return stored


def saved(kind: Network, folder: Path, **changes: torch.Tensor | None) -> Path:
    torch.manual_seed(1)
    entries = published(kind()) | {key.replace("__", "."): one for key, one in changes.items()}
    path = folder / "weights.model"
    torch.save({key: one for key, one in entries.items() if one is not None}, path)
    return path


def film(frames: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (frames, 112, 112)).astype(np.uint8)


def noise(frames: int) -> NDArray[np.float32]:
    return np.random.default_rng(5).normal(0, 0.1, frames * 640).astype(np.float32)


def no_lips(frames: int) -> Fits:
    return Fits(np.zeros((6, frames)), 0.0)


@both
def test_a_published_file_is_loaded_key_by_key(kind: Network, tmp_path: Path) -> None:
    network = load_network(kind(), saved(kind, tmp_path))
    torch.manual_seed(1)
    fresh = kind().state_dict()
    assert all(torch.equal(value, fresh[key]) for key, value in network.state_dict().items())


@both
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lossV__FC__bias": None}, "Missing key.*picture_head.bias"),
        ({"model__extra__weight": torch.zeros(1)}, "Unexpected key.*extra.weight"),
        ({"optimiser": torch.zeros(1)}, "optimiser"),
        ({"lossAV__FC__bias": torch.zeros(3)}, "size mismatch"),
    ],
)
def test_any_other_file_is_refused(
    kind: Network, change: dict[str, torch.Tensor | None], told: str, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=f"(?s)does not hold the weights.*{told}"):
        load_network(kind(), saved(kind, tmp_path, **change))


@pytest.mark.parametrize("name", ["light_asd_ava", "lr_asd"])
def test_scores_of_a_film_do_not_depend_on_the_blocks_it_is_looked_at_in(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = NetworkScorer(name, saved(RECIPES[name].network, tmp_path))
    pictures, sound = film(30), noise(30)
    scores, belief = scorer.score(pictures, sound, no_lips(30))
    assert scores.shape == (30,)
    assert np.isfinite(scores).all()
    monkeypatch.setattr("tthd_tools.speakers.published.BLOCK_FRAMES", 15)
    again = scorer.score(pictures, sound, no_lips(30))
    assert again.scores == pytest.approx(scores, abs=1e-4)
    assert again.belief == pytest.approx(belief, abs=1e-4)


def test_a_sound_that_never_changes_fits_alike_everywhere(tmp_path: Path) -> None:
    scorer = NetworkScorer("light_asd_ava", saved(LightAsd, tmp_path))
    seen, heard = torch.randn(1, 40, 128), torch.randn(1, 40, 128)
    steady = scorer.compare(seen, heard[:, :1].expand(1, 40, 128), no_lips(40)).scores
    assert steady.mean() == pytest.approx(0, abs=1e-5)
    assert abs(scorer.compare(seen, heard, no_lips(40)).scores.mean()) > 1e-4


@pytest.mark.parametrize(("logit", "belief"), [(0.0, 1.0), (2.0, 1.762), (-9.0, 0.0)])
@pytest.mark.parametrize("name", ["light_asd_ava", "light_asd"])
def test_belief_is_the_own_score_between_0_and_2(
    name: str, logit: float, belief: float, tmp_path: Path
) -> None:
    constant = {
        "lossAV__FC__weight": torch.zeros(2, 128),
        "lossAV__FC__bias": torch.full((2,), logit),
    }
    scorer = NetworkScorer(name, saved(LightAsd, tmp_path, **constant))
    told = scorer.compare(torch.randn(1, 40, 128), torch.randn(1, 40, 128), no_lips(40))
    assert told.belief == pytest.approx(np.full(40, belief), abs=1e-3)
    assert told.scores == pytest.approx(np.full(40, 0.0 if name.endswith("ava") else logit))


@pytest.mark.real
@pytest.mark.parametrize("name", RECIPES)
def test_the_real_files_are_read_without_a_missing_or_unexpected_key(
    name: str, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    stored = torch.load(weights.require(name), map_location="cpu", weights_only=True)
    scorer = open_network(name)
    assert scorer is not None
    ours = scorer._network.state_dict()
    assert len(ours) == len(stored)
    assert sum(one.numel() for one in ours.values()) == sum(one.numel() for one in stored.values())


@pytest.mark.real
def test_the_own_sound_fits_a_talker_best(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tthd_tools.clip import ClipFrame
    from tthd_tools.media import Crop, read_audio, sample_frames
    from tthd_tools.speakers import grey

    monkeypatch.setenv("TTHD_WEIGHTS", str(shared / "models"))
    scorer = open_network("light_asd_ava")
    assert scorer is not None
    talkers, frames = shared / "media" / "talkers", 200
    own = talkers / "th05_woman_blond_25fps.mp4"
    square = Crop(256.0, 256.0, 512.0)
    pictures = [
        grey(ClipFrame(k, t_s, frame, None), square)
        for k, t_s, frame in sample_frames(own, 0.0, frames / 25, fps=25)
    ]
    seen = scorer.see(np.stack(pictures))

    def score(source: Path) -> float:
        heard = scorer.hear(read_audio(source, 0.0, frames / 25), frames)
        told = scorer.compare(seen, heard, no_lips(frames))
        return total(told.scores, SCALES["light_asd_ava"])

    foreign = [score(path) for path in sorted(talkers.glob("th0[678]*.mp4"))]
    assert len(foreign) == 3
    assert score(own) > max(1.0, *foreign)
