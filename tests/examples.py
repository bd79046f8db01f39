"""Properties that are tried on a few drawn examples in every run, and on many in the slow tests."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

Test = Callable[..., Any]
Decorator = Callable[[Test], Test]


def few_and_many(few: int, many: int, *decorators: Decorator) -> Decorator:
    """Make of a property the test of so few drawn examples, and the slow one of so many.

    Parameters
    ----------
    decorators
        `given` and what goes with it, such as `example`, from the outermost to the innermost.
        Examples that are spelled out are tried in both, beside those that are drawn.
    """

    def decorate(check: Test) -> Test:
        runs = {number: _with(number, check, decorators) for number in (few, many)}
        parameters = list(inspect.signature(runs[few]).parameters.values())

        def test(examples: int, **fixtures: Any) -> None:
            runs[examples](**fixtures)

        test.__name__, test.__qualname__ = check.__name__, check.__qualname__
        test.__module__, test.__doc__ = check.__module__, check.__doc__
        first = inspect.Parameter("examples", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        test.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]
        slow = pytest.param(many, marks=pytest.mark.slow)
        return pytest.mark.parametrize("examples", [few, slow])(test)

    return decorate


def _with(number: int, check: Test, decorators: tuple[Decorator, ...]) -> Test:
    """Return the property as Hypothesis runs it; `check` itself is left as it is."""
    found: Test = types.FunctionType(
        check.__code__, check.__globals__, check.__name__, check.__defaults__, check.__closure__
    )
    found.__kwdefaults__, found.__module__ = check.__kwdefaults__, check.__module__
    for decorator in reversed(decorators):
        found = decorator(found)
    unhurried = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
    return settings(max_examples=number, suppress_health_check=unhurried)(found)
