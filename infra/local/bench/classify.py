"""Classifies the rows of a roster against a directory with DuckDB on one thread, and prints the counts as JSON.

usage: classify.py USERS.csv ROSTER.csv
"""

import json
import sys

import duckdb

FIELDS = [
    "first_name",
    "last_name",
    "middle_name",
    "email",
    "school_district_external_id",
    "user_type",
    "position",
    "status",
]
# Empty cells are NULL. A grade that is empty in a roster is Unspecified in the download.
DIFFERS = " OR ".join(
    [f"u.{field} IS DISTINCT FROM r.{field}" for field in FIELDS]
    + ["coalesce(u.grade, 'Unspecified') <> coalesce(r.grade, 'Unspecified')"]
)
QUERY = f"""
SELECT
    count(*) FILTER (u.custom_id IS NULL),
    count(*) FILTER (r.custom_id IS NULL),
    count(*) FILTER (u.custom_id = r.custom_id AND ({DIFFERS})),
    count(*) FILTER (u.custom_id = r.custom_id AND NOT ({DIFFERS}))
FROM read_csv($users, all_varchar = true, header = true) AS u
FULL OUTER JOIN read_csv($roster, all_varchar = true, header = true) AS r ON u.custom_id = r.custom_id
"""

users, roster = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads TO 1")
counts = connection.execute(QUERY, {"users": users, "roster": roster}).fetchone()
print(json.dumps(dict(zip(["new", "gone", "changed", "unchanged"], counts))))
