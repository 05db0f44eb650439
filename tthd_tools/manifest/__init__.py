"""What contributors and lists of datasets say of raw videos is read and checked here."""

from tthd_tools.manifest.check import check
from tthd_tools.manifest.consent import Consent, read_consents
from tthd_tools.manifest.desk import MediaCheck, Row
from tthd_tools.manifest.findings import Finding, Problem, Severity, Unreadable
from tthd_tools.manifest.schema import ManifestItem, Submission

__all__ = [
    "Consent",
    "Finding",
    "ManifestItem",
    "MediaCheck",
    "Problem",
    "Row",
    "Severity",
    "Submission",
    "Unreadable",
    "check",
    "read_consents",
]
