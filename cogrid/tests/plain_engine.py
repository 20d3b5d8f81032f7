"""A game played from its arrays alone, in plain Python: nothing of the library is imported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MASK = 2**32 - 1


def threefry(key: tuple[int, int], counter0: int, counter1: int) -> tuple[int, int]:
    """The published generator (Salmon et al., 2011), two words a block."""
    keys = (*key, key[0] ^ key[1] ^ 0x1BD11BDA)
    x0, x1 = (counter0 + key[0]) & MASK, (counter1 + key[1]) & MASK
    for group in range(5):
        for bits in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << bits) & MASK | x1 >> (32 - bits)) ^ x0
        x0, x1 = (x0 + keys[(group + 1) % 3]) & MASK, (x1 + keys[(group + 2) % 3] + group + 1) & MASK
    return x0, x1


def follow_in_chains(place: Sequence[int], target: Sequence[int]) -> list[int]:
    """Where agents are that follow each other in chains and cycles: the longest chain first, then the lowest index."""
    wants = dict(zip(place, target, strict=True))
    settled = dict(zip(place, place, strict=True))

    def way(cell: int) -> list[int]:
        """The cells from one on, as far as somebody in them wants to go on, each once."""
        cells = [cell]
        while cells[-1] in wants and wants[cells[-1]] not in cells:
            cells.append(wants[cells[-1]])
        return cells

    def behind(cell: int) -> list[int]:
        """The longest chain of agents that ends in front of a cell, the first one foremost."""
        tails = [[before, *behind(before)] for before in place if wants[before] == cell]
        return max(tails, key=len, default=[])

    for end in {way(cell)[-1] for cell in place}:
        cycle = way(end)
        if end not in wants:
            settled |= {cell: wants[cell] for cell in behind(end)}
        elif len(cycle) > 2:
            settled |= {cell: wants[cell] for cell in cycle}
    return [settled[cell] for cell in place]


class PlainEngine:
    """One world, played from a header and arrays."""

    def __init__(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        self.header = json.loads(json.dumps(header))
        self.rules, self.map = self.header["rules"], self.header["map"]
        self.of = {name: arrays[name].reshape(about["shape"]).tolist() for name, about in self.header["arrays"].items()}
        self.n_agents = self.rules["n_agents"]
        self.agents = range(self.n_agents)

    def words(self, purpose: str, time: int, n: int) -> list[int]:
        """The words of one purpose at one time."""
        draws = self.header["draws"]
        first = draws["purposes"][purpose] << draws["purpose_shift"]
        drawn = [word for block in range((n + 1) // 2) for word in threefry(self.key, first + block, time)]
        return drawn[:n]

    def drawn(self, table: str, row: int, number: int, purpose: str | None = None) -> int:
        """The row of a table that is drawn, where a row is drawn among."""
        chance = self.rules["chances"].get(table)
        if not chance or not self.of[chance["kind"]][row]:
            return row
        return self.decided(chance, row, self.words(purpose or table, self.time, number + 1)[number])

    def decided(self, chance: Mapping[str, Any] | None, row: int, word: int) -> int:
        """The row that a word decides on."""
        kind = self.of[chance["kind"]][row] if chance else 0
        if not (chance and kind):
            return row
        result = sum(last < word for last in self.of[chance["last_words"]][kind])
        return self.of[chance["rest"]][row] + result - 1 if result else row

    def counted(self, table: str, thing: int, kind: int, cell: int) -> int:
        """The row of a thing in a table, by the count that it asks for."""
        return self.counted_by(self.rules["counts"].get(table), thing, kind, cell)

    def counted_by(self, counts: Mapping[str, Any] | None, thing: int, kind: int, cell: int) -> int:
        """The row of a thing, by the count that it asks for in a table of counts."""
        if counts is None:
            return thing
        number = self.of[counts["which"]][thing]
        row = thing * counts["size"]
        if not number:
            return row
        count = counts["counts"][number - 1]
        weights = self.of[count["weights"]]
        if count["over"] == "map":
            total = sum(weights[value] for value in self.cells_before)
        elif count["over"] == "agents":
            total = sum(weights[value] for value in self.values_before)
        elif count["over"] == "actors":
            acts = zip(self.values_before, self.kinds, self.places, strict=True)
            total = sum(weights[value] for value, *act in acts if act == [kind, cell])
        else:
            height, width = self.map["height"], self.map["width"]
            around = [(cell // width + down, cell % width + right) for down, right in self.of[count["offsets"]]]
            near = [row * width + column for row, column in around if 0 <= row < height and 0 <= column < width]
            total = sum(weights[self.cells_before[other]] for other in near)
        return row + min(total, count["cap"])

    def start_stage(self, kinds: Sequence[int] = (), places: Sequence[int] = ()) -> None:
        """Keep what counts are taken of: values, and which rule is called for which cell."""
        self.cells_before, self.values_before = list(self.cells), list(self.agent_value)
        self.kinds, self.places = list(kinds), list(places)

    def reset(self, key: tuple[int, int]) -> None:
        """Start an episode."""
        self.key, self.time, self.world_value, layout = key, 0, 0, 0
        if self.map["is_set"]:
            layout = self.words("layout", 0, 1)[0] % self.map["n_layouts"]
        self.cells = list(self.of["map.start_cells"][layout])
        self.agent_cell = list(self.of["map.start_places"][layout])
        self.agent_value = list(self.of["map.start_values"])
        self.terminated, self.events = [False] * self.n_agents, [0] * self.n_agents
        for draw in self.rules["draws"]:
            if not (draw["event_mask"] or draw["is_free"]):
                self.draw_members(draw, draw["k"], 0)
        may_start = [self.can_start(value) for value in self.cells]
        drawn = iter(self.words("start_cell", 0, self.agent_cell.count(-1)))
        taken: list[int] = []
        for agent, rooms in enumerate(self.of["map.start_rooms"][layout]):
            if self.agent_cell[agent] < 0:
                free = [cell for cell, ok in enumerate(rooms) if ok and may_start[cell] and cell not in taken]
                self.agent_cell[agent] = free[next(drawn) % len(free)]
                taken.append(self.agent_cell[agent])
        for draw in self.rules["draws"]:
            if draw["is_free"] and not draw["event_mask"]:
                self.draw_members(draw, draw["k"], 0)
        fixed = self.rules["start_directions"]
        words = self.words("start_direction", 0, self.n_agents)
        self.agent_dir = [fixed[agent % len(fixed)] if fixed else words[agent] >> 30 for agent in self.agents]
        if self.rules["has_world_values"]:
            self.world_value = self.words("world_value", 0, 1)[0] % self.rules["n_world_values"]

    def can_start(self, value: int) -> bool:
        return self.of["map.open_at_start"][value] if "map.open_at_start" in self.of else True

    def draw_members(self, draw: Mapping[str, Any], n_drawn: int, time: int) -> None:
        """Choose members of a group one after the other, and let each become what follows."""
        n_cells, width = len(self.cells), self.map["width"]
        left = []
        for first, table, values in ((0, draw["cells"], self.cells), (n_cells, draw["agents"], self.agent_value)):
            left += [first + idx for idx, value in enumerate(values) if table and self.of[table["is_member"]][value]]
        if draw["is_free"] or not draw["event_mask"]:
            left = [member for member in left if member not in self.agent_cell]
        left = [member for member in left if member < n_cells or not self.terminated[member - n_cells]]
        self.start_stage()
        words = self.words("draw", time, draw["first_word"] + 2 * n_drawn)[draw["first_word"] :]
        for choice, word in zip(words[::2], words[1::2], strict=True):
            if left:
                member = left.pop(choice % len(left))
                is_cell = member < n_cells
                table, values, idx = (
                    (draw["cells"], self.cells, member)
                    if is_cell
                    else (draw["agents"], self.agent_value, member - n_cells)
                )
                row = self.counted_by(table["counts"], values[idx], 0, idx)
                values[idx] = self.of[table["after"]][self.decided(table["chance"], row, word)]
                row, column = divmod(member, width)
                near = [(row + sign * dr, column + sign * dc) for dr, dc in draw["apart"] for sign in (1, -1)]
                left = [other for other in left if not (is_cell and other < n_cells and divmod(other, width) in near)]

    def step(self, actions: Sequence[int]) -> list[np.float32]:
        """Make a step; what each agent is paid."""
        was_terminated = list(self.terminated)
        actions = [self.rules["noop"] if gone else action for action, gone in zip(actions, was_terminated, strict=True)]
        if "takes" in self.header["needs"]:
            takes, n_actions = self.of["rules.takes"], len(self.rules["actions"])
            is_taken = [takes[self.agent_value[agent] * n_actions + actions[agent]] for agent in self.agents]
            actions = [action if taken else self.rules["noop"] for action, taken in zip(actions, is_taken, strict=True)]
        attempts = [
            self.attempt(agent) if self.of["rules.interaction"][actions[agent]] else -1 for agent in self.agents
        ]
        self.events = [0] * self.n_agents
        self.amounts = [[0] * len(self.rules["amounts"]) for _ in self.agents]
        stages = {"tick": self.tick, "move": self.move, "interact": self.interact}
        for stage in self.rules["stages"]:
            self.start_stage()
            stages[stage](actions)
        self.time += 1
        paid = [np.float32(0)] * self.n_agents
        for reward in self.header["rewards"]:
            paid = [
                sum_before + more for sum_before, more in zip(paid, self.pay(reward, attempts, actions), strict=True)
            ]
        return [np.float32(0) if gone else more for gone, more in zip(was_terminated, paid, strict=True)]

    def ahead(self, agent: int) -> int:
        return self.of["map.front"][self.agent_cell[agent] * 4 + self.agent_dir[agent]]

    def attempt(self, agent: int) -> int:
        """The pair of an agent's value and the faced cell's; -1 off the grid."""
        ahead = self.ahead(agent)
        if ahead == self.agent_cell[agent]:
            return -1
        return self.agent_value[agent] * self.rules["n_cell_values"] + self.cells[ahead]

    def pay(self, reward: Mapping[str, Any], attempts: Sequence[int], actions: Sequence[int]) -> list[np.float32]:
        if reward["attempts"] is None:
            earners = [bool(events & reward["event_mask"]) for events in self.events]
        else:
            is_paid = self.of[reward["attempts"]]
            tried = zip(attempts, actions, strict=True)
            earners = [pair >= 0 and action == reward["action"] and is_paid[pair] for pair, action in tried]
        sums = [np.float32(number) for number in self.of[reward["sums"]]]
        numbers = [sum(earners)] * self.n_agents if reward["is_common"] else list(map(int, earners))
        if reward["amount"] >= 0:
            carried = [row[reward["amount"]] * earned for row, earned in zip(self.amounts, earners, strict=True)]
            if reward["is_common"]:
                carried, earners = [sum(carried)] * self.n_agents, [any(earners)] * self.n_agents
            top = reward["largest_amount"]
            numbers = [earned * (1 + min(amount, top)) for amount, earned in zip(carried, earners, strict=True)]
        if reward["count"] is not None:
            values = self.cells if reward["count"]["over"] == "map" else self.agent_value
            total = sum(self.of[reward["count"]["weights"]][value] for value in values)
            cap = reward["count"]["cap"]
            numbers = [number * (cap + 1) + min(total, cap) for number in numbers]
        time = min(self.time, reward["n_times"] - 1)
        return [sums[number * reward["n_times"] + time] for number in numbers]

    def tick(self, actions: Sequence[int]) -> None:
        counted = [self.counted("tick", value, 1, cell) for cell, value in enumerate(self.cells)]
        rows = [self.drawn("tick", row, cell) for cell, row in enumerate(counted)]
        self.cells = [self.of["rules.tick"][row] for row in rows]
        if "agent_tick" in self.header["needs"]:
            for agent in self.agents:
                if not self.terminated[agent]:
                    row = self.drawn("agent_tick", self.agent_value[agent], agent)
                    self.agent_value[agent], events, ends = self.of["rules.agent_tick"][row]
                    self.events[agent] |= events
                    self.terminated[agent] = bool(ends)

        for turn, here in enumerate(self.roamers()):
            self.roam(here, *threefry(self.key, (self.header["draws"]["purposes"]["roam"] << 24) + turn, self.time))

    def roamers(self) -> list[int]:
        """The cells that may move something by themselves, and what stands in them."""
        if not self.rules["moves"] or not self.rules["moves"]["roam"]:
            return []
        told, chance = self.of["moves.roam"], self.rules["moves"]["roam_chance"]
        kinds = self.of[chance["kind"]] if chance else [0] * len(told)
        self.roam_start = list(self.cells)
        return [cell for cell, value in enumerate(self.cells) if told[value][0] >= 0 or kinds[value]]

    def roam(self, here: int, of_chance: int, of_neighbour: int) -> None:
        """Let what stands in a cell move to a neighbour, if it is what it was at the start."""
        if self.cells[here] != self.roam_start[here]:
            return
        row = self.decided(self.rules["moves"]["roam_chance"], self.cells[here], of_chance)
        thing, left, is_diagonal = self.of["moves.roam"][row]
        around = self.of["map.around"][here][: 8 if is_diagonal else 4] if thing >= 0 else []
        ways = [
            (there, after)
            for there in around
            if there != here and there not in self.agent_cell and (after := self.received(thing, there)) >= 0
        ]
        if ways:
            there, after = ways[of_neighbour % len(ways)]
            self.cells[here], self.cells[there] = left, after

    def received(self, thing: int, cell: int) -> int:
        return self.of["moves.receive"][thing * self.rules["n_cell_values"] + self.cells[cell]]

    def move(self, actions: Sequence[int]) -> None:
        turn = self.of["rules.turn"]
        noop = self.rules["noop"]
        actions = [noop if gone else action for gone, action in zip(self.terminated, actions, strict=True)]
        self.agent_dir = [turn[action * 4 + before] for action, before in zip(actions, self.agent_dir, strict=True)]
        before, target = list(self.agent_cell), list(self.agent_cell)
        pushes: dict[int, tuple[int, ...]] = {}
        for agent in self.agents:
            ahead = self.ahead(agent)
            if "goes" in self.header["needs"]:
                goes = self.of["rules.goes"][actions[agent] * 4 + self.agent_dir[agent]]
                ahead = self.of["map.front"][self.agent_cell[agent] * 4 + max(goes, 0)]
            if self.of["rules.proposes"][actions[agent]] and self.may_go(agent, ahead):
                target[agent] = ahead
            elif self.of["rules.proposes"][actions[agent]] and self.may_leave(agent):
                pushes |= self.push(agent, ahead)
        target, made = self.push_on(before, target, pushes)
        self.agent_cell = {
            "in_turn": self.in_turn,
            "all_stay": self.all_stay,
            "colliders_stay": self.colliders_stay,
            "contenders_stay": self.contenders_stay,
            "chains": self.chains,
        }[self.rules["collisions"]](before, target)
        for agent in self.agents:
            if self.agent_cell[agent] != target[agent]:
                self.events[agent] |= self.rules["collision_mask"]
        self.make_pushes(made)
        entered = [
            int(self.rules["has_enter"] and cell != before[agent] and not self.terminated[agent])
            for agent, cell in enumerate(self.agent_cell)
        ]
        self.start_stage(entered, self.agent_cell)
        for agent, cell in enumerate(self.agent_cell):
            if entered[agent]:
                self.follow("enter", 1, agent, cell)
        self.start_stage([1] * self.n_agents, self.agent_cell)
        for agent in self.agents:
            if "rules.stand" in self.of and not self.terminated[agent]:
                self.follow("stand", 1, agent, self.agent_cell[agent])

    def push_on(
        self, before: Sequence[int], target: Sequence[int], pushes: Mapping[int, tuple[int, ...]]
    ) -> tuple[list[int], dict[int, tuple[int, ...]]]:
        """The cells that agents want, and the pushes that no other agent hinders."""
        made: dict[int, tuple[int, ...]] = {}
        for agent, push in pushes.items():
            others = [other for other in self.agents if other != agent]
            taken = [cell for other in others for cell in (before[other], target[other], *pushes.get(other, ())[:2])]
            if push[1] in taken or push[0] in [pushes[other][1] for other in others if other in pushes]:
                self.events[agent] |= self.rules["collision_mask"]
            else:
                made[agent] = push
        return [made[agent][0] if agent in made else target[agent] for agent in self.agents], made

    def make_pushes(self, pushes: Mapping[int, tuple[int, ...]]) -> None:
        for agent, (ahead, beyond, left, received, events) in pushes.items():
            if self.agent_cell[agent] == ahead:
                self.cells[ahead], self.cells[beyond] = left, received
                self.events[agent] |= events

    def push(self, agent: int, ahead: int) -> dict[int, tuple[int, ...]]:
        """What an agent would push: the cells ahead and beyond, what they become, and the events."""
        if self.terminated[agent] or not (self.rules["moves"] and self.rules["moves"]["lift"]):
            return {}
        way = [turn for turn in range(4) if self.of["map.front"][self.agent_cell[agent] * 4 + turn] == ahead]
        beyond = self.of["map.front"][ahead * 4 + way[0]] if len(way) == 1 else ahead
        pair = self.agent_value[agent] * self.rules["n_cell_values"] + self.cells[ahead]
        thing, left, events = self.of["moves.lift"][pair]
        received = self.received(thing, beyond) if thing >= 0 and beyond != ahead else -1
        return {agent: (ahead, beyond, left, received, events)} if received >= 0 else {}

    def may_leave(self, agent: int) -> bool:
        first = self.agent_value[agent] * self.rules["n_cell_values"]
        return "rules.leave" not in self.of or self.of["rules.leave"][first + self.cells[self.agent_cell[agent]]]

    def may_go(self, agent: int, ahead: int) -> bool:
        """Whether an agent may move into a cell, and out of its own."""
        first = self.agent_value[agent] * self.rules["n_cell_values"]
        if not self.may_leave(agent):
            return False
        if "rules.passable_by" in self.of:
            return self.of["rules.passable_by"][first + self.cells[ahead]]
        return self.of["rules.passable"][self.cells[ahead]]

    def in_turn(self, place: Sequence[int], target: Sequence[int]) -> list[int]:
        settled = list(place)
        scores = self.words("move_order", self.time, self.n_agents)
        stayers_first = sorted(self.agents, key=lambda agent: (target[agent] != place[agent], scores[agent], agent))
        for agent in stayers_first:
            if target[agent] not in settled:
                settled[agent] = target[agent]
        return settled

    def all_stay(self, place: Sequence[int], target: Sequence[int]) -> list[int]:
        is_hindered = len(set(target)) < len(target) or self.swappers(place, target)
        return list(place if is_hindered else target)

    def colliders_stay(self, place: Sequence[int], target: Sequence[int]) -> list[int]:
        wanted = self.contenders_stay(place, target)
        swappers = self.swappers(place, wanted)
        return [place[agent] if agent in swappers else wanted[agent] for agent in self.agents]

    def contenders_stay(self, place: Sequence[int], target: Sequence[int]) -> list[int]:
        wanted = list(target)
        while len(set(wanted)) < len(wanted):
            wanted = [before if wanted.count(cell) > 1 else cell for before, cell in zip(place, wanted, strict=True)]
        return wanted

    def chains(self, place: Sequence[int], target: Sequence[int]) -> list[int]:
        return follow_in_chains(place, target)

    def swappers(self, place: Sequence[int], target: Sequence[int]) -> set[int]:
        return {
            agent
            for agent in self.agents
            for other in self.agents
            if other != agent and target[other] == place[agent] and target[agent] == place[other]
        }

    def interact(self, actions: Sequence[int]) -> None:
        kinds = [self.of["rules.interaction"][action] for action in actions]
        if "reach" in self.header["needs"]:
            falls = [self.first_fall(agent, kind) for agent, kind in enumerate(kinds)]
            met = [
                (kind, fall[0]) if fall and fall[1] is None else (0, -1)
                for kind, fall in zip(kinds, falls, strict=True)
            ]
            self.start_stage([kind for kind, _ in met], [place for _, place in met])
            for agent, kind in enumerate(kinds):
                self.act_along_lines(agent, kind)
        else:
            self.act_near(kinds)
        if any(events & self.rules["redraw_mask"] for events in self.events):
            self.world_value = self.words("world_value", self.time + 1, 1)[0] % self.rules["n_world_values"]
        for draw in self.rules["draws"]:
            n_events = sum(bool(events & draw["event_mask"]) for events in self.events)
            if n_events:
                self.draw_members(draw, min(n_events, draw["at_most"]) * draw["k"], self.time + 1)

    def act_near(self, kinds: list[int]) -> None:
        """Acts that fall on the faced cell, or on the own one."""
        places = [self.ahead(agent) for agent in self.agents]
        for agent in self.agents:
            if "acts_here" in self.header["needs"] and self.of["rules.acts_here"][kinds[agent]]:
                places[agent] = self.agent_cell[agent]
            elif places[agent] in self.agent_cell:
                kinds[agent] = 0
            if self.terminated[agent]:
                kinds[agent] = 0
        self.start_stage(kinds, places)
        for agent in self.agents:
            if kinds[agent]:
                self.follow("interact", kinds[agent], agent, places[agent])

    def lines_of(self, agent: int, kind: int) -> list[list[int]]:
        """The cells of each line of an act, as far as the grid goes."""
        height, width = self.map["height"], self.map["width"]
        row, column = divmod(self.agent_cell[agent], width)
        return [
            [
                (row + down) * width + column + right
                for down, right in line
                if 0 <= row + down < height and 0 <= column + right < width
            ]
            for line in self.of["rules.reach.offsets"][kind][self.agent_dir[agent]]
        ]

    def act_along_lines(self, agent: int, kind: int) -> None:
        lines = self.lines_of(agent, kind)
        for number, line in enumerate(lines, start=agent * len(lines)):
            fall = self.fall(agent, kind, line)
            if fall is None:
                continue
            cell, other = fall
            if other is None:
                self.follow("interact", kind, agent, cell, number)
                continue
            row = self.of["rules.meet.rows"][self.drawn("meet", self.meeting(agent, kind, other), number, "interact")]
            self.agent_value[other], self.agent_value[agent] = row[:2]
            self.events[agent] |= row[2]
            self.events[other] |= row[3]
            self.terminated[agent], self.terminated[other] = bool(row[4]), bool(row[5])

    def first_fall(self, agent: int, kind: int) -> tuple[int, int | None] | None:
        return self.fall(agent, kind, self.lines_of(agent, kind)[0])

    def fall(self, agent: int, kind: int, line: Sequence[int]) -> tuple[int, int | None] | None:
        """The first cell of a line that answers, and the agent that does, if it is one."""
        first = (kind * self.rules["n_world_values"] + self.world_value) * self.rules["n_agent_values"]
        first = (first + self.agent_value[agent]) * self.rules["n_cell_values"]
        for cell in line if kind and not self.terminated[agent] else ():
            others = [other for other in self.agents if other != agent and self.agent_cell[other] == cell]
            if not others and self.of["rules.reach.answers"][first + self.cells[cell]]:
                return cell, None
            for other in others if "meet" in self.header["needs"] else ():
                if self.of["rules.meet.answers"][self.meeting(agent, kind, other)] and not self.terminated[other]:
                    return cell, other
            is_blocked = others or self.of["rules.reach.blocks"][self.cells[cell]]
            if self.of["rules.reach.is_beam"][kind] and is_blocked:
                return None
        return None

    def meeting(self, agent: int, kind: int, other: int) -> int:
        """The row of the table of meetings."""
        first = (kind * self.rules["n_world_values"] + self.world_value) * self.rules["n_agent_values"]
        return (first + self.agent_value[agent]) * self.rules["n_agent_values"] + self.agent_value[other]

    def follow(self, table: str, kind: int, agent: int, cell: int, word: int | None = None) -> None:
        pair = kind * self.rules["n_world_values"] + self.world_value
        pair = pair * self.rules["n_agent_values"] + self.agent_value[agent]
        pair = pair * self.rules["n_cell_values"] + self.cells[cell]
        number = self.drawn(table, self.counted(table, pair, kind, cell), agent if word is None else word)
        row = self.of[f"rules.{table}"][number]
        self.amounts[agent] = [amount + more for amount, more in zip(self.amounts[agent], row[4:], strict=True)]
        self.cells[cell], self.agent_value[agent] = row[0], row[1]
        self.events[agent] |= row[2]
        self.terminated[agent] = self.terminated[agent] or bool(row[3])

    def observe(self) -> np.ndarray:
        """What each agent observes."""
        about = self.header["observation"]
        parts = [[self.show(block, agent) for block in about["blocks"]] for agent in self.agents]
        flat = [[number for numbers in by_block for number in numbers] for by_block in parts]
        return np.array(flat, dtype=about["dtype"]).reshape(self.n_agents, *about["shape"])

    def show(self, block: Mapping[str, Any], viewer: int) -> list[int]:
        rows = self.of[block["rows"]]
        if block["kind"] == "list":
            return self.show_list(block, viewer)
        if block["kind"] == "agent":
            sources = {
                "cell": self.agent_cell,
                "direction": self.agent_dir,
                "value": self.agent_value,
                "terminated": self.terminated,
            }
            number = sum(stride * sources[name][viewer] for name, stride in block["strides"].items())
            return rows[number + self.scene(block["scene"])]
        shown = self.of[block["shown"]]
        poses = len(shown) // len(self.cells)
        pose = {0: 0, 1: self.agent_cell[viewer], 4: self.agent_cell[viewer] * 4 + self.agent_dir[viewer]}[poses]
        turn = block["turn_stride"] * self.agent_dir[viewer]
        numbers = [self.row_of_cell(block, cell, viewer) + turn for cell in shown[pose]]
        if block["sight"]:
            in_sight = self.in_sight(block["sight"], shown[pose])
            hidden = block["sight"]["hidden"]
            numbers = [number if place in in_sight else hidden for place, number in enumerate(numbers)]
        return [entry for number in numbers for entry in rows[number]]

    def show_list(self, block: Mapping[str, Any], viewer: int) -> list[int]:
        """The cells, or the agents, that a viewer sees, one after the other."""
        listed = self.of[block["is_listed"]]
        if block["of"] == "cells":
            things = [(cell, value) for cell, value in enumerate(self.cells) if listed[value]][: block["length"]]
        else:
            order = sorted(self.agents, key=lambda agent: agent != viewer)
            things = [(self.agent_cell[agent], self.agent_value[agent]) for agent in order]
            things = [(cell, value) for cell, value in things if listed[value]]
        (top, left), (bottom, right) = (self.of[block[edge]][self.agent_cell[viewer]] for edge in ("first", "last"))
        entries = []
        for cell, value in things:
            row, column = divmod(cell, self.map["width"])
            if top <= row <= bottom and left <= column <= right:
                numbers = self.of[block["row_numbers"]][row - top], self.of[block["column_numbers"]][column - left]
                entries.append([*numbers, *self.of[block["rows"]][value]])
        entries += [self.of[block["blank"]]] * block["length"]
        return [number for entry in entries[: block["length"]] for number in entry]

    def in_sight(self, sight: Mapping[str, Any], window: Sequence[int]) -> set[int]:
        """The places of a window that are seen: from place to place, line after line."""
        opaque, lines = self.of[sight["is_opaque"]], self.of[sight["lines"]]
        seen = {lines[0][sight["first"]]}
        for line, behind in zip(lines, [*lines[1:], []], strict=True):
            width = len(line)
            for step, places in ((1, range(width - 1)), (-1, range(width - 1, 0, -1))):
                for idx in places:
                    cell = window[line[idx]]
                    is_open = not opaque[self.cells[cell] if cell < len(self.cells) else -1]
                    if line[idx] in seen and is_open:
                        seen |= {line[idx + step], *([behind[idx], behind[idx + step]] if behind else [])}
        return seen

    def row_of_cell(self, block: Mapping[str, Any], cell: int, viewer: int) -> int:
        if cell == len(self.cells):
            return block["blank"]
        value = number = self.cells[cell]
        if block["first_occupied"] is not None and cell in self.agent_cell:
            agent = self.agent_cell.index(cell)
            number = self.of[block["first_occupied"]][value]
            number += block["by_value"] * self.agent_value[agent] + block["by_direction"] * self.agent_dir[agent]
            number += block["by_terminated"] * self.terminated[agent] + block["by_self"] * (agent == viewer)
        if block["relation"] is not None:
            relation = self.of[block["relation"]["numbers"]][self.world_value][self.agent_value[viewer]][value]
            number += block["relation"]["stride"] * relation
        return number + self.scene(block["scene"])

    def scene(self, scene: Mapping[str, Any] | None) -> int:
        if scene is None:
            return 0
        number = 0 if scene["world_value"] is None else self.of[scene["world_value"]][self.world_value]
        number = number * (len(scene["times"]) + 1) + sum(self.time >= time for time in scene["times"])
        if scene["event_mask"]:
            number = number * 2 + any(events & scene["event_mask"] for events in self.events)
        return number * scene["stride"]
