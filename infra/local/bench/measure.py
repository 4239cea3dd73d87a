"""Runs one command to its end and prints what it took as JSON: seconds of CPU and of the clock, and peak memory.

usage: measure.py OUTPUT COMMAND [ARGUMENT...]

The command's standard output goes to the file OUTPUT. Linux counts what this program has when it starts the command to
the command's peak memory, so less than about 10 MB can't be told apart.
"""

import json
import os
import sys
import time

output, *command = sys.argv[1:]
writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
since = time.monotonic()
child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, output, writing, 0o600)])
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - since
measured = {
    "cpu": usage.ru_utime + usage.ru_stime,
    "wall": wall,
    # On Linux in units of 1,024 bytes.
    "peak_bytes": usage.ru_maxrss * 1024,
    "code": os.waitstatus_to_exitcode(status),
}
print(json.dumps(measured))
