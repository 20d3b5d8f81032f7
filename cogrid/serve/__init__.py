"""Studies with people: a server that brings two people into one world, keeps the clock, and stores what they do.

`cogrid serve STUDY.toml` runs it. From the inside out: `settings` (the file), `protocol` (what clients and the server
say), `worlds` (a world that is played), `rooms` (people in one), `pairing` (who waits), `storage` (the database),
`study` (all of it while it runs), `app` (the web server), `pages` (what it serves) and `export` (what comes out).
"""
