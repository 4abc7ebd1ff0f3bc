"""The peak memory of this process (Linux)."""

from __future__ import annotations

from pathlib import Path


def peak_memory() -> float:
    """Return the most memory that this process has held, in MB.

    From /proc, because `getrusage` begins with what the parent held when it started this process.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
