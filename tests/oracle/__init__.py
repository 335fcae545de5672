"""A second implementation of the reading and of the 74 indicators that shares no code with lib."""
