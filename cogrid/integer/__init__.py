"""The step on plain integers, whole: one world at a time, on the same tables as the arrays, with the same bits.

Array calls on two agents cost more than the work itself, so an environment that steps one world at a time steps it
here. The functions take sequences and integers, and change sequences in place: lists here, and arrays just as well.
"""
