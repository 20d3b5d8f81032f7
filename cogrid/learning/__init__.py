"""Training: algorithms in one file each, and what they share. Needs the extra `cogrid[learn]`.

`ippo.py` is independent PPO, `mappo.py` gives it a central critic, `vdn.py` learns a team's value as the sum of its
agents'; `networks.py` and `advantages.py` are what they compute with. `training.py` runs them: checkpoints, logs,
curves, policies in files. `evaluation.py` lets policies play with themselves and with each other.
"""
