"""Pages of the children room."""
