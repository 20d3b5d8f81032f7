"""Scripts that measure other libraries, each run by the Python of a virtual environment that has that library.

They import nothing of this package: only what lies beside them in this folder, and their library.
"""
