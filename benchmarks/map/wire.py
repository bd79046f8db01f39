"""What really passes between a browser and a server: a relay on the loopback that counts bytes.

A browser tells its tools the size of a web socket's messages after it has unpacked them. Whether
the server packs them (`server.enableWebsocketCompression`) is seen on the way only.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_AT_ONCE = 1 << 16


@dataclass
class Wire:
    """The way to one server; `address` leads through it."""

    address: str = ""
    to_server: int = 0
    to_browser: int = 0


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """Open a way to the server at a port of this machine, and count what passes."""
    wire = Wire()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def pass_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while piece := await reader.read(_AT_ONCE):
                if is_answer:
                    wire.to_browser += len(piece)
                else:
                    wire.to_server += len(piece)
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(
                pass_on(reader, to_server, is_answer=False),
                pass_on(from_server, writer, is_answer=True),
            )

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(connect, "127.0.0.1", 0)

    async def end() -> None:
        server.close()
        ours = asyncio.current_task()
        passing = [task for task in asyncio.all_tasks() if task is not ours]
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    wire.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
