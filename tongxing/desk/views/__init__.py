"""Pages that gather the rooms."""
