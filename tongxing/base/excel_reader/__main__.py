"""The process: limits first, then the file from standard input."""

import json
import resource
import sys

from tongxing.base.excel_reader import read


def main() -> None:
    limits = json.loads(sys.argv[1])
    for kind, size in (
        (resource.RLIMIT_AS, limits["max_memory"]),
        (resource.RLIMIT_CPU, limits["max_seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (size, size))
    answer = read(sys.stdin.buffer.read(), sys.stdout.buffer, limits)
    sys.stdout.buffer.flush()
    sys.stderr.write("\n" + json.dumps(answer, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
