"""Sapat: the monitoring desk of a general secondary school."""
