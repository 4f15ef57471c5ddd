"""Pages over an archive, for people: what happened, a document and its history, a search, how the sources are.

Reads, and never writes.  A view is a function of what was asked and of the archive; ``app`` turns what it returns
into HTML or JSON, ``guard`` stands before all of it.
"""
