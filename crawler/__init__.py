"""policytrail: crawls policy pages, keeps every version, tells what changed, exports a clean corpus.

cli, schedule, run      what a person starts, and one run of one source
gate, robots, revisit   what may be asked, and how
pipeline, workers       answers into the archive, bytes into blocks
derive                  judge, compose, versions, events
diff, corpus, demo      what comes out
"""

__version__ = "0.1.0"


def user_agent(contact: str | None) -> str:
    """Return who we say we are; ``contact`` is where a site's keeper finds the person who crawls."""
    return f"policytrail/{__version__} (+{contact})" if contact else f"policytrail/{__version__}"
