"""Judges cells: finds each form's columns, parses values, checks them against the registers, and counts what is complete.

Conservation: in every tab, non-empty cells of the data area = accepted + reported, and every reported cell has an address.
"""
