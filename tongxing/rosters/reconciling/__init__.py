"""Which rows of lists are which archives: the engine of reconciliation.

`near` sound numbers one slip away from a wrong one · `people` both sides as columns · `pairing` who is held beside whom
· `scoring` how likely a pair is one child (Splink on DuckDB; `spark` on a cluster) · `heaps` rules, one row one child,
reasons · `gathering` both sides out of the database · `apart` all of it in a process of its own.

No number enters the engine, only keyed digests; nothing is written to disk. docs/decisions/0014 says why it is so.
"""
