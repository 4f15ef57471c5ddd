"""The small web site that the demonstration crawls and the tests use."""
