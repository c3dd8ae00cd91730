"""Runs a command, its output to standard error, and prints what it took."""

import json
import os
import sys
import time

start = time.monotonic()
actions = [(os.POSIX_SPAWN_DUP2, 2, 1)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
print(
    json.dumps(
        {
            "cpu": usage.ru_utime + usage.ru_stime,
            "wall": time.monotonic() - start,
            "mib": usage.ru_maxrss / 1024,
            "code": os.waitstatus_to_exitcode(status),
        }
    )
)
