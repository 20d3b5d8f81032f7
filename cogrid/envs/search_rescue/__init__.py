"""Search and rescue: a team of medics and engineers finds a way to the victims of a disaster, and gets them out.

What can be done to what is in `objects.py`, who is who and when it is over in `rules.py`.
"""

from cogrid.envs.search_rescue.config import search_rescue_config as search_rescue_config
from cogrid.envs.search_rescue.features import RolePlanes as RolePlanes
from cogrid.envs.search_rescue.solvability import is_solvable as is_solvable
from cogrid.envs.search_rescue.solvability import stranded_victims as stranded_victims
