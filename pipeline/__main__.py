"""The `certledger` command; `python -m pipeline` is the same."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
