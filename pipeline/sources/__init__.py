"""Reading: the only place, beside `publish`, that opens files."""
