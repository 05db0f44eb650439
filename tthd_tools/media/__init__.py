"""Media files go in and out here: probe, decode, encode, sound; the only code that touches PyAV."""

from tthd_tools.media.audio import read_audio, sound_end_s, write_wav
from tthd_tools.media.decode import Sample, judder, paced, read_frames, sample_frames
from tthd_tools.media.encode import VideoWriter
from tthd_tools.media.frame import Crop, Frame
from tthd_tools.media.mux import write_movie
from tthd_tools.media.probe import Probe, probe
from tthd_tools.media.remux import add_sound

__all__ = [
    "Crop",
    "Frame",
    "Probe",
    "Sample",
    "VideoWriter",
    "add_sound",
    "judder",
    "paced",
    "probe",
    "read_audio",
    "read_frames",
    "sample_frames",
    "sound_end_s",
    "write_movie",
    "write_wav",
]
