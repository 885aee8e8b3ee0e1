"""Habits of lists that arrive: a small file each, what is to be read from it, and the script that makes them."""
