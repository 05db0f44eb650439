"""How face and voice express themselves: a clip comes in, it goes out with actions and prosody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import PrivateAttr

from tthd_tools.clip import Clip, ClipFrame, Part
from tthd_tools.engines import Engine, resolve_engine
from tthd_tools.stage import ClipStage, Stage, Watch
from tthd_tools.stages.tracks import TracksPart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tthd_tools.emotion.fer import MiniXception

FACES = (
    Engine("fer", {"h5py": "h5py"}, ("fer2013_mini_xception",), "emotion"),
    Engine("geometry", {}),
)
"""The best first: on real faces the network tells sadness from a smile, which the mesh does not."""
FACE_SCALE = 1.15  # of the mesh's height, which ends at the brow: as much as FER2013 shows


class ExpressionPart(Part):
    """Numbers from which ``emotion`` judges.

    ``face``: the engine that looked; of the voice, None where none is heard, see
    ``emotion.prosody.Prosody``: ``pitch_hz``, ``pitch_range_st``, ``pitch_slope_st_s``,
    ``level_db``, ``level_range_db``, ``rate_hz``, ``tilt_db_octave``. Features in ``features.npz``:
    ``actions`` float16 (T,9) at 25 Hz, see ``emotion.actions.ACTIONS``, NaN where no face was seen;
    ``fer`` float16 (N,7) at 5 Hz, at frames 2, 7, 12, …, only with that engine: how likely each of
    ``emotion.labels.FER2013`` is, NaN where no face was seen.
    """

    stage: ClassVar[str] = "expression"
    face: Literal["fer", "geometry"]
    pitch_hz: float | None = None
    pitch_range_st: float | None = None
    pitch_slope_st_s: float | None = None
    level_db: float | None = None
    level_range_db: float | None = None
    rate_hz: float | None = None
    tilt_db_octave: float | None = None


class Expression(ClipStage):
    """Measures facial actions from the mesh, prosody from the sound.

    ``face: fer`` has a network look at the face besides, five times a second; ``geometry`` does
    without; ``auto`` takes it where its weights are here.
    """

    requires: ClassVar[tuple[type[Part], ...]] = (TracksPart,)
    provides: ClassVar[type[Part]] = ExpressionPart

    face: Literal["auto", "fer", "geometry"] = "auto"
    _network: MiniXception | None = PrivateAttr(None)

    def resolve(self) -> tuple[Stage, dict[str, str]]:
        """Choose the engine; the facts name it, its version and its weights."""
        chosen = resolve_engine("face expression", FACES, self.face)
        return self.model_copy(update={"face": chosen.name}), chosen.facts("face")

    def setup(self) -> None:
        """Load the network, if one is to look."""
        if self.face == "fer":
            from tthd_tools.emotion.fer import open_fer

            self._network = open_fer()

    def watch(self, clip: Clip, folder: Path) -> Watch:
        """Show the network some faces, then measure mesh and sound."""
        import numpy as np

        from tthd_tools.arrays import save_arrays
        from tthd_tools.emotion.actions import face_actions
        from tthd_tools.emotion.evidence import looks
        from tthd_tools.emotion.fer import CLASSES
        from tthd_tools.emotion.prosody import measure_prosody

        track, pose = clip.arrays(TracksPart, "track.npz"), clip.arrays(TracksPart)["pose"]
        pose = pose.astype(np.float64) - track["crop"][:, 3:4] * (0, 0, 1)  # as seen in the crop
        rows = {int(k): row for row, k in enumerate(looks(clip.frame_count))}
        seen = np.full((len(rows), CLASSES), np.nan)
        while (frame := (yield)) is not None:
            if self._network is not None and frame.k in rows and track["valid"][frame.k]:
                picture = face_picture(frame, track, float(pose[frame.k, 2]))
                seen[rows[frame.k]] = self._network(picture[None])[0]
        actions = face_actions(TracksPart.points(clip, 1), pose)
        actions[~track["valid"]] = np.nan
        arrays = {"actions": actions.astype(np.float16)}
        if self._network is not None:
            arrays["fer"] = seen.astype(np.float16)
        save_arrays(folder / "features.npz", **arrays)
        prosody = measure_prosody(clip.audio())._asdict()
        face: Literal["fer", "geometry"] = "geometry" if self._network is None else "fer"
        return clip.with_part(ExpressionPart(face=face, **prosody))


def face_picture(
    frame: ClipFrame, track: dict[str, NDArray[np.generic]], roll_deg: float
) -> NDArray[np.uint8]:
    """Grey levels 0..255 of the face alone, upright, (64, 64): a square a little over its height.

    ``roll_deg`` is that of the face in the crop.
    """
    import numpy as np

    from tthd_tools.emotion.fer import SIDE_PX
    from tthd_tools.media import Crop

    cx, cy, side, angle_deg = (float(value) for value in track["crop"][frame.k].astype(float))
    points = track["mesh"][frame.k, :, :2].astype(np.float64) * (side / TracksPart.scale)
    low, high = ((points @ _turn(roll_deg)).min(axis=0), (points @ _turn(roll_deg)).max(axis=0))
    x, y = _turn(angle_deg + roll_deg) @ ((low + high) / 2)
    square = Crop(cx + x, cy + y, FACE_SCALE * float(high[1] - low[1]), angle_deg + roll_deg)
    luma = frame.frame.crop_luma(square, SIDE_PX).astype(np.float64)
    return np.asarray(np.clip(np.rint((luma - 16) * 255 / 219), 0, 255), np.uint8)


def _turn(angle_deg: float) -> NDArray[np.float64]:
    """The rotation (2, 2) that turns clockwise in the picture."""
    import numpy as np

    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[cos, -sin], [sin, cos]])
