"""What `make bench` measures: speed and memory of the readers, on made-up exports of the size that an office has in a decade."""
