"""The office of the monitoring cycle: the yearly plan, who owes what, decisions and whether they helped, expert opinions."""
