"""Versions -> records: what one record holds, the lines, the manifest beside them."""
