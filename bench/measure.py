"""One measurement, and the small arithmetic of many."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.settings import ROOT


@dataclass(frozen=True)
class Measurement:
    """What was measured: `value` in `unit`, the promise `limit` (None: none was made), and how it came about."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    detail: dict[str, object] = field(default_factory=dict)

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        return None if self.limit is None else self.value <= self.limit


@dataclass(frozen=True)
class Ran:
    """A finished command: wall seconds, processor seconds with all its workers, highest resident memory in MB, standard output.

    The last two are 0 where the system does not tell. Processor seconds say what a busy machine hides.
    """

    seconds: float
    processor: float
    megabytes: float
    output: str


def run(*words: str) -> Ran:
    """Run `python -m lib.cli` with the words in a process of its own, as a person would; RuntimeError when it fails."""
    before = _of_children()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "lib.cli", *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {errors.strip()[-2000:]}")
    after = _of_children()
    return Ran(seconds, after[0] - before[0], after[1], output)


def _of_children() -> tuple[float, float]:
    """Processor seconds of all children until now, and the memory of the largest one in MB (an upper bound for later ones)."""
    if os.name == "nt":
        return 0.0, 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)
