"""The year's turn: the next school year's registry is proposed, its workbooks are made, and the old year is frozen."""
