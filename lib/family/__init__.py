"""What families see: a pupil's own page by a personal code, the summary of a class, the slips that carry the codes."""
