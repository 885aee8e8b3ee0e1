"""The scores by Splink's Spark backend, on a cluster: the same settings, the same pairs, the same numbers.

For rosters of a nation, where one machine's memory does not do; on one machine DuckDB is twenty to fifty times faster.
Needs `tongxing[spark]` and Java 17. Persons are handed over as Arrow tables without numbers: digests of them alone.

    with session(master="spark://127.0.0.1:7077") as spark:
        heaps.reconcile(rows, archives, score=scorer(spark))
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from tongxing.rosters.reconciling import scoring

OFFSET = 1 << 32


@contextmanager
def session(master: str = "local[2]", memory: str = "2g", **settings: str) -> Iterator:
    """A Spark session with Splink's functions on board; ended at the end."""
    from pyspark.sql import SparkSession
    from splink.internals.spark.jar_location import similarity_jar_location

    building = SparkSession.builder.master(master).appName("tongxing")
    wanted = {
        "spark.jars": similarity_jar_location(),
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.default.parallelism": "4",
    } | settings
    for name, value in wanted.items():
        building = building.config(name, value)
    spark = building.getOrCreate()
    try:
        spark.sparkContext.setLogLevel("ERROR")
        yield spark
    finally:
        spark.stop()


def scorer(spark) -> Callable:
    """What heaps.reconcile takes as `score`."""

    def score(engine, given: scoring.Weights, among: scoring.Crowd) -> pa.Table:
        from splink import Linker
        from splink.backends.spark import SparkAPI

        person = engine.sql(scoring.both_sides(engine, OFFSET)).to_arrow_table()
        blocked = engine.sql(
            "SELECT '0' AS match_key, CAST(l AS BIGINT) AS join_key_l,"  # noqa: S608 own names
            f" CAST(r AS BIGINT) + {OFFSET} AS join_key_r FROM pair"
        ).to_arrow_table()
        api = SparkAPI(spark_session=spark, break_lineage_method="persist")
        linker = Linker(
            api.register(spark.createDataFrame(person), dataset_display_name="person"),
            scoring.settings(given, among),
            log_level=None,
            validate_settings=False,
        )
        linker.table_management.register_blocked_pairs_for_predict(api.register(spark.createDataFrame(blocked)))
        scored = linker.inference.predict(threshold_match_probability=given.threshold, warning_mode="never")
        engine.register("scored_elsewhere", scored.as_spark_dataframe().toArrow())
        return scoring.narrowed(engine, "SELECT * FROM scored_elsewhere", OFFSET)

    return score
