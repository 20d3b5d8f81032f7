"""Moving pictures for the pages of the environments: who plays what, and `python tools/films.py`, which draws them."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Mapping
from typing import Any

from environment_families import families
from PIL import Image

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make
from cogrid.envs.scripts import scripted_policy
from cogrid.learning.policy_file import load_policy
from cogrid.policy import own_observation, policy_keys
from cogrid.rendering import render_rgb

ROOT = pathlib.Path(__file__).resolve().parents[1]
MILLISECONDS = 200


@dataclasses.dataclass(frozen=True, kw_only=True)
class Film:
    """An episode that is drawn.

    Attributes:
      about: who plays where, for the reader.
      env_id: the world.
      settings: of the world.
      player: the file of a trained policy in the checkout, or the name of a scripted one.
      steps: how many are drawn.
    """

    about: str
    env_id: str
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    player: str = "greedy"
    steps: int = 120


COOKS_BY_SCRIPT = "Two cooks by the script `greedy`"

FILMS: Mapping[str, Film] = {
    "Overcooked": Film(about=COOKS_BY_SCRIPT, env_id="Overcooked-CrampedRoom-V0"),
    "OvercookedAI": Film(about=COOKS_BY_SCRIPT, env_id="OvercookedAI-CoordinationRing-V0"),
    "JaxMARLOvercooked": Film(
        about="Two cooks who have learnt by independent PPO, seed 0 of the baselines",
        env_id="JaxMARLOvercooked-CoordRing-V0",
        settings={"features": ["object_planes"]},
        player="baselines/JaxMARLOvercooked-CoordRing/seed_0.safetensors",
    ),
    "OvercookedV2": Film(about=COOKS_BY_SCRIPT, env_id="OvercookedV2-GroundedCoordSimple-V0"),
    "OvercookedOrders": Film(about=COOKS_BY_SCRIPT, env_id="OvercookedOrders-MixedKitchen-V0"),
}
"""The films, by family."""


def states(film: Film) -> list[Any]:
    """The states of a film's episode."""
    env: CoGridEnv = make(film.env_id, **film.settings)
    is_file = film.player.endswith(".safetensors")
    policy: Any = load_policy(ROOT / film.player) if is_file else scripted_policy(film.player, env)
    env.reset(seed=1)
    seen = [env.get_state()]
    for _ in range(film.steps):
        if not env.agents:
            break
        observe = own_observation(policy) or env.observation
        actions = policy(observe(seen[-1]), policy_keys(seen[-1]))
        env.step(dict(zip(env.agents, (int(action) for action in actions), strict=True)))
        seen.append(env.get_state())
    return seen


def draw(film: Film, path: pathlib.Path) -> None:
    """Write a film in few colors, since a page is to load fast."""
    shown = states(film)
    first = shown[0]
    edge = 40 if first.width * first.height <= 60 else 28
    pictures = [Image.fromarray(render_rgb(state, edge)) for state in shown]
    palette = pictures[len(pictures) // 2].quantize(48)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0, optimize=True)


def main() -> None:
    """Draw all films."""
    for family in families():
        film = FILMS.get(family.name)
        if film is not None:
            path = ROOT / "docs" / "images" / family.page.replace(".md", ".gif")
            draw(film, path)
            print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
