"""Exports of the electronic journal as a source like any other: marks that were entered once need not be typed a second time.

A table is recognised (titles, header, rows), its names are matched with the pupils of their class, and its marks become records of form
F01 with the addresses of the export's own cells. What is not certain is asked, and what was answered is kept for the next quarter.
"""
