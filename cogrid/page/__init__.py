"""Worlds as a page that a browser plays without a server: the compiled game as data, and an engine in JavaScript.

The folder `engine` is the step on plain integers (`cogrid.integer`) once more, module by module; `app` is what a person
sees. Both are plain JavaScript, joined into one file by `cogrid.page.scripts`.
"""
