"""What a school would write instead: pandas.read_excel over every tab, and a groupby. One indicator, no checks, no addresses.

A tab whose keys somebody has deleted is passed over, as such a script would; Sapat finds its columns by their titles.
"""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

from bench.measure import Measurement
from bench.school import workbooks

_MARKS = ("5", "4", "3", "2")
_QUARTERS = ["q1", "q2", "q3", "q4"]


def naive(store: Path) -> Measurement:
    """Read every tab of every workbook and compute the quality of knowledge (D1.02) by class, subject and quarter."""
    started = time.perf_counter()
    marks, tabs, lost = [], 0, 0
    for path in workbooks(store):
        for sheet in pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="openpyxl").values():
            tabs += 1
            if sheet.empty or sheet.iat[0, 0] != "sapat":
                continue
            identity = dict(str(value).split("=", 1) for value in sheet.iloc[0] if "=" in str(value))
            if identity["form"].startswith("F01"):
                rows = sheet.iloc[5:].set_axis(sheet.iloc[1].astype(str), axis=1)
                if not rows.columns.isin(_QUARTERS).any():
                    lost += 1
                    continue
                table = rows.reindex(columns=_QUARTERS).melt(var_name="period")
                marks.append(table.assign(school_class=identity["school_class"], subject=identity["subject"]))
    table = pd.concat(marks)
    table["mark"] = table["value"].astype(str).str.removesuffix(".0")
    table = table[table["mark"].isin(_MARKS)]
    quality = table.assign(good=table["mark"].isin(("5", "4"))).groupby(["school_class", "subject", "period"])["good"].mean() * 100
    seconds = time.perf_counter() - started
    found = {"tabs": tabs, "tabs passed over": lost, "groups": len(quality), "indicators": 1}
    return Measurement("naive: pandas.read_excel and groupby", seconds, "s", None, found)
