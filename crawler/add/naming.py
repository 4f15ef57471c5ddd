"""What a source is called, who publishes it, in which language and time zone; guessed, and pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from crawler.add.addresses import site_of
from crawler.add.titles import han_share
from spiders.hints import title_in

UNKNOWN_COUNTRY = "xx"

_LONGEST_PART = 24
_LONGEST_PUBLISHER = 80
# Sold to anybody: they tell no country.
_NO_COUNTRY = frozenset({"ai", "cc", "co", "fm", "io", "me", "sh", "so", "tv", "ws"})
_COUNTRIES = {"uk": "gb", "gov": "us", "mil": "us"}
_ZONES = {
    "at": "Europe/Vienna",
    "au": "Australia/Sydney",
    "be": "Europe/Brussels",
    "br": "America/Sao_Paulo",
    "ca": "America/Toronto",
    "ch": "Europe/Zurich",
    "cn": "Asia/Shanghai",
    "de": "Europe/Berlin",
    "es": "Europe/Madrid",
    "eu": "Europe/Brussels",
    "fr": "Europe/Paris",
    "gb": "Europe/London",
    "hk": "Asia/Hong_Kong",
    "ie": "Europe/Dublin",
    "in": "Asia/Kolkata",
    "it": "Europe/Rome",
    "jp": "Asia/Tokyo",
    "kr": "Asia/Seoul",
    "mo": "Asia/Macau",
    "my": "Asia/Kuala_Lumpur",
    "nl": "Europe/Amsterdam",
    "nz": "Pacific/Auckland",
    "se": "Europe/Stockholm",
    "sg": "Asia/Singapore",
    "tw": "Asia/Taipei",
    "us": "America/New_York",
    "za": "Africa/Johannesburg",
}
_LANGUAGE_ZONES = {"zh": "Asia/Shanghai", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}
_NO_SECTION = re.compile(r"(?:index|default|list|home|col|node|channel|www|html?|rss|feed|sitemap)?[\d_]*")
_SEPARATORS = re.compile(r"\s*[_|–—»>·]\s*|\s+-\s*|(?<=[\u3400-\u9fff])-")


def country_of(host: str) -> str:
    """Return the country of a host by its last label, in ISO 3166 letters; "xx" where it tells none.  Pure."""
    label = host.rpartition(":")[0] or host
    label = label.rpartition(".")[2].lower()
    if label in _COUNTRIES:
        return _COUNTRIES[label]
    return label if re.fullmatch(r"[a-z]{2}", label) and label not in _NO_COUNTRY else UNKNOWN_COUNTRY


def is_loopback(host: str) -> bool:
    """Tell whether a host, as "name" or "name:port", is this machine.  Pure."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _body(host: str) -> str:
    if is_loopback(host):
        return "local"
    name = urlsplit(f"//{host}").hostname or ""
    site = site_of(name)
    labels = [label for label in site.split(".") if label != "www"]
    return re.sub(r"[^a-z0-9]", "", labels[0]) or "site" if not labels[-1].isdigit() else "_".join(labels)


def _section(url: str) -> str:
    parts = urlsplit(url)
    *folders, last = parts.path.lower().split("/")
    for piece in (last.partition(".")[0], *reversed(folders)):
        piece = re.sub(r"[^a-z0-9]+", "_", piece).strip("_")
        if not _NO_SECTION.fullmatch(piece) and len(piece) <= _LONGEST_PART:
            return piece
    return ""


def name_of(url: str, taken: Collection[str]) -> str:
    """Return a name for a source that begins at an address: country, body, section; none that is taken.  Pure."""
    host = urlsplit(url).netloc
    name = "_".join(filter(None, (country_of(host), _body(host), _section(url))))
    return next(each for each in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if each not in taken)


def language_of(declared: str, titles: list[str]) -> str:
    """Return the language of documents: as their page declares it, unless their titles show otherwise.  Pure."""
    tag = declared.lower().partition("-")[0].partition("_")[0]
    tag = tag if re.fullmatch(r"[a-z]{2,3}", tag) else ""
    han = han_share(titles)
    # Templates declare the language they were bought in.
    if titles and han > 0.3 and tag not in ("ja", "ko"):
        return "zh"
    if titles and han < 0.05 and tag in ("zh", ""):
        return "en"
    return tag or "zh"


def timezone_of(country: str, language: str) -> str:
    """Return the zone of a country's capital or largest city, else one by language, else UTC.  Pure."""
    return _ZONES.get(country) or _LANGUAGE_ZONES.get(language, "UTC")


def publisher_of(site: str, title: str, host: str) -> str:
    """Return who publishes a page: what it says the site is called, else the end of its title, else its host.

    Pure.  "Policies - Ministry of Example" is the common order, narrow to wide.
    """
    ends = [text for text in _SEPARATORS.split(title) if text]
    found = site or (ends[-1] if ends else "") or host
    found = "".join(letter for letter in title_in(found) or host if letter.isprintable())
    return found[:_LONGEST_PUBLISHER].strip() or host
