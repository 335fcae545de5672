"""How fast Sapat is, measured: `python run.py bench`. A command rather than a timed test, because machines differ."""
