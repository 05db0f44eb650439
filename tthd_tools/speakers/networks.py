"""A weight file comes in; a network that scores a face against a sound, frame by frame, goes out.

Light-ASD: J. Liao et al., "A Light Weight Model for Active Speaker Detection", CVPR 2023.
LR-ASD: J. Liao et al., "LR-ASD: Lightweight and Robust Network for Active Speaker Detection",
IJCV 2025. Both split each convolution into one across the picture (of sound: the cepstrum) and one
along time, and end in recurrent layers over the joined features. Modules have the names of the
published weight files.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

WIDTHS = ((1, 32), (32, 64), (64, 128))  # channels into and out of the three blocks
FEATURES = 128
Sense = Literal["picture", "sound"]


class Convolution(nn.Conv2d):
    """A convolution ``across`` the picture or the cepstrum, or one ``along`` time; without bias.

    Pictures are (T, C, H, W) and sound (1, C, 13, T), channels last in memory.
    """

    def __init__(
        self,
        sense: Sense,
        inputs: int,
        outputs: int,
        across: int = 1,
        along: int = 1,
        step: int = 1,
    ) -> None:
        self.over_frames = sense == "picture" and across == 1
        if sense == "picture":
            size = (along, 1) if self.over_frames else (across, across)
        else:
            size = (across, along)
        padding = (size[0] // 2, size[1] // 2)
        super().__init__(inputs, outputs, size, step, padding, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Along time a film is one picture of T rows and H·W columns, the same bytes."""
        if not self.over_frames:
            return super().forward(x)
        frames, _, rows, columns = x.shape
        seen = x.permute(0, 2, 3, 1).reshape(1, frames, rows * columns, -1)
        made = super().forward(seen.permute(0, 3, 1, 2))
        return made.permute(0, 2, 3, 1).reshape(frames, rows, columns, -1).permute(0, 3, 1, 2)


class Block(nn.Module):
    """Convolutions with normalisation and a rectifier each, under the names of the weight file."""

    def __init__(self, sense: Sense) -> None:
        super().__init__()
        self.sense = sense
        self.letter = "s" if sense == "picture" else "m"

    def add(self, name: str, norm_name: str, one: Convolution) -> None:
        """Register a convolution and its normalisation."""
        self.add_module(name, one)
        self.add_module(norm_name, nn.BatchNorm2d(one.out_channels, eps=1e-3))

    def step(self, name: str, norm_name: str, x: Tensor) -> Tensor:
        """Run them."""
        out: Tensor = self.get_submodule(norm_name)(self.get_submodule(name)(x))
        return out.relu_()


class ParallelBlock(Block):
    """Light-ASD: widths 3 and 5 side by side, each across and then along; their sum is mixed."""

    def __init__(self, sense: Sense, inputs: int, outputs: int, step: int) -> None:
        super().__init__(sense)
        for width in (3, 5):
            across = Convolution(sense, inputs, outputs, across=width, step=step)
            along = Convolution(sense, outputs, outputs, along=width)
            self.add(f"{self.letter}_{width}", f"bn_{self.letter}_{width}", across)
            self.add(f"t_{width}", f"bn_t_{width}", along)
        self.add("last", "bn_last", Convolution(sense, outputs, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C', H', W')."""
        paths = []
        for width in (3, 5):
            across = self.step(f"{self.letter}_{width}", f"bn_{self.letter}_{width}", x)
            paths.append(self.step(f"t_{width}", f"bn_t_{width}", across))
        return self.step("last", "bn_last", paths[0] + paths[1])


class SerialBlock(Block):
    """LR-ASD: widths 5 and 3 one after the other, first both across, then both along."""

    def __init__(self, sense: Sense, inputs: int, outputs: int, step: int) -> None:
        super().__init__(sense)
        one, norm, half = self.letter, f"{self.letter}_norm", outputs // 2
        self.add(f"{one}_1", f"{norm}_1", Convolution(sense, inputs, half, across=5, step=step))
        self.add(f"{one}_2", f"{norm}_2", Convolution(sense, half, outputs, across=3))
        self.add("t_1", "t_norm_1", Convolution(sense, outputs, outputs, along=5))
        self.add("t_2", "t_norm_2", Convolution(sense, outputs, outputs, along=3))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C', H', W')."""
        for letter in (self.letter, "t"):
            for number in (1, 2):
                x = self.step(f"{letter}_{number}", f"{letter}_norm_{number}", x)
        return x


class Encoder(nn.Module):
    """Three blocks with a halving between them; then one vector of 128 for each video frame."""

    def __init__(self, block: type[ParallelBlock | SerialBlock], sense: Sense) -> None:
        super().__init__()
        self.sense = sense
        for number, (inputs, outputs) in enumerate(WIDTHS, 1):
            step = 2 if number == 1 and sense == "picture" else 1
            self.add_module(f"block{number}", block(sense, inputs, outputs, step))

    def forward(self, x: Tensor) -> Tensor:
        """(T, 1, 112, 112) or (1, 1, 13, 4·T) → (1, T, 128)."""
        picture = self.sense == "picture"
        halving = ((3, 3), (2, 2), (1, 1)) if picture else ((1, 3), (1, 2), (0, 1))
        x = x.contiguous(memory_format=torch.channels_last)
        for number in (1, 2, 3):
            x = self.get_submodule(f"block{number}")(x)
            if number < 3:
                x = nn.functional.max_pool2d(x, *halving)
        return x.amax(dim=(2, 3))[None] if picture else x.mean(dim=2).transpose(1, 2)


class ChannelAttention(nn.Module):
    """LR-ASD: each channel of each frame is weighted by a gate that sees all channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.attention = nn.Conv1d(channels, channels, 1, bias=False)
        self.bn = nn.BatchNorm1d(channels, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) → (B, T, C)."""
        gate: Tensor = self.bn(self.attention(x.transpose(1, 2))).sigmoid()
        return x * gate.transpose(1, 2)


class Recurrent(nn.Module):
    """One recurrent layer that reads forwards in time and one that reads backwards."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.gru_forward = nn.GRU(inputs, hidden, batch_first=True)
        self.gru_backward = nn.GRU(inputs, hidden, batch_first=True)

    def backwards(self, x: Tensor) -> Tensor:
        """What the second layer makes of (B, T, C)."""
        made: Tensor = self.gru_backward(x.flip(1))[0]
        return made.flip(1)


class ChainedRecurrent(Recurrent):
    """Light-ASD: backwards over what came out forwards."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, 128) → (B, T, 128)."""
        gelu = nn.functional.gelu
        return gelu(self.backwards(gelu(self.gru_forward(x)[0])))


class ParallelRecurrent(Recurrent):
    """LR-ASD: both over the same input, side by side, then weighted."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden)
        self.attention = ChannelAttention(2 * hidden)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, 256) → (B, T, 128)."""
        both = torch.cat([self.gru_forward(x)[0], self.backwards(x)], dim=2)
        weighted: Tensor = self.attention(both)
        return weighted


class LightAsd(nn.Module):
    """Light-ASD: the features of face and sound are added."""

    def __init__(self) -> None:
        super().__init__()
        self.visualEncoder = Encoder(ParallelBlock, "picture")
        self.audioEncoder = Encoder(ParallelBlock, "sound")
        self.GRU = ChainedRecurrent(FEATURES, FEATURES)
        self.head = nn.Linear(FEATURES, 2)
        self.picture_head = nn.Linear(FEATURES, 2)  # trained along, not used

    def forward(self, seen: Tensor, heard: Tensor) -> Tensor:
        """Score of each frame, positive for a speaker: features (B, T, 128) twice → (B, T)."""
        scores: Tensor = self.head(self.GRU(seen + heard))
        return scores[..., 1]


class LrAsd(nn.Module):
    """LR-ASD: they stand side by side, the sound first, and are weighted."""

    def __init__(self) -> None:
        super().__init__()
        self.visualEncoder = Encoder(SerialBlock, "picture")
        self.audioEncoder = Encoder(SerialBlock, "sound")
        self.fusion = ChannelAttention(2 * FEATURES)
        self.detector = ParallelRecurrent(2 * FEATURES, FEATURES // 2)
        self.head = nn.Linear(FEATURES, 2)
        self.picture_head = nn.Linear(FEATURES, 2)  # trained along, not used

    def forward(self, seen: Tensor, heard: Tensor) -> Tensor:
        """Score of each frame, positive for a speaker: features (B, T, 128) twice → (B, T)."""
        scores: Tensor = self.head(self.detector(self.fusion(torch.cat([heard, seen], dim=2))))
        return scores[..., 1]
