"""What the commands do, a module each; they print results, and raise what the operator did wrong."""
