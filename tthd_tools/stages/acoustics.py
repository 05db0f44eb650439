"""What an aligner hears of an item: it comes in, it goes out with log-mel rows of all its sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tthd_tools.clip import AUDIO_RATE_HZ, Clip, Part
from tthd_tools.stage import ClipStage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK_S = 60.0  # of sound are held at once
CONTEXT_S = 0.1  # on either side, for the windows at the edges; whole rows


class AcousticsPart(Part):
    """Log-mel rows of the whole item, for the alignment of its transcript.

    ``features.npz`` holds ``log_mel`` float16 (n,26) at 100 Hz, row k at k / 100 s after the first
    video frame; see ``alignment.acoustics``. ``rows`` is 0 and there is no file without sound.
    """

    stage: ClassVar[str] = "acoustics"
    rows: int


class Acoustics(ClipStage):
    """Measures all of an item's sound, since a transcript tells of more than its clips show."""

    provides: ClassVar[type[Part]] = AcousticsPart
    level: ClassVar[str] = "item"

    def process(self, clip: Clip, folder: Path) -> Iterator[Clip]:
        """Write ``features.npz``. Raises MediaError where the sound is damaged."""
        import numpy as np

        from tthd_tools.arrays import save_arrays

        blocks = list(_blocks(clip)) if clip.item.probe.get("audio_codec") else []
        if blocks:
            save_arrays(folder / "features.npz", log_mel=np.concatenate(blocks))
        yield clip.with_part(AcousticsPart(rows=sum(map(len, blocks))))


def _blocks(clip: Clip) -> Iterator[NDArray[np.float16]]:
    """Rows of a minute at a time, the same as if all were measured at once."""
    import numpy as np

    from tthd_tools.alignment.acoustics import RATE_HZ, log_mel
    from tthd_tools.media import read_audio

    end_s = clip.span.end_s
    start_s = clip.span.start_s
    while start_s < end_s:
        until_s = min(start_s + BLOCK_S, end_s)
        before_s = min(CONTEXT_S, start_s - clip.span.start_s)
        after_s = min(CONTEXT_S, end_s - until_s)
        sound = read_audio(clip.source, start_s - before_s, until_s + after_s, AUDIO_RATE_HZ)
        first = round(before_s * RATE_HZ)
        count = round((until_s - start_s) * RATE_HZ)
        yield log_mel(sound)[first : first + count].astype(np.float16)
        start_s = until_s
