"""A batch over several cores: every environment once, by sleeping threads, and by one thread where that is faster."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from cogrid.errors import ConfigError
from cogrid.kernel import threads
from cogrid.kernel.threads import LEAST_PER_PIECE, N_CHOSEN, N_TRIED, Slices, n_threads

N_ENVS = 8 * LEAST_PER_PIECE


class Clock:
    """A clock that goes forward by what a call takes alone, or together."""

    def __init__(self, alone: float, together: float) -> None:
        self.now, self.alone, self.together = 0.0, alone, together

    def __call__(self) -> float:
        return self.now


def counting(clock: Clock) -> Callable[[int, int], None]:
    """A task that takes the clock's time: all of it at its first piece."""

    def task(first: int, last: int) -> None:
        if first == 0:
            clock.now += clock.alone if last == N_ENVS else clock.together

    return task


def pieces_of(slices: Slices, clock: Clock) -> int:
    """In how many pieces the next call is done."""
    done: list[int] = []
    work = counting(clock)
    slices.run(lambda first, last: (work(first, last), done.append(first))[0])
    return len(done)


def test_every_environment_is_worked_on_once() -> None:
    slices = Slices(N_ENVS + 3, threads=3)
    for _ in range(3 * N_TRIED):
        counts = [0] * (N_ENVS + 3)

        def task(first: int, last: int, counts: list[int] = counts) -> None:
            for idx in range(first, last):
                counts[idx] += 1

        slices.run(task)
        assert counts == [1] * (N_ENVS + 3)


def test_several_threads_are_taken_where_they_are_faster() -> None:
    clock = Clock(alone=1.0, together=0.6)
    slices = Slices(N_ENVS, threads=2, clock=clock)
    pieces = [pieces_of(slices, clock) for _ in range(2 * N_TRIED + N_CHOSEN)]
    assert pieces == [1] * N_TRIED + [4] * (N_TRIED + N_CHOSEN)


def test_one_thread_is_taken_where_it_is_faster_and_a_trial_costs_little() -> None:
    clock = Clock(alone=1.0, together=30.0)
    slices = Slices(N_ENVS, threads=2, clock=clock)
    pieces = [pieces_of(slices, clock) for _ in range(N_TRIED + 1 + N_CHOSEN)]
    assert pieces == [1] * N_TRIED + [4] + [1] * N_CHOSEN


def test_one_thread_takes_over_when_the_machine_becomes_busy() -> None:
    clock = Clock(alone=1.0, together=0.6)
    slices = Slices(N_ENVS, threads=2, clock=clock)
    for _ in range(2 * N_TRIED):
        pieces_of(slices, clock)
    clock.together = 5.0
    pieces = [pieces_of(slices, clock) for _ in range(3 * N_TRIED)]
    assert pieces[:N_TRIED] == [4] * N_TRIED
    assert pieces[N_TRIED : 2 * N_TRIED] == [1] * N_TRIED
    assert pieces[-8:] == [1] * 8


def test_what_goes_wrong_in_a_thread_is_raised_where_the_work_was_asked_for() -> None:
    slices = Slices(N_ENVS, threads=2)

    def task(first: int, last: int) -> None:
        if first > 0:
            raise RuntimeError("a broken piece")

    for _ in range(N_TRIED):
        slices.run(task)
    with pytest.raises(RuntimeError, match="a broken piece"):
        slices.run(task)


def test_batches_of_several_threads_of_a_user_do_not_get_in_each_others_way() -> None:
    counts = [0, 0]

    def play(idx: int) -> None:
        slices = Slices(N_ENVS, threads=2)
        lock = threading.Lock()

        def task(first: int, last: int) -> None:
            with lock:
                counts[idx] += last - first

        for _ in range(4 * N_TRIED):
            slices.run(task)

    users = [threading.Thread(target=play, args=(idx,)) for idx in range(2)]
    for user in users:
        user.start()
    for user in users:
        user.join(timeout=60)
    assert counts == [4 * N_TRIED * N_ENVS] * 2


def test_a_small_batch_is_done_by_one_thread() -> None:
    assert Slices(2 * LEAST_PER_PIECE - 1, threads=4).n_threads == 1


def test_the_number_of_threads_is_a_setting_or_an_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(threads.VARIABLE, "3")
    assert n_threads(None) == 3
    assert n_threads(2) == 2
    monkeypatch.delenv(threads.VARIABLE)
    assert n_threads(None) >= 1


@pytest.mark.parametrize("given", ["0", "two", ""])
def test_a_bad_environment_variable_is_named(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(threads.VARIABLE, given)
    with pytest.raises(ConfigError, match=threads.VARIABLE):
        n_threads(None)


@pytest.mark.parametrize("given", [0, True, 1.5])
def test_a_bad_number_of_threads_is_refused(given: object) -> None:
    with pytest.raises(ConfigError, match="threads"):
        n_threads(given)  # pyright: ignore[reportArgumentType]
