"""Clean Up: apples grow only while somebody cleans the river, and who cleans does not eat.

After the game of Hughes et al. (2018). What the river and the trees do is in `objects.py`, who may do what in
`rules.py`.
"""
