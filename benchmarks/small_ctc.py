"""Synthetic speech goes in; a small CTC network that knows its letters comes out.

Five convolutions over log-mel spectra, 0.3 s of sound for a frame of 20 ms, trained on one core in
less than a minute on phrases of invented persons. With ``prior_weight`` the loss is that of
posteriors divided by the running mean of each label (R. Huang et al. 2024, ICASSP), so that labels
reach over their sound and do not peak somewhere in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tthd_tools.alignment.tokens import Vocabulary
from tthd_tools.synth import invent_person
from tthd_tools.synth.speech import Said, plan_speech
from tthd_tools.synth.voice import synthesise

RATE_HZ, HOP, BANDS = 16_000, 160, 40
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Utterance:
    """Sound of one person, and every syllable with its true times."""

    sound: Sound
    said: tuple[Said, ...]

    @property
    def text(self) -> str:
        """Its letters as they are said, a space between syllables."""
        return " ".join(one.roman for one in self.said)


def utter(person: int, seed: int, seconds: float) -> Utterance:
    """What an invented person says, with noise 45 to 60 dB under full scale."""
    who = invent_person(person)
    plan = plan_speech(who, "neutral", seconds, seed)
    random = np.random.default_rng([seed, 99])
    sound = synthesise(who, plan, "neutral", seed)
    noise = 10 ** (-random.uniform(45, 60) / 20) * random.standard_normal(len(sound))
    return Utterance(sound + noise.astype(np.float32), plan.said)


def log_mel(sound: Sound) -> NDArray[np.float32]:
    """Log-mel spectrum (n // 160, 40): windows of 25 ms centred on their 10 ms."""
    count = len(sound) // HOP
    padded = np.pad(sound, (120, 400))
    views = np.lib.stride_tricks.sliding_window_view(padded, 400)[: count * HOP : HOP]
    power = np.square(np.abs(np.fft.rfft(views * np.hanning(400), 512)))
    mel = 2595 * np.log10(1 + np.linspace(0, 8000, 257) / 700)
    edge = np.linspace(2595 * np.log10(1 + 60 / 700), mel[-1], BANDS + 2)[:, None]
    rise = (mel - edge[:-2]) / (edge[1:-1] - edge[:-2])
    fall = (edge[2:] - mel) / (edge[2:] - edge[1:-1])
    spectrum = np.log(power @ np.maximum(0, np.minimum(rise, fall)).T + 1e-6)
    return ((spectrum + 6) / 4).astype(np.float32)


class Network(torch.nn.Module):
    """Log-mel (B, T, 40) in, log-probabilities (B, ceil(T / 2), V) out."""

    def __init__(self, tokens: int, width: int = 64) -> None:
        super().__init__()
        layers: list[torch.nn.Module] = []
        for index, (stride, dilation) in enumerate(((1, 1), (2, 1), (1, 1), (1, 2), (1, 2))):
            into = width if index else BANDS
            padding = 2 * dilation
            layers += [
                torch.nn.Conv1d(into, width, 5, stride, padding, dilation),
                torch.nn.BatchNorm1d(width),
                torch.nn.ReLU(),
            ]
        self.layers = torch.nn.Sequential(*layers, torch.nn.Conv1d(width, tokens, 1))

    def forward(self, spectrum: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.layers(spectrum.transpose(1, 2))
        return logits.transpose(1, 2).log_softmax(-1)


@dataclass(frozen=True)
class SmallCtc:
    """An ``Emitter`` of ``windows.emit`` with 20 ms a frame."""

    network: Network
    vocabulary: Vocabulary
    rate_hz: int = RATE_HZ
    stride: int = 2 * HOP
    edge: int = 0

    def __call__(self, sound: Sound) -> NDArray[np.float32]:
        """Log-probabilities (frames, V)."""
        with torch.inference_mode():
            found: NDArray[np.float32] = self.network(torch.tensor(log_mel(sound))[None])[0].numpy()
        return found


def train(utterances: list[Utterance], prior_weight: float, steps: int = 500) -> SmallCtc:
    """Train on the phrases of ``utterances``, always the same way."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    letters = sorted({letter for one in utterances for letter in one.text if letter != " "})
    vocabulary = Vocabulary({token: at for at, token in enumerate(["<blank>", *letters])}, 0)
    phrases = [phrase for one in utterances for phrase in _phrases(one, vocabulary)]
    network = Network(len(vocabulary.columns))
    optimiser = torch.optim.AdamW(network.parameters(), 5e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    prior = torch.full((len(vocabulary.columns),), -float(np.log(len(vocabulary.columns))))
    for _ in range(steps):
        batch = [phrases[at] for at in random.choice(len(phrases), 16, replace=False)]
        found = network(_padded([spectrum for spectrum, _ in batch]))
        with torch.no_grad():
            now = found.logsumexp((0, 1)) - np.log(found.shape[0] * found.shape[1])
            prior = torch.logaddexp(prior + np.log(0.95), now + np.log(0.05))
        loss = _loss(found - prior_weight * prior, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
    return SmallCtc(network.eval(), vocabulary)


def _phrases(one: Utterance, vocabulary: Vocabulary) -> list[tuple[NDArray[np.float32], list[int]]]:
    """Log-mel and tokens of each whole phrase, with 0.15 s around it."""
    found = []
    for phrase in sorted({said.phrase for said in one.said}):
        said = [each for each in one.said if each.phrase == phrase]
        if said[-1].end_s < len(one.sound) / RATE_HZ - 0.01:
            first = max(round((said[0].start_s - 0.15) * RATE_HZ), 0)
            part = one.sound[first : round((said[-1].end_s + 0.15) * RATE_HZ)]
            tokens = [vocabulary.columns[letter] for each in said for letter in each.roman]
            found.append((log_mel(part), tokens))
    return found


def _padded(spectra: list[NDArray[np.float32]]) -> torch.Tensor:
    longest = max(map(len, spectra))
    return torch.tensor(np.stack([np.pad(s, ((0, longest - len(s)), (0, 0))) for s in spectra]))


def _loss(scores: torch.Tensor, batch: list[tuple[Any, list[int]]]) -> torch.Tensor:
    lengths = torch.tensor([len(tokens) for _, tokens in batch])
    loss = torch.nn.functional.ctc_loss(
        scores.transpose(0, 1),
        torch.tensor([token for _, tokens in batch for token in tokens]),
        torch.tensor([-(-len(spectrum) // 2) for spectrum, _ in batch]),
        lengths,
        reduction="sum",
        zero_infinity=True,
    )
    return loss / lengths.sum()
