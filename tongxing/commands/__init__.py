"""What operators do from the command line. Plain functions; `tongxing.cli` gives them words."""


class Refused(Exception):
    """The thing asked for is not so, said in one sentence for the operator."""
