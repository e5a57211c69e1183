"""Which mutant of a function is at work. mutmut writes all mutants of a function beside it; at each call this chooses between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mutmut.mutation import trampoline


class Switch:
    """What the changed code asks at every call: `called` gathers the functions that were called, `active` is the full name of the mutant
    at work, or "" for the code as it is."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.active = ""

    def install(self) -> None:
        """Take the place of mutmut's own choice, which reads an environment variable. Before the changed code is imported."""
        trampoline.wrap_in_trampoline = self._among  # type: ignore[assignment]

    def _among(self, mutants: dict[str, Callable[..., Any]], is_classmethod: bool = False) -> Callable[..., Any]:
        if is_classmethod:
            raise NotImplementedError("mutmut changed a class method: nothing here chooses between its mutants yet")

        def choosing(function: Callable[..., Any]) -> Callable[..., Any]:
            name = ""

            @wraps(function)
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal name
                name = name or f"{function.__module__}.{mutants['_mutmut_orig'].__name__.removesuffix('__mutmut_orig')}"
                self.called.add(name)
                module, _, mutant = self.active.rpartition(".")
                chosen = mutants.get(mutant) if module == function.__module__ else None
                return (chosen or mutants["_mutmut_orig"])(*args, **kwargs)

            return call

        return choosing
