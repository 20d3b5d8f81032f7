"""A batch over several cores: threads that sleep until there is work, and take part only where that is faster.

Threads that wait by spinning are poison on a machine with other work. These sleep on a lock. The batch is cut into
pieces which whoever is awake takes one by one, so that nobody waits for a thread that the system has not woken yet.
On a busy machine even that can be slower than one thread, when a thread loses its core in the middle of a piece. So
`Slices` measures both ways, and takes the faster one.
"""

from __future__ import annotations

import collections
import functools
import itertools
import os
import threading
import time
from collections.abc import Callable, Generator, Sequence

from cogrid.errors import ConfigError, check_integer

Task = Callable[[int, int], None]
"""Does the work for things first..last-1; may be called for different things at the same time."""

VARIABLE = "COGRID_THREADS"
"""The environment variable that says how many threads there are where the setting is left out."""

PIECES_PER_THREAD = 2
LEAST_PER_PIECE = 256
"""Fewer environments are done sooner than a thread is woken."""

MAX_BY_DEFAULT = 8
"""More threads are taken only when they are asked for: each piece of work passes through the interpreter."""

N_TRIED = 16
"""Calls that are measured before one way is chosen."""

N_CHOSEN = 256
"""Calls for which the choice stands at first; twice as many each time that it is the same again, up to `MAX_CHOSEN`."""

MAX_CHOSEN = 4096

GAIN = 0.95
"""Several threads are chosen where they take at most this share of the time of one."""


def n_threads(given: int | None) -> int:
    """How many threads to use.

    Args:
      given: the setting; None for the environment variable `COGRID_THREADS`, or else as many as there are cores that
        this process may use, 8 at most.
    Raises:
      ConfigError: for anything else than an integer of at least 1, in the setting or in the variable.
    """
    if given is not None:
        check_integer("threads", given, 1)
        return int(given)
    named = os.environ.get(VARIABLE)
    if named is None:
        n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(n_cores, MAX_BY_DEFAULT)
    if not named.isdecimal() or int(named) < 1:
        raise ConfigError(f"The environment variable {VARIABLE} is an integer of at least 1, not {named!r}.")
    return int(named)


class Slices:
    """Does work for a batch, by one thread or by several, whichever is faster at the moment.

    What is done does not depend on the choice.

    Attributes:
      n_threads: how many there are at most: one where the batch is small.
    """

    def __init__(
        self, num_envs: int, threads: int | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Say how much there is to do in each call.

        Args:
          num_envs: how many environments.
          threads: how many threads; see `n_threads`.
          clock: seconds from some point on.
        Raises:
          ConfigError: for a bad number of threads.
        """
        most = max(1, num_envs // LEAST_PER_PIECE)
        self.n_threads: int = min(n_threads(threads), most)
        n_pieces = min(self.n_threads * PIECES_PER_THREAD, most)
        edges = [num_envs * idx // n_pieces for idx in range(n_pieces + 1)]
        self._num_envs, self._pieces, self._clock = num_envs, list(itertools.pairwise(edges)), clock
        self._ways = _choose_ways()
        self._is_alone = next(self._ways)

    def run(self, task: Task) -> None:
        """Do the work for all environments."""
        if self.n_threads == 1:
            task(0, self._num_envs)
            return
        start = self._clock()
        if self._is_alone:
            task(0, self._num_envs)
        else:
            _crew(self.n_threads - 1).run(task, self._pieces)
        self._is_alone = self._ways.send(self._clock() - start)


def _choose_ways() -> Generator[bool, float, None]:
    """Whether each call is to be made by one thread alone; told how long each has taken.

    Both ways are tried, then the faster one is taken for many calls. A trial of several threads ends when it has cost
    as much as the whole trial of one: on a busy machine it could cost more than several threads may ever gain.
    """
    n_calls, was_alone = N_CHOSEN, None
    while True:
        alone = together = 0.0
        for _ in range(N_TRIED):
            alone += yield True
        for _ in range(N_TRIED):
            together += yield False
            if together > alone:
                break
        is_alone = together > GAIN * alone
        n_calls = min(2 * n_calls, MAX_CHOSEN) if is_alone is was_alone else N_CHOSEN
        was_alone = is_alone
        yield from _keep_to(is_alone, n_calls, alone)


def _keep_to(is_alone: bool, n_calls: int, alone: float) -> Generator[bool, float, None]:
    """One way for so many calls, or until several threads have become slower than one was."""
    for _ in range(n_calls // N_TRIED):
        taken = 0.0
        for _ in range(N_TRIED):
            taken += yield is_alone
        if not is_alone and taken > alone:
            return


class _Job:
    """Pieces of work that threads take one by one."""

    def __init__(self, task: Task, pieces: Sequence[tuple[int, int]]) -> None:
        self._task, self._pieces = task, collections.deque(pieces)
        self._n_left, self._lock, self._is_done = len(pieces), threading.Lock(), threading.Lock()
        self._is_done.acquire()
        self._errors: list[BaseException] = []

    def work(self) -> None:
        """Take pieces until there are none."""
        while True:
            try:
                first, last = self._pieces.popleft()
            except IndexError:
                return
            try:
                self._task(first, last)
            except BaseException as error:  # noqa: BLE001 - whoever waits for the job gets it.
                self._errors.append(error)
            with self._lock:
                self._n_left -= 1
                if self._n_left == 0:
                    self._is_done.release()

    def wait(self) -> None:
        """Wait until all pieces are done, and raise what went wrong in one of them."""
        self._is_done.acquire()
        for error in self._errors:
            raise error


class _Crew:
    """Threads that sleep until there is a job."""

    def __init__(self, n_threads: int) -> None:
        self._job: _Job | None = None
        self._is_free = threading.Lock()
        self._calls = [threading.Lock() for _ in range(n_threads)]
        for idx, call in enumerate(self._calls):
            call.acquire()
            threading.Thread(target=self._serve, args=(call,), name=f"cogrid-{idx}", daemon=True).start()

    def run(self, task: Task, pieces: Sequence[tuple[int, int]]) -> None:
        """Do a job together with the caller; the caller does it alone while another one is under way."""
        job = _Job(task, pieces)
        if self._is_free.acquire(blocking=False):
            try:
                self._job = job
                for call in self._calls:
                    if call.locked():
                        call.release()
                job.work()
                job.wait()
            finally:
                self._job = None
                self._is_free.release()
        else:
            job.work()
            job.wait()

    def _serve(self, call: threading.Lock) -> None:
        while True:
            call.acquire()
            job = self._job
            if job is not None:
                job.work()


@functools.cache
def _crew(n_threads: int) -> _Crew:
    """The threads of this process that help, so many; all batches share them."""
    return _Crew(n_threads)


if hasattr(os, "register_at_fork"):  # A fork has no threads but one.
    os.register_at_fork(after_in_child=_crew.cache_clear)
