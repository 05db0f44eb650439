"""Transcripts and scores of states come in; the best paths of states through the sound go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tthd_tools.alignment.hmm import STATES, Inventory
from tthd_tools.alignment.units import SILENCE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]
    Scores = NDArray[np.float32]

MEAN_FRAMES = 4.0  # that a state lasts
MEAN_SILENCE_FRAMES = 10.0
BEAM = 150.0
"""What scores so much under the best place of a frame is given up, unless nothing else arrives."""
NOWHERE = -1e30
MOST_CELLS = 12_000_000
"""Frames times places that are gone through at once: about 60 MB."""


@dataclass(frozen=True)
class Lattice:
    """The places that a path goes through in order, each a state of the model.

    ``states`` (N,): the model's state at each place; ``owner`` (N,): the syllable it belongs to, -1
    for silence; ``jump`` (N,): a place further back that it may be entered from too, or -1; a path
    begins at one of ``starts`` and ends at one of ``ends``. Silence may stand around every
    syllable, or not.
    """

    states: Ints
    owner: Ints
    jump: Ints
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def least_frames(self) -> int:
        """The shortest sound that all of it fits into."""
        return int((self.owner >= 0).sum())


class Path(NamedTuple):
    """``places`` (T,) of a lattice, and the total score of them."""

    places: Ints
    score: float


def make_lattice(model: Inventory, syllables: Sequence[Sequence[str]]) -> Lattice:
    """The places of a transcript: (silence) syllable (silence) syllable … (silence).

    Raises ValueError for no syllable, or one without a unit.
    """
    import numpy as np

    if not syllables or not all(syllables):
        raise ValueError("a transcript needs syllables, and each of them a unit")
    states: list[int] = list(model.states_of(SILENCE))
    owner, jump = [-1] * STATES, [-1] * STATES
    starts, before = (0, STATES), -1
    for index, units in enumerate(syllables):
        first = len(states)
        for unit in units:
            states += model.states_of(unit)
        count = len(states) - first
        owner += [index] * count
        jump += [before] + [-1] * (count - 1)
        before = len(states) - 1
        states += model.states_of(SILENCE)
        owner += [-1] * STATES
        jump += [-1] * STATES
    ends = (before, len(states) - 1)
    return Lattice(np.array(states), np.array(owner), np.array(jump), starts, ends)


def best_paths(sounds: Sequence[Scores], lattices: Sequence[Lattice]) -> list[Path]:
    """The most likely path (A. Viterbi 1967, IEEE Trans. Information Theory 13) of each sound.

    Scores are (T,S) float32. Many short sounds are gone through side by side; for a long one see
    ``pruned_path``. Raises ValueError where a sound is too short for its transcript.
    """
    for scores, lattice in zip(sounds, lattices, strict=True):
        if len(scores) < lattice.least_frames:
            raise ValueError(
                f"{lattice.least_frames} frames are the least for this transcript, "
                f"and there are {len(scores)}"
            )
    found: dict[int, Path] = {}
    batch: list[int] = []
    width = 0
    for index in sorted(range(len(sounds)), key=lambda index: -len(sounds[index])):
        size = len(lattices[index].states)
        if len(sounds[index]) * size > MOST_CELLS:
            found[index] = pruned_path(sounds[index], lattices[index])
            continue
        if batch and len(sounds[batch[0]]) * (width + size) > MOST_CELLS:
            found |= _together(batch, sounds, lattices)
            batch, width = [], 0
        batch.append(index)
        width += size
    if batch:
        found |= _together(batch, sounds, lattices)
    return [found[index] for index in range(len(sounds))]


def best_path(scores: Scores, lattice: Lattice) -> Path:
    """``best_paths`` of one sound."""
    return best_paths([scores], [lattice])[0]


def pruned_path(scores: Scores, lattice: Lattice, beam: float = BEAM) -> Path:
    """The path of one sound in memory that grows with its length alone.

    What lies ``beam`` under the best place of a frame is given up; if then no path reaches the end,
    all is done again with a beam four times as wide.
    """
    while (path := _search(scores, lattice, beam)) is None:
        beam *= 4
    return path


def _together(
    batch: Sequence[int], sounds: Sequence[Scores], lattices: Sequence[Lattice]
) -> dict[int, Path]:
    """Exact paths of some sounds, the longest first, in one sweep over their frames."""
    import numpy as np

    chosen = [lattices[index] for index in batch]
    lengths = [len(sounds[index]) for index in batch]
    offsets = np.cumsum([0, *(len(one.states) for one in chosen)])
    local = np.zeros((lengths[0], offsets[-1]), np.float32)
    for index, lattice, first in zip(batch, chosen, offsets, strict=False):
        local[: len(sounds[index]), first : first + len(lattice.states)] = sounds[index][
            :, lattice.states
        ]
    stay, leave = _costs(np.concatenate([one.owner for one in chosen]))
    enter = leave[:-1].copy()  # from the place before, which may not be another transcript's
    enter[offsets[1:-1] - 1] = NOWHERE
    jumps = np.concatenate(
        [
            np.where(one.jump >= 0, one.jump + first, -1)
            for one, first in zip(chosen, offsets, strict=False)
        ]
    )
    over = np.flatnonzero(jumps >= 0)
    source = jumps[over]
    reached = np.full(offsets[-1], NOWHERE)
    starts = [
        first + start for one, first in zip(chosen, offsets, strict=False) for start in one.starts
    ]
    reached[starts] = local[0, starts]
    steps = np.zeros(local.shape, np.int8)
    finished = set(lengths)
    ends = np.zeros(len(batch), np.intp)
    totals = np.zeros(len(batch))
    for frame in range(lengths[0]):
        if frame:
            best = reached + stay
            before = reached[:-1] + enter
            np.greater(before, best[1:], out=steps[frame, 1:], casting="unsafe")
            np.maximum(best[1:], before, out=best[1:])
            jumped = reached[source] + leave[source]
            further = jumped > best[over]
            steps[frame, over[further]] = 2
            best[over] = np.maximum(best[over], jumped)
            reached = best + local[frame]
        if frame + 1 in finished:
            for row in (row for row, length in enumerate(lengths) if length == frame + 1):
                places = [offsets[row] + end for end in chosen[row].ends]
                ends[row] = max(places, key=lambda place: float(reached[place]))
                totals[row] = reached[ends[row]]
    traced = _trace_all(steps, jumps, ends, np.array(lengths))
    return {
        index: Path(traced[: lengths[row], row] - offsets[row], float(totals[row]))
        for row, index in enumerate(batch)
    }


def _trace_all(steps: NDArray[np.int8], jumps: Ints, ends: Ints, lengths: Ints) -> Ints:
    """Places (T,B) of all paths, from their ends back."""
    import numpy as np

    places = np.zeros((len(steps), len(ends)), np.intp)
    place = ends.copy()
    for frame in range(len(steps) - 1, -1, -1):
        running = lengths > frame
        places[frame] = place
        how = np.where(running, steps[frame, place], 0)
        place = np.where(how == 2, jumps[place], place - (how == 1))
    return places


def _costs(owner: Ints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logarithms of the chances to stay at a place and to leave it."""
    import numpy as np

    mean = np.where(owner < 0, MEAN_SILENCE_FRAMES, MEAN_FRAMES)
    return np.log(1 - 1 / mean), np.log(1 / mean)


def _search(scores: Scores, lattice: Lattice, beam: float) -> Path | None:
    import numpy as np

    count = len(lattice.states)
    stay, leave = _costs(lattice.owner)
    farthest = STATES + 1  # that a step can go
    reached = np.full(count, NOWHERE)
    starts = list(lattice.starts)
    reached[starts] = scores[0, lattice.states[starts]]
    low, high = 0, max(starts) + 1
    steps: list[tuple[int, NDArray[np.int8]]] = []
    for row in scores[1:]:
        high = min(count, high + farthest)
        window = slice(low, high)
        left = reached[window] + leave[window]
        best = reached[window] + stay[window]
        step = np.zeros(high - low, np.int8)
        from_before = left[:-1] > best[1:]
        step[1:][from_before] = 1
        best[1:][from_before] = left[:-1][from_before]
        jump = lattice.jump[window] - low
        over = np.flatnonzero(jump >= 0)
        nearer = over[left[jump[over]] > best[over]]
        step[nearer] = 2
        best[nearer] = left[jump[nearer]]
        best += row[lattice.states[window]]
        reached[window] = best
        steps.append((low, step))
        alive = np.flatnonzero(best > best.max() - beam)
        reached[low : low + alive[0]] = NOWHERE
        reached[low + alive[-1] + 1 : high] = NOWHERE
        low, high = low + int(alive[0]), low + int(alive[-1]) + 1
    end = max(lattice.ends, key=lambda place: float(reached[place]))
    if reached[end] <= NOWHERE / 2:
        return None
    return Path(_traced(steps, lattice, end), float(reached[end]))


def _traced(steps: list[tuple[int, NDArray[np.int8]]], lattice: Lattice, end: int) -> Ints:
    import numpy as np

    places = np.empty(len(steps) + 1, np.intp)
    place = end
    places[-1] = place
    for frame in range(len(steps), 0, -1):
        low, step = steps[frame - 1]
        how = step[place - low]
        place = place if how == 0 else place - 1 if how == 1 else int(lattice.jump[place])
        places[frame - 1] = place
    return places
