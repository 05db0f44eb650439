"""Does this face speak the sound: a clip comes in, it goes out with a score for each frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import PrivateAttr, TypeAdapter

from tthd_tools.clip import Clip, Part
from tthd_tools.stage import ClipStage, Stage, Watch
from tthd_tools.stages.audio_features import AudioFeaturesPart
from tthd_tools.stages.tracks import TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.speakers.published import NetworkScorer

Backend = Literal["light_asd_ava", "correlation", "light_asd", "lr_asd"]


class ActiveSpeakerPart(Part):
    """What speaks for the face being the speaker's, taken by itself.

    ``score`` of the whole clip; ``backend``: the engine that gave it, which says what it means. Of
    ``light_asd_ava`` and ``correlation``: how much better the sound fits the lips than the same
    sound at other times, where foreign sound gets to 1 once in twenty times; the mean over the
    frames times the root of the seconds. Of ``light_asd`` and ``lr_asd``: the network's own, the
    mean over the frames, positive for lips that talk while somebody is heard. ``features.npz``
    holds ``score`` float16 (T,) at 25 Hz, unsmoothed, and ``choice``, by which faces of one scene
    are compared: the score, plus 0 to 1 for lips that move as those of speakers do, plus 0 to 2 for
    how sure a network is by itself. None, and NaN there, where nothing can be said: little over a
    second or less, or a face that is hardly seen.
    """

    stage: ClassVar[str] = "active_speaker"
    score: float | None
    backend: Backend


class ActiveSpeaker(ClipStage):
    """Looks at lips and listens; ``auto`` takes ``light_asd_ava`` where it can run.

    That is a small network (extra ``speaker`` and its weights); ``correlation`` needs nothing.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (TracksPart, AudioFeaturesPart)
    provides: ClassVar[type[Part]] = ActiveSpeakerPart
    version: ClassVar[int] = 2

    backend: Literal["auto"] | Backend = "auto"

    _engine: tuple[Backend, NetworkScorer | None] | None = PrivateAttr(None)

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Choose the engine; the facts name it, its version and its weights."""
        from tthd_tools.speakers import resolve_scorer

        chosen = resolve_scorer(self.backend)
        return self.model_copy(update={"backend": chosen.name}), chosen.facts("backend")

    def setup(self) -> None:
        """Load the engine."""
        from tthd_tools.speakers import open_network, resolve_scorer

        name = resolve_scorer(self.backend).name
        self._engine = TypeAdapter(Backend).validate_python(name), open_network(name)

    def watch(self, clip: Clip, folder: Path) -> Watch:
        """Write ``features.npz``; a network looks at each frame, ``correlation`` at none."""
        import numpy as np

        from tthd_tools.arrays import save_arrays
        from tthd_tools.speakers import (
            SCALES,
            contrast,
            fit_correlation,
            grey,
            moving,
            squares,
            total,
        )

        name, network = self._loaded()
        track = clip.arrays(TracksPart, "track.npz")
        mouth = clip.arrays(TracksPart)["mouth"]
        lips = fit_correlation(mouth, track["valid"], clip.arrays(AudioFeaturesPart)["logmel"])
        if lips is None:
            nothing = np.full(clip.frame_count, np.nan, np.float16)
            save_arrays(folder / "features.npz", score=nothing, choice=nothing)
            return clip.with_part(ActiveSpeakerPart(score=None, backend=name))
        choice = moving(mouth, track["valid"])
        if network is None:
            scores = contrast(lips)
        else:
            places = squares(track["box"], track["valid"], network.recipe.framing)
            pictures: list[NDArray[np.uint8]] = []
            while (frame := (yield)) is not None:
                pictures.append(grey(frame, places[frame.k]))
            scores, belief = network.score(np.stack(pictures), clip.audio(), lips)
            choice += belief
        save_arrays(
            folder / "features.npz",
            score=scores.astype(np.float16),
            choice=(scores + choice).astype(np.float16),
        )
        score = round(total(scores, SCALES[name]), 3)
        return clip.with_part(ActiveSpeakerPart(score=score, backend=name))

    def _loaded(self) -> tuple[Backend, NetworkScorer | None]:
        if self._engine is None:
            self.setup()
        if self._engine is None:
            raise RuntimeError("setup() has loaded no engine")
        return self._engine
