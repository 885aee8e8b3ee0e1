"""Pages of the rosters room: bring a list, look at it, import it, mend the rest, take it back, find it again."""
