"""All lists that ``add`` is tried on, by name."""

from __future__ import annotations

from tests.agencyforms import AGENCIES
from tests.dataforms import DATA
from tests.listforms import FORMS
from tests.otherforms import OTHERS
from tests.portalforms import PORTALS
from tests.scriptforms import SCRIPTED
from tests.siteforms import SITES

ALL = {**FORMS, **SCRIPTED, **SITES, **DATA, **OTHERS, **PORTALS, **AGENCIES}
