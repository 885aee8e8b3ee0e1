"""The same roll and archives through Splink on a standalone Spark cluster of two workers, and through DuckDB: the heaps
side by side, differences counted. Loopback only; needs `pip install -r requirements-spark.txt` and Java 17.

python -m bench.spark [--size 100000] [--seed 11]
"""

import argparse
import json
import os
import subprocess
import time
from collections import Counter
from contextlib import contextmanager

import django

from bench import harness
from bench.lists import world


@contextmanager
def cluster(folder, workers: int = 2):
    """A master and its workers as processes of their own; yields the master's address."""
    import pyspark

    home = pyspark.__path__[0]
    port, started = harness.free_port(), []
    env = os.environ | {"SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder)}

    def begin(name: str, *arguments: str) -> None:
        log = (folder / f"{name.rpartition('.')[2]}-{len(started)}.log").open("w")
        command = [f"{home}/bin/spark-class", name, *arguments]
        started.append(subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True))

    try:
        begin("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        time.sleep(10)
        for _ in range(workers):
            begin(
                "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1",
                "--memory", "2g", f"spark://127.0.0.1:{port}",
            )  # fmt: skip
        time.sleep(10)
        yield f"spark://127.0.0.1:{port}"
    finally:
        for one in reversed(started):
            harness.stop(one)


def compared(size: int, seed: int) -> dict:
    """Heaps by both backends: how many rows differ, and how."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from bench.linkage import side
    from tongxing.rosters.reconciling.heaps import reconcile
    from tongxing.rosters.reconciling.spark import scorer, session

    told = world(seed, size)
    rows, archives = side(told.rows), side(told.archives)
    begun = time.perf_counter()
    here = reconcile(rows, archives)
    spent = {"duckdb": time.perf_counter() - begun}
    with TemporaryDirectory(prefix="spark-") as folder, cluster(Path(folder)) as master:
        begun = time.perf_counter()
        with session(master, memory="1g", **{"spark.executor.cores": "1", "spark.cores.max": "2"}) as spark:
            there = reconcile(rows, archives, score=scorer(spark))
            executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1  # all but the driver, by now
        spent["spark"] = time.perf_counter() - begun
    differ = Counter(
        f"{one.heap} {'other archive' if one.heap == two.heap else two.heap}"
        for one, two in zip(here.rows, there.rows, strict=True)
        if (one.heap, one.archive) != (two.heap, two.archive)
    )
    sure = [abs(one.confidence - two.confidence) for one, two in zip(here.rows, there.rows, strict=True)]
    heaps = Counter(one.heap for one in here.rows)
    return {
        "rows": len(told.rows), "archives": len(told.archives), "seconds": spent, "executors": executors,
        "heaps": dict(heaps), "differ": dict(differ), "unlisted_differ": len(set(here.unlisted) ^ set(there.unlisted)),
        "largest_difference_of_confidence": max(sure, default=0),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=11)
    wanted = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxing.settings")
    django.setup()
    print(json.dumps(compared(wanted.size, wanted.seed)))


if __name__ == "__main__":
    main()
