"""Training: algorithms in one file each, and what they share. Needs the extra `cogrid[learn]`.

`ippo.py` is independent PPO; `networks.py` and `advantages.py` are what it computes with. `training.py` runs it:
checkpoints, logs, curves, policies in files. `evaluation.py` lets policies play with themselves and with each other.
"""
