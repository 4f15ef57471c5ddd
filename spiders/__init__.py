"""What we know of sites: sources, and how they name their documents."""
