"""Many readers at once, without browsers: they speak Streamlit's own messages over web sockets.

Run as a process of its own, so that it takes no time from the server's. Each reader opens the page
with points off and then changes a filter again and again, after a pause of random length (3 s in
the mean, exponential), but never before the last answer has come. A change is timed from its
message until the script has ended. It prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.map import sides
from benchmarks.map.report import percentile
from benchmarks.map.sides import OURS, PERIOD, PLAIN, POINTS, TYPES, Served
from conflictmap.schema import COMMUNITIES, EVENT_TYPES, label

PAUSE_S = 3.0
WARM_UP_S = 8.0

Values = dict[str, Any]
"""What a reader has set, by the label of the widget."""


def _change_ours(values: Values, chance: random.Random) -> None:
    """Choose one to three types of incident, or a community; few of the sets come twice."""
    if chance.random() < 0.5:
        kinds = chance.sample(EVENT_TYPES, chance.randint(1, 3))
        values[TYPES] = [label(kind) for kind in kinds]
    else:
        wanted = chance.sample(COMMUNITIES, chance.randint(0, 2))
        values[sides.COMMUNITIES] = [label(community) for community in wanted]


def _change_plain(values: Values, chance: random.Random) -> None:
    values[TYPES] = label(chance.choice(EVENT_TYPES))


@dataclass(frozen=True)
class Habit:
    """How the readers of one side begin, and what they do."""

    query: str
    first: Values
    change: Callable[[Values, random.Random], None]


HABITS = {
    OURS: Habit(f"level=district&{PERIOD}", {POINTS[OURS]: False}, _change_ours),
    PLAIN: Habit("", {POINTS[PLAIN]: False}, _change_plain),
}


@dataclass
class Reader:
    """One session: what it has set, and what the server has told it to send back."""

    socket: ClientConnection
    address: str
    query: str
    values: Values = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)  # of the widgets, by label
    page: str = ""
    kept: set[str] = field(default_factory=set)  # hashes of messages that a browser would keep

    async def run_script(self) -> tuple[float, int]:
        """Ask for a run with the values as they are; return its seconds and bytes."""
        started, size = time.perf_counter(), 0
        await self.socket.send(self._request())
        has_map = False
        while True:
            data = await self.socket.recv(decode=False)
            size += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if message.metadata.cacheable:
                self.kept.add(message.hash)
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                has_map |= self._note(message.delta.new_element)
            elif kind == "ref_hash":
                has_map = True
            elif kind == "new_session":
                self.page = message.new_session.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "script_finished":
                status = message.script_finished
                if status != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
        if status != ForwardMsg.FINISHED_SUCCESSFULLY or not has_map:
            raise RuntimeError(f"The page ended without a map: {status}.")
        return time.perf_counter() - started, size

    def _note(self, element: Any) -> bool:
        """Keep the id of a widget; say whether the element is a map."""
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"{element.exception.type}: {element.exception.message}")
        if kind in ("multiselect", "selectbox", "checkbox"):
            widget = getattr(element, kind)
            self.ids[widget.label] = widget.id
        return kind == "component_instance"

    def _request(self) -> bytes:
        request = BackMsg()
        state = request.rerun_script
        state.query_string = self.query
        state.page_script_hash = self.page
        state.context_info.url = f"{self.address}/"
        state.cached_message_hashes.extend(self.kept)
        states = [_state(self.ids[name], value) for name, value in self.values.items()]
        state.widget_states.widgets.extend(states)
        return request.SerializeToString()


def _state(widget_id: str, value: Any) -> WidgetState:
    state = WidgetState(id=widget_id)
    if isinstance(value, bool):
        state.bool_value = value
    elif isinstance(value, str):
        state.string_value = value
    else:
        state.string_array_value.data.extend(value)
    return state


@asynccontextmanager
async def _page(address: str, habit: Habit) -> AsyncIterator[Reader]:
    stream = address.replace("http://", "ws://") + "/_stcore/stream"
    async with connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        yield Reader(socket, address, habit.query)


async def _read(
    address: str, habit: Habit, number: int, begin: float, end: float, told: list[Any]
) -> None:
    """Be one reader until the end; tell of each change when it was asked, its seconds and bytes."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, PAUSE_S))
    async with _page(address, habit) as reader:
        await reader.run_script()
        reader.values.update(habit.first)
        while True:
            pause = chance.expovariate(1 / PAUSE_S)
            await asyncio.sleep(max(0, min(pause, end - time.monotonic())))
            if time.monotonic() >= end:
                return
            habit.change(reader.values, chance)
            seconds, size = await reader.run_script()
            if time.monotonic() >= begin:
                told.append((seconds, size))


async def _cpu_share(server: Served, begin: float, end: float) -> float:
    """Return how much of a core the server takes between two moments."""
    await asyncio.sleep(begin - time.monotonic())
    cpu, started = server.cpu_s(), time.monotonic()
    await asyncio.sleep(end - time.monotonic())
    return (server.cpu_s() - cpu) / (time.monotonic() - started)


async def _read_all(address: str, side: str, visitors: int, seconds: float) -> dict[str, Any]:
    async with _page(address, HABITS[side]) as first:
        await first.run_script()  # the server reads the store
    begin = time.monotonic() + WARM_UP_S
    end = begin + seconds
    told: list[tuple[float, int]] = []
    async with asyncio.TaskGroup() as tasks:
        share = tasks.create_task(_cpu_share(Served.at(address, side), begin, end))
        for number in range(visitors):
            tasks.create_task(_read(address, HABITS[side], number, begin, end, told))
    took = [took for took, _ in told]
    return {
        "visitors": visitors,
        "changes": len(told),
        "changes_a_second": round(len(told) / (time.monotonic() - begin), 2),
        "p50_ms": round(1000 * percentile(took, 0.5), 1),
        "p95_ms": round(1000 * percentile(took, 0.95), 1),
        "worst_ms": round(1000 * max(took), 1),
        "bytes_a_change": round(sum(size for _, size in told) / len(told)),
        "server_cpu_share": round(share.result(), 3),
        "client_cpu_s": round(time.process_time(), 2),
    }


def main() -> None:
    """Be so many readers of one side."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("address")
    parser.add_argument("side", choices=list(HABITS))
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    done = _read_all(options.address, options.side, options.visitors, options.seconds)
    print(json.dumps(asyncio.run(done)))


if __name__ == "__main__":
    main()
