// What a game may ask for beside the first version of the format, by the names in `header.needs`: one a line, since
// `cogrid/page/game_data.py` reads them here too.

export const KNOWN_NEEDS = [
  "chance",
  "goes",
  "takes",
  "acts_here",
  "agent_tick",
  "reach",
  "meet",
  "stand",
  "passable_by",
  "leave",
  "draws",
  "counts",
  "moves",
  "payment_tables",
  "amounts",
  "sight",
  "draws_for_agents",
  "lists",
];
