"""Talkers go in; how many seconds of film each stage does in a second comes out.

    python benchmarks/real_time_factors.py [--media DIR] [--films 15] [--landmarker auto]

From the ledger's own rows, in one process on one thread: seconds of the clock, so a busy machine
shows less; `CPU` is the whole chain by processor time. `decode` is the second decode, which encode,
masks and quality share; scenes hold the first, which tracks share. `chain` is all together.
"""

from __future__ import annotations

from collections import defaultdict

from harness import arguments, now, plan_of, print_table, run_chain, sources, workspace_of

from tthd_tools.ledger import Row

STAGES = (
    *("scenes", "tracks", "decode", "encode", "masks", "quality"),
    *("audio_features", "speech", "chain", "CPU"),
)


def seconds_of(rows: list[Row]) -> dict[str, float]:
    """Seconds of the clock by stage."""
    found: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        decode_s = row.numbers.get("decode_s", 0.0)
        found["decode"] += decode_s
        found[row.stage] += row.seconds - decode_s
        found["chain"] += row.seconds
    return found


def main() -> None:
    films = ("--films", int, 15, "how many talkers, in order of their names")
    landmarker = ("--landmarker", str, "auto", "engine")
    options = arguments(str(__doc__), films, landmarker)
    names = sorted(path.name for path in (options.media / "talkers").glob("*.mp4"))
    plan = plan_of(f"tracks.landmarker={options.landmarker}")
    rows, total_s, spent = [], 0.0, dict.fromkeys(STAGES, 0.0)
    with sources(options.media, names[: options.films]) as there:
        with workspace_of(there[0]) as workspace:
            run_chain(workspace, plan)  # the first film of a process loads libraries
        for film in there:
            with workspace_of(film) as workspace:
                ((item, _),) = workspace.items()
                began_s = now().cpu_s
                seconds = seconds_of(run_chain(workspace, plan).rows)
                seconds["CPU"] = now().cpu_s - began_s
            total_s += item.duration_s
            spent = {stage: spent[stage] + seconds[stage] for stage in STAGES}
            size = f"{item.probe['width']}x{item.probe['height']}"
            factors = [f"{item.duration_s / max(seconds[stage], 1e-3):.1f}" for stage in STAGES]
            rows.append([film.stem, size, f"{item.duration_s:.1f}", *factors])
    factors = [f"{total_s / max(spent[stage], 1e-3):.1f}" for stage in STAGES]
    shares = [f"{spent[stage] / spent['chain']:.0%}" for stage in STAGES]
    rows += [["all", "", f"{total_s:.1f}", *factors], ["share of the time", "", "", *shares]]
    print("multiples of real time")
    print_table(("film", "size", "seconds", *STAGES), rows)


if __name__ == "__main__":
    main()
