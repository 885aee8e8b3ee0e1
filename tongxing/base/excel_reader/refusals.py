"""Why a file is not read."""


class Refused(Exception):
    """The file is not read; the argument is the code, a key of excel.REFUSALS."""
