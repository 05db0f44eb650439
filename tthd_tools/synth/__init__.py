"""A script of takes comes in; synthetic talking heads with exact ground truth go out."""

from tthd_tools.synth.corpus import write_corpus
from tthd_tools.synth.person import Person, invent_person
from tthd_tools.synth.render import Studio, render
from tthd_tools.synth.scenes import clap_script, sweep_script, variable_times_s
from tthd_tools.synth.script import Actor, Jump, Script, Take
from tthd_tools.synth.truth import Truth, read_truth, truth_path

__all__ = [
    "Actor",
    "Jump",
    "Person",
    "Script",
    "Studio",
    "Take",
    "Truth",
    "clap_script",
    "invent_person",
    "read_truth",
    "render",
    "sweep_script",
    "truth_path",
    "variable_times_s",
    "write_corpus",
]
