// The data that a game consists of, as `Game.to_arrays` writes it, in types for the checker; there is no code here.

/** @typedef {[number, number]} Key - a threefry key, two words */
/** @typedef {Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array} Numbers */

/**
 * @typedef {object} SceneData
 * @property {number} stride
 * @property {string | null} world_value - the name of an array, as all strings in the data of blocks
 * @property {number[]} times
 * @property {number} event_mask
 */

/**
 * @typedef {object} SightData
 * @property {string} is_opaque
 * @property {string} lines
 * @property {number} first
 * @property {number} hidden
 */

/**
 * @typedef {object} BlockData
 * @property {"cell" | "agent" | "function"} kind
 * @property {string} rows
 * @property {SceneData | null} scene
 * @property {Record<string, number>} strides
 * @property {string} shown
 * @property {number} blank
 * @property {string | null} first_occupied
 * @property {number} by_value
 * @property {number} by_direction
 * @property {number} by_terminated
 * @property {number} by_self
 * @property {{stride: number, numbers: string} | null} relation
 * @property {number} turn_stride
 * @property {SightData | null} sight
 */

/**
 * A block of the kind list.
 *
 * @typedef {object} ListData
 * @property {"list"} kind
 * @property {"cells" | "agents"} of
 * @property {number} length
 * @property {string} is_listed
 * @property {string} rows
 * @property {string} row_numbers
 * @property {string} column_numbers
 * @property {string} blank
 * @property {string} first
 * @property {string} last
 */

/**
 * @typedef {object} PaymentData
 * @property {"payment" | "function"} kind
 * @property {string} sums
 * @property {boolean} is_common
 * @property {number} event_mask
 * @property {number} action
 * @property {string | null} attempts
 * @property {import("./counts.js").SummedData | null} count - what the sums depend on, too
 * @property {number} amount - which amount the sums depend on, too; -1 for none
 * @property {number} largest_amount
 * @property {number} n_times - how many times the sums tell apart
 */

/**
 * @typedef {object} RulesData
 * @property {string} name
 * @property {number} n_agents
 * @property {number} n_cell_values
 * @property {number} n_agent_values
 * @property {number} n_world_values
 * @property {boolean} has_world_values
 * @property {boolean} has_enter
 * @property {number | null} max_steps
 * @property {string[]} actions
 * @property {number} noop
 * @property {string[]} stages
 * @property {string} collisions
 * @property {number} collision_mask
 * @property {number} redraw_mask
 * @property {string[]} events
 * @property {string[]} amounts - the names of what events carry
 * @property {number[]} start_directions
 * @property {Record<string, import("./chance.js").ChanceData>} chances - of some tables, by name
 * @property {Record<string, import("./counts.js").CountData>} counts - of some tables, by name
 * @property {import("./member_draws.js").DrawData[]} draws
 * @property {import("./moves.js").MoveData | null} moves
 */

/**
 * @typedef {object} Header
 * @property {number} version
 * @property {string[]} needs
 * @property {string[]} functions
 * @property {RulesData} rules
 * @property {{height: number, width: number, n_layouts: number, is_set: boolean}} map
 * @property {{dtype: string, shape: number[], channels: string[], blocks: (BlockData | ListData)[]}} observation
 * @property {PaymentData[]} rewards
 * @property {{purpose_shift: number, purposes: Record<string, number>}} draws
 * @property {Record<string, {shape: number[], dtype: string}>} arrays
 */
