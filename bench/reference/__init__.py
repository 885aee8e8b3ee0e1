"""The named alternative: what an able developer puts up in a week with Django admin, import-export and REST."""
