"""Independent PPO with shared parameters, in PyTorch, in one file: two cooks learn to make soups.

    python examples/ppo_torch.py --env-id JaxMARLOvercooked-CrampedRoom-V0 --backend jax

All agents act by one network, each on its own observation. The reward that is paid is rare: the shaped rewards of the
infos are added to it, and their share is annealed to 0.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Categorical

import cogrid


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What to learn, and how; each field is an option of the command.

    Attributes:
      env_id: the world.
      backend: "numpy" or "jax".
      seed: of the environments and of PyTorch.
      total_steps: environment steps, over all environments.
      num_envs, num_steps: environments, and steps of each between two updates.
      epochs, minibatches: how often an update goes over its steps, and in how many parts each time.
      learning_rate: goes down to 0.
      entropy: how much variety of actions is worth.
      clip: how far an update may move a probability's ratio from 1.
      gamma, lam: discount, and the weight of later steps in an advantage.
      anneal_steps: environment steps until the shaped rewards count no more.
    """

    env_id: str = "JaxMARLOvercooked-CrampedRoom-V0"
    backend: str = "numpy"
    seed: int = 0
    total_steps: int = 1_000_000
    num_envs: int = 64
    num_steps: int = 400
    epochs: int = 4
    minibatches: int = 16
    learning_rate: float = 1e-3
    entropy: float = 0.01
    clip: float = 0.2
    gamma: float = 0.99
    lam: float = 0.95
    anneal_steps: int = 1_000_000


class ActorCritic(nn.Module):
    """Two layers of 64 on flat planes: the logits of the actions, and the value."""

    def __init__(self, n_inputs: int, n_actions: int) -> None:
        super().__init__()
        self.actor = self._network(n_inputs, n_actions, gain=0.01)
        self.critic = self._network(n_inputs, 1, gain=1.0)

    def forward(self, obs: Tensor) -> tuple[Categorical, Tensor]:
        """The distribution of each agent's action, and its value.

        Args:
          obs: `[*B, ...]` of any dtype, the last three axes those of the planes.
        """
        flat = obs.flatten(-3).float()
        return Categorical(logits=self.actor(flat)), self.critic(flat).squeeze(-1)

    @staticmethod
    def _network(n_inputs: int, n_outputs: int, gain: float) -> nn.Sequential:
        sizes, gains = (n_inputs, 64, 64, n_outputs), (2**0.5, 2**0.5, gain)
        layers: list[nn.Module] = []
        for before, after, scale in zip(sizes, sizes[1:], gains, strict=False):
            linear = nn.Linear(before, after)
            nn.init.orthogonal_(linear.weight, scale)
            nn.init.zeros_(linear.bias)
            layers += [linear, nn.Tanh()]
        return nn.Sequential(*layers[:-1])


def collect(envs: Any, network: ActorCritic, obs: Tensor, settings: Settings, share: float) -> dict[str, Any]:
    """Play some steps, and note what the update needs: `[T, B, A, ...]` each.

    Args:
      envs: the environments; an episode that ends is followed by the next in the same step.
      network: who plays.
      obs: `[B, A, ...]`, what is observed now.
      settings: how many steps.
      share: what a shaped reward counts.
    """
    rows: dict[str, list[Tensor]] = {name: [] for name in ("obs", "actions", "log_prob", "value", "reward", "ended")}
    returns: list[Tensor] = []
    for _ in range(settings.num_steps):
        with torch.no_grad():
            distribution, value = network(obs)
        actions = distribution.sample()
        after, reward, terminated, _, infos = envs.step(actions)
        has_ended = infos["_episode"]
        reward = reward + share * infos["shaped_reward"]
        # An episode that the clock ends would have gone on: its last value stands for the rest.
        is_cut = has_ended[:, None] & ~terminated
        with torch.no_grad():
            reward = reward + settings.gamma * network(infos["final_obs"])[1] * is_cut if is_cut.any() else reward
        ended = has_ended[:, None].expand_as(reward)
        kept = (obs, actions, distribution.log_prob(actions), value, reward, ended)
        for name, values in zip(rows, kept, strict=True):
            rows[name].append(values)
        returns.append(infos["episode"]["r"][has_ended].mean(dim=-1))
        obs = after
    batch: dict[str, Any] = {name: torch.stack(values) for name, values in rows.items()}
    return batch | {"last_obs": obs, "returns": torch.cat(returns)}


def advantages(batch: dict[str, Any], last_value: Tensor, gamma: float, lam: float) -> Tensor:
    """Generalised advantage estimates, `[T, B, A]` (Schulman et al., 2016)."""
    found = torch.zeros_like(batch["reward"])
    ahead, next_value = torch.zeros_like(last_value), last_value
    for step in reversed(range(len(found))):
        goes_on = (~batch["ended"][step]).float()
        delta = batch["reward"][step] + gamma * goes_on * next_value - batch["value"][step]
        ahead = found[step] = delta + gamma * lam * goes_on * ahead
        next_value = batch["value"][step]
    return found


def update(network: ActorCritic, optimizer: torch.optim.Optimizer, batch: dict[str, Any], settings: Settings) -> float:
    """Improve the network by PPO's clipped objective (Schulman et al., 2017); the mean loss."""
    with torch.no_grad():
        advantage = advantages(batch, network(batch["last_obs"])[1], settings.gamma, settings.lam)
    flat = {name: batch[name].flatten(0, 2) for name in ("obs", "actions", "log_prob", "value")}
    flat |= {"advantage": advantage.flatten(), "target": (advantage + batch["value"]).flatten()}
    losses: list[float] = []
    for _ in range(settings.epochs):
        for part in torch.randperm(len(flat["actions"])).chunk(settings.minibatches):
            loss = ppo_loss(network, {name: values[part] for name, values in flat.items()}, settings)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 0.5)
            optimizer.step()
            losses.append(loss.item())
    return sum(losses) / len(losses)


def ppo_loss(network: ActorCritic, part: dict[str, Tensor], settings: Settings) -> Tensor:
    """The loss of one minibatch."""
    distribution, value = network(part["obs"])
    ratio = (distribution.log_prob(part["actions"]) - part["log_prob"]).exp()
    advantage = (part["advantage"] - part["advantage"].mean()) / (part["advantage"].std() + 1e-8)
    clipped = ratio.clamp(1 - settings.clip, 1 + settings.clip)
    of_policy = -torch.min(ratio * advantage, clipped * advantage).mean()
    return of_policy + 0.5 * (value - part["target"]).square().mean() - settings.entropy * distribution.entropy().mean()


def train(settings: Settings) -> tuple[ActorCritic, list[dict[str, float]]]:
    """Learn; the network, and a row for each update."""
    torch.manual_seed(settings.seed)
    envs = cogrid.make_vec(settings.env_id, settings.num_envs, settings.backend, "SameStep", to="torch")
    obs, _ = envs.reset(seed=settings.seed)
    n_actions = len(envs.envs.tables.action_set)
    network = ActorCritic(obs[0, 0].numel(), n_actions).to(obs.device)
    optimizer = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, eps=1e-5)
    log: list[dict[str, float]] = []
    started, steps_each = time.perf_counter(), settings.num_envs * settings.num_steps
    for steps in range(0, settings.total_steps, steps_each):
        optimizer.param_groups[0]["lr"] = settings.learning_rate * (1 - steps / settings.total_steps)
        batch = collect(envs, network, obs, settings, share=max(0.0, 1 - steps / settings.anneal_steps))
        obs = batch["last_obs"]
        row = {"steps": steps + steps_each, "loss": update(network, optimizer, batch, settings)}
        row |= {"return": batch["returns"].mean().item(), "seconds": time.perf_counter() - started}
        log.append(row)
        print(", ".join(f"{name} {value:,.1f}" for name, value in row.items()), flush=True)
    return network, log


def main() -> None:
    """Read the options, and learn."""
    parser = argparse.ArgumentParser(description="Independent PPO with shared parameters.")
    for field in dataclasses.fields(Settings):
        parser.add_argument("--" + field.name.replace("_", "-"), type=type(field.default), default=field.default)
    train(Settings(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
