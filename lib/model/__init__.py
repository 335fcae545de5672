"""The words of the field as frozen data: cells, forms, issues, indicators, calendar. Imports nothing of ours."""
