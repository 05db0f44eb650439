"""Sound goes in, speech comes out: Silero VAD (github.com/snakers4/silero-vad) by onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tthd_tools.speech.records import Sound, Voices
from tthd_tools.speech.regions import between, tidy

RATE_HZ = 16_000
WINDOW = 512  # 32 ms
CONTEXT = 64  # samples before the window that the network sees again
STEP = RATE_HZ // 100
# Those of Silero's own get_speech_timestamps, in steps of 10 ms; it waits four windows, not 100 ms.
HYSTERESIS, BRIDGE, SHORTEST, MARGIN = 0.15, 13, 25, 3


class SileroDetector:
    """A recurrent network of 1.3 MB; ``threshold`` 0..1 is where speech begins."""

    def __init__(self, path: Path, threshold: float = 0.5) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._threshold = threshold

    def listen(self, sound: Sound) -> Voices:
        """Hear mono sound at 16 kHz."""
        steps = len(sound) // STEP
        middle = np.arange(steps) * STEP + STEP // 2
        values = self.probabilities(sound)[middle // WINDOW]
        spoken = between(values, self._threshold, max(self._threshold - HYSTERESIS, 0.01))
        return Voices(tidy(spoken, BRIDGE, SHORTEST, MARGIN))

    def probabilities(self, sound: Sound) -> NDArray[np.float32]:
        """Probability of speech in each 32 ms, (ceil(n / 512),)."""
        windows = -(-len(sound) // WINDOW)
        padded = np.zeros((1, CONTEXT + windows * WINDOW), np.float32)
        padded[0, CONTEXT : CONTEXT + len(sound)] = sound
        state, rate = np.zeros((2, 1, 128), np.float32), np.array(RATE_HZ, np.int64)
        found = np.zeros(windows, np.float32)
        for k in range(windows):
            seen = padded[:, k * WINDOW : (k + 1) * WINDOW + CONTEXT]
            heard, state = self._session.run(None, {"input": seen, "state": state, "sr": rate})
            found[k] = heard[0, 0]
        return found
