"""What a figure means: how sure it is, how it moved, how far it is from its target, and what needs attention.

Regulation 2.11 asks for two analyses of every figure, the dynamic one (dynamics.py) and the comparative one (comparison.py). Both read
the values of a snapshot; nothing here computes an indicator, and nothing here writes sentences.
"""

from lib.analysis.attention import Finding, FindingKind, findings
from lib.analysis.cohorts import Cohorts
from lib.analysis.comparison import distance, ranked, verdict
from lib.analysis.dynamics import Change, Lookup, change, history, matched_change, periods_for, previous_comparable
from lib.analysis.figure import Figure, Figures, is_share
from lib.analysis.uncertainty import differ, interval, newcombe, noise_band, shrunk, wilson

__all__ = [
    "Change", "change", "Cohorts", "differ", "distance", "Figure", "Figures", "Finding", "FindingKind", "findings", "history", "interval",
    "is_share", "Lookup", "matched_change", "newcombe", "noise_band", "periods_for", "previous_comparable", "ranked", "shrunk",
    "verdict", "wilson",
]  # fmt: skip
