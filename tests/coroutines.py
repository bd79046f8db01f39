"""Waiting for a coroutine in a test, whatever else runs in the test's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns, from a loop in a thread of its own.

    Where a worker has a browser open, Playwright's own loop runs in the thread of the tests.
    """
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()
