"""Writing: the only place, beside `sources`, that opens files."""
