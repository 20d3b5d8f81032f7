"""Scripted partners for every kitchen: by name, as policies with an observation of their own.

A script looks at the whole state and remembers nothing. `errands` says what is to be done about which object, `ways`
how far everything is, `script` chooses the action, and `policies` makes a policy of it.
"""

from cogrid.envs.scripts.policies import SCRIPT_NAMES, ScriptedPolicy, scripted_policy

__all__ = ["SCRIPT_NAMES", "ScriptedPolicy", "scripted_policy"]
