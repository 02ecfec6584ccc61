"""Writes the Parquet files that corpus/parquet is tested with, and what pyarrow reads in them; or checks files of ours.

    ~/gobertopic-peers/bin/python scripts/golden/parquet.py corpus/parquet/testdata
    ~/gobertopic-peers/bin/python scripts/golden/parquet.py --check table.parquet

The check prints the table as JSON, one row a line. Versions: Python 3.11, pyarrow 26.0.1, pandas 3.1.1.
"""

import datetime as dt
import decimal
import json
import sys
import uuid
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = "model token prompt agent index vector answer error stream chain memory tool".split()


def documents(n):
    when = [dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(hours=7 * i, milliseconds=i) for i in range(n)]
    return pa.table({
        "id": pa.array(range(100, 100 + n), pa.int64()),
        "text": pa.array([f"How does the {WORDS[i % 12]} of {WORDS[i * 7 % 12]} work — №{i}?\n" for i in range(n)]),
        "created": pa.array(when, pa.timestamp("ms", tz="UTC")),
        "label": pa.array([WORDS[i % 3] if i % 5 else None for i in range(n)]).dictionary_encode(),
        "score": pa.array([i / 4 if i % 4 else None for i in range(n)], pa.float64()),
        "author": pa.array([{"name": WORDS[i % 12], "karma": i} if i % 6 else None for i in range(n)]),
        "tags": pa.array([WORDS[:i % 4] if i % 7 else None for i in range(n)]),
    })


def types():
    second = dt.datetime(2024, 2, 29, 12, 30, 15, 123456)
    return pa.table({
        "text": pa.array(["a", "b", "c"]),
        "large": pa.array(["x", None, "z"], pa.large_string()),
        "bytes": pa.array([b"plain", b"\xff\xfe", None]),
        "fixed": pa.array([b"\x01\x02", b"\xff\x00", None], pa.binary(2)),
        "bool": pa.array([True, False, None]),
        "i8": pa.array([-128, 127, None], pa.int8()),
        "u8": pa.array([0, 255, None], pa.uint8()),
        "i32": pa.array([-2**31, 2**31 - 1, None], pa.int32()),
        "u32": pa.array([0, 2**32 - 1, None], pa.uint32()),
        "u64": pa.array([0, 2**64 - 1, None], pa.uint64()),
        "f32": pa.array([0.1, -1e30, float("nan")], pa.float32()),
        "f64": pa.array([7.0, 1e-300, float("inf")]),
        "f16": pa.array([0.5, -2.0, None], pa.float16()),
        "day": pa.array([dt.date(1969, 12, 31), dt.date(2024, 2, 29), None]),
        "clock": pa.array([dt.time(1, 2, 3, 400), dt.time(23, 59, 59), None], pa.time64("us")),
        "s": pa.array([second.replace(microsecond=0), dt.datetime(1960, 1, 2, 3, 4, 5), None], pa.timestamp("s")),
        "us": pa.array([second, dt.datetime(1960, 1, 2, 3, 4, 5, 6), None], pa.timestamp("us")),
        "ns": pa.array([1709209815123456789, -1, None], pa.timestamp("ns", tz="Europe/Berlin")),
        "money": pa.array([decimal.Decimal("12.30"), decimal.Decimal("-0.05"), None], pa.decimal128(9, 2)),
        "big": pa.array([decimal.Decimal("12345678901234567890.123"), decimal.Decimal("-1"), None], pa.decimal128(30, 3)),
        "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=1).bytes, uuid.UUID(int=2**127).bytes, None], pa.binary(16))),
        "ints": pa.array([[1, None, 3], [], None]),
    })


def kinds(to):
    """Writes one small file per way in which writers store a column of text; the texts are those of texts()."""
    few, many = texts(6), texts(90)
    few_ids = pa.array([f"r{i}" for i in range(6)])

    def write(name, columns, **options):
        pq.write_table(pa.table(columns), to / f"{name}.parquet", **options)

    write("large_string", {"text": pa.array(few, pa.large_string())})
    write("string_view", {"text": pa.array(few, pa.string_view())})
    write("binary", {"text": pa.array([t.encode() for t in few], pa.binary())})
    write("dictionary", {"text": pa.array(few).dictionary_encode(), "id": few_ids})
    for codec in ("none", "snappy", "gzip", "brotli", "lz4", "zstd"):
        write("codec_" + codec, {"text": few}, compression=codec)
    for encoding in ("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"):
        write(encoding.lower(), {"text": many}, use_dictionary=False, column_encoding={"text": encoding})
    # The dictionary outgrows its limit, so that the later pages of the column are plain.
    write("dictionary_fallback", {"text": many}, data_page_version="2.0", dictionary_pagesize_limit=256, data_page_size=512,
          write_batch_size=10, compression="zstd")
    write("dictionary_fallback_nulls", {"text": many, "tag": [None if i % 3 else f"tag {i} of many" for i in range(90)]},
          data_page_version="2.0", dictionary_pagesize_limit=256, data_page_size=512, write_batch_size=10)
    write("page_index", {"text": many}, write_page_index=True, data_page_size=64, write_batch_size=3)
    write("group_per_row", {"text": few}, row_group_size=1)
    write("uuid", {"text": few, "id": pa.array([bytes([i] * 16) for i in range(6)], pa.binary(16))})
    schema = pa.schema([pa.field("text", pa.string())])
    with pq.ParquetWriter(to / "empty_groups.parquet", schema) as writer:
        for part in ([], few, []):
            writer.write_table(pa.table({"text": pa.array(part, pa.string())}, schema=schema))
    frame = pd.DataFrame({"text": few}, index=[f"i{i}" for i in range(6)])
    frame.index.name = "id"
    frame.to_parquet(to / "pandas_index.parquet")
    frame.iloc[:0].to_parquet(to / "no_rows.parquet")
    write("null_text", {"text": [few[0], None, *few[2:]]})
    write("list_text", {"text": [t.split() for t in few]})
    write("struct_text", {"message": [{"text": t} for t in few]})
    write("integer_text", {"text": list(range(6))})


def texts(n):
    return [f"How does the {WORDS[i % 12]} of {WORDS[i * 7 % 12]} work — №{i}?" for i in range(n)]


def main(to):
    (to / "kinds").mkdir(exist_ok=True)
    kinds(to / "kinds")
    docs = documents(1000)
    for name, options in {
        "none": {"compression": "none"},
        "snappy": {"compression": "snappy"},
        "zstd": {"compression": "zstd", "row_group_size": 300, "data_page_size": 4096},
        "gzip": {"compression": "gzip", "use_dictionary": False, "data_page_version": "2.0"},
    }.items():
        pq.write_table(docs.slice(0, 60) if name == "none" else docs, to / f"{name}.parquet", **options)
    bombs(to)
    pq.write_table(types(), to / "types.parquet")
    pq.write_table(types().select(["text", "us"]), to / "int96.parquet", use_deprecated_int96_timestamps=True)
    pq.write_table(docs.slice(0, 0), to / "empty.parquet")
    pq.write_table(pa.table({"text": pa.array(["a", None, "c"]), "id": ["1", "2", "1"]}), to / "faults.parquet")
    rows = pq.read_table(to / "snappy.parquet").to_pylist()
    with open(to / "expected.jsonl", "w") as f:
        for r in rows[:60]:
            r["created"] = r["created"].strftime("%Y-%m-%dT%H:%M:%S.%f")
            f.write(json.dumps(r, ensure_ascii=False) + "\n")


def bombs(to):
    """Writes small files with a page that unpacks to 65 MB, which is more than the bound on a record."""
    for codec in ["zstd", "gzip", "brotli"]:
        table = pa.table({"text": ["a" * (65 << 20)]})
        pq.write_table(table, to / f"bomb_{codec}.parquet", compression=codec, use_dictionary=False, write_statistics=False)


def check(path):
    print(pq.read_schema(path), file=sys.stderr)
    for row in pq.read_table(path).to_pylist():
        print(json.dumps(row, default=str, ensure_ascii=False))


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1] == "--check" else main(Path(sys.argv[1]))
