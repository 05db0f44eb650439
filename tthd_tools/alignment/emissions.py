"""An item that the stage ``emissions`` has seen comes in; what forced alignment needs goes out."""

from __future__ import annotations

from tthd_tools.alignment.forced import Emissions
from tthd_tools.alignment.tokens import Vocabulary
from tthd_tools.clip import Clip


def read_emissions(clip: Clip) -> Emissions | None:
    """The emissions of a clip's whole item, or None where it has none.

    Their clock is the item's: seconds from the first video frame; ``between(*clip.span)`` is what
    belongs to the clip.
    """
    from tthd_tools.stages.emissions import EmissionsPart

    if not clip.has(EmissionsPart) or not clip.part(EmissionsPart).frames:
        return None
    found = clip.arrays(EmissionsPart)
    vocabulary = Vocabulary({str(token): at for at, token in enumerate(found["tokens"])}, 0)
    stride_s = clip.part(EmissionsPart).stride_s
    return Emissions(found["log_probs"], vocabulary, stride_s, star=found["star"])
