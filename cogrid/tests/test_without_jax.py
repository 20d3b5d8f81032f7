"""Where JAX is not installed: the NumPy side works, pictures too, and the JAX side says what to install."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from cogrid.extras import installing

WITHOUT_JAX = """
import sys
from importlib.machinery import PathFinder


class NoJax(PathFinder):
    \"\"\"Finds everything that is installed but JAX.\"\"\"

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname.partition(".")[0] in ("jax", "jaxlib"):
            return None
        return super().find_spec(fullname, path, target)


sys.meta_path[:] = [NoJax if finder is PathFinder else finder for finder in sys.meta_path]
"""


def run_without_jax(program: str) -> str:
    """Run a program in a process in which JAX cannot be imported, and return what it prints."""
    source = WITHOUT_JAX + textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_jax_is_out_of_reach_in_the_process_of_these_tests() -> None:
    told = run_without_jax(
        """
        try:
            import jax
        except ModuleNotFoundError as error:
            print(error)
        """
    )

    assert told == "No module named 'jax'"


def test_an_episode_is_played_and_drawn_without_jax() -> None:
    told = run_without_jax(
        """
        import cogrid

        for mode in ("ansi", "rgb_array"):
            env = cogrid.make("Overcooked-CrampedRoom-V0", render_mode=mode, max_steps=20)
            env.reset(seed=0)
            picture = env.render()
            while env.agents:
                env.step({agent: 3 for agent in env.agents})
            env.render()
            print(mode, type(picture).__name__, int(env.get_state().time))
        print("jax" in sys.modules)
        """
    )

    assert told.splitlines() == ["ansi str 20", "rgb_array ndarray 20", "False"]


def test_the_functional_interface_works_on_numpy_arrays_without_jax() -> None:
    told = run_without_jax(
        """
        import numpy as np

        import cogrid

        env = cogrid.make("Overcooked-CounterCircuit-V0", num_agents=3)
        state, obs = env.jax_reset(np.zeros((5, 2), dtype=np.uint32))
        state, obs, reward, done, info = env.jax_step(state, np.full((5, 3), 6, dtype=np.int32))
        print(obs.shape, reward.shape, done.shape, info, env.state_from_arrays(time=3).time)
        """
    )

    assert told == "(5, 3, 443) (5, 3) (5,) {} 3"


def test_the_jax_backend_says_what_to_install() -> None:
    told = run_without_jax(
        """
        import cogrid
        from cogrid.errors import CoGridError

        for ask in (cogrid.backend.set_backend, lambda name: cogrid.make("Overcooked-CrampedRoom-V0", backend=name)):
            try:
                ask("jax")
            except CoGridError as error:
                print(isinstance(error, ImportError), error)
        """
    )

    assert told.splitlines() == [f'True backend="jax" needs JAX, which is not installed: {installing("jax")}'] * 2
