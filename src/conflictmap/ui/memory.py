"""Memory that a served process no longer needs goes back to the system.

Each run of a page has a thread of its own. As allocators come, each thread has its own part of the
heap and pyarrow a pool beside it, and neither gives back what a reader who left had asked for: a
process grew by some 250 MB an hour (docs/reliability.md).
"""

from __future__ import annotations

import asyncio
import ctypes
import sys
from functools import cache
from typing import Any, Final

import pyarrow

TRIM_EVERY_S: Final = 60.0

# Numbers of parameters of mallopt(3), from glibc's <malloc.h>.
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8


def share_allocators() -> None:
    """Let all threads share two parts of the heap, and large arrays be mapped one by one.

    Tables of pyarrow come from the same heap. To be called before threads are started. Where the C
    library is not glibc, only pyarrow's pool is set.
    """
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    if library := _glibc():
        library.mallopt(_ARENA_MAX, 2)
        library.mallopt(_MMAP_THRESHOLD, 1 << 20)  # fixed: glibc raises it to 32 MB by itself


async def give_back_memory() -> None:
    """Return the heap's free pages to the system every minute, until it is cancelled."""
    while library := _glibc():
        await asyncio.sleep(TRIM_EVERY_S)
        await asyncio.to_thread(library.malloc_trim, 0)


@cache
def _glibc() -> Any | None:
    """Return the C library where it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
