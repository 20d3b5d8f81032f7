"""The pages of a study as HTML. Whatever is not written here is escaped."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from cogrid.serve.settings import StudySettings
from cogrid.serve.study import EXTERNAL_IDS

ABOUT_STATES = {
    "consented": "have agreed",
    "waiting": "wait, or have left the waiting room",
    "playing": "play",
    "finished": "have played all episodes",
    "partner_left": "lost their partner",
    "no_partner": "found no partner",
    "idle": "did nothing for too long",
    "left": "have left",
}

DOWNLOADS = ("participants", "rooms", "episodes", "steps", "incidents")
"""The tables that the admin page hands out as CSV."""


def _page(title: str, body: str, scripts: str = "") -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{html.escape(title)}</title>\n'
        f'<link rel="icon" href="data:,">\n<link rel="stylesheet" href="study.css">\n</head>\n<body>\n{body}\n{scripts}'
        "</body>\n</html>\n"
    )


def _paragraphs(text: str) -> str:
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return "".join(f"<p>{html.escape(part)}</p>\n" for part in parts if part)


def consent_page(settings: StudySettings, external: Mapping[str, str]) -> str:
    """What people read before they take part.

    Args:
      settings: of the study.
      external: what the address said of the person; goes along with the form.
    """
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(external.get(name, ""))}">' for name in EXTERNAL_IDS
    )
    return _page(
        settings.title,
        f'<main class="sheet">\n<h1>{html.escape(settings.title)}</h1>\n{_paragraphs(settings.consent)}'
        f'<form method="post" action="join">{fields}'
        '<button class="main" id="agree">I agree, and want to take part</button></form>\n</main>',
    )


def message_page(settings: StudySettings, text: str) -> str:
    """A page that says one thing."""
    return _page(
        settings.title, f'<main class="sheet">\n<h1>{html.escape(settings.title)}</h1>\n{_paragraphs(text)}</main>'
    )


def play_page(settings: StudySettings) -> str:
    """The page on which people wait and play; its script is `cogrid/page/app/study.js`."""
    return _page(
        settings.title,
        f'<main class="sheet wide">\n<h1>{html.escape(settings.title)}</h1>\n'
        '<p id="status" role="status" aria-live="polite">One moment ...</p>\n<div id="game" hidden></div>\n'
        '<p id="act" hidden></p>\n<noscript>This page needs JavaScript.</noscript>\n</main>',
        '<script src="study.js"></script>\n',
    )


def login_page(settings: StudySettings, is_wrong: bool) -> str:
    """Asks for the admin's token."""
    told = '<p role="alert">That is not the token.</p>' if is_wrong else ""
    return _page(
        settings.title,
        f'<main class="sheet">\n<h1>{html.escape(settings.title)}</h1>\n{told}<form method="post" action="admin">'
        '<label>Token <input type="password" name="token" autocomplete="off"></label> '
        '<button class="main">Look</button></form>\n</main>',
    )


def admin_page(
    settings: StudySettings,
    people: Mapping[str, int],
    rooms: Sequence[tuple[int, str]],
    relay_ms: tuple[float, float],
    incidents: Sequence[Mapping[str, object]],
) -> str:
    """How the study goes.

    Args:
      settings: of the study.
      people: how many there are of each status.
      rooms: the rooms that are open, each with what is going on there.
      relay_ms: the median and the 99th percentile of the time from when a step was due until it was sent.
      incidents: the latest ones.
    """
    counts = "".join(
        f"<tr><td>{people.get(status, 0)}</td><td>{html.escape(about)}</td></tr>"
        for status, about in ABOUT_STATES.items()
    )
    open_rooms = "".join(f"<tr><td>{number}</td><td>{html.escape(about)}</td></tr>" for number, about in rooms)
    happened = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row.values()) + "</tr>" for row in incidents
    )
    links = " ".join(f'<a href="admin/{name}.csv" download>{name}.csv</a>' for name in DOWNLOADS)
    return _page(
        settings.title,
        f'<main class="sheet wide">\n<h1>{html.escape(settings.title)}</h1>\n'
        f"<h2>People</h2><table>{counts}</table>\n"
        f"<h2>Rooms</h2><table>{open_rooms}</table>\n"
        f"<p>A step is sent {relay_ms[0]:.1f} ms after it is due (median), {relay_ms[1]:.1f} ms at the 99th "
        f"percentile.</p>\n<h2>Incidents</h2><table>{happened}</table>\n"
        f"<h2>Download</h2><p>{links}</p>\n<p>Trajectories: <code>cogrid serve STUDY.toml --export FOLDER</code> "
        "on the server, at any time.</p>\n</main>",
    )
