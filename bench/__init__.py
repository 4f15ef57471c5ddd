"""Runs this project, and its peers, on benchmark sites."""
