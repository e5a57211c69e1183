"""How much a file may hold before it is refused: every limit of the readers, with what it rests on.

They are set where a real export ends with room to spare and a hostile file has not yet cost much: [D] DESIGN §4, [F] the measurements of
facts/bad-inputs §2.2 and §2.3. What is beyond them is told as `file-too-large`, `cell-too-long` or `reader-stopped`.
"""

from __future__ import annotations

MIB = 2**20

# Bytes of a file on disk.
SHEET_LIMIT = 64 * MIB  # [F] a workbook, JSON, or a list of the office
TEXT_LIMIT = 320 * MIB  # a table of delimited text: a log of a million rows and 20 columns has 200 MiB
CERTIFICATE_LIMIT = 1024 * MIB  # [D] a file of data/inbox/pem, and what is only searched for private keys
CONTAINER_LIMIT = 320 * MIB  # a container that is only searched for private keys, or lies in data/inbox/pem
WHOLE_LIMIT = 64 * MIB  # what is in data/inbox/pem and must be seen whole: one block of PEM, a DER or PKCS#7 file, UTF-16
PIECE = 2 * MIB  # what is read of a large file at once

# Rows and cells.
LONGEST_CELL = 131_072  # [D] characters of one cell, of a list of names or a CSR too
MOST_ROWS = 200_000  # [F] of a worksheet or of a list in JSON
MOST_TEXT_ROWS = 2_000_000  # of delimited text, empty lines aside: twice the largest log
MOST_DELIMITERS = 200_000  # of one line of text: a list of names in a cell may hold one in every character
LAST_ROW_OF_EXCEL = 1_048_576
MOST_COLUMNS = 200  # [F] of a worksheet: a lying reference such as XFD1 makes rows of 16,384 cells
MOST_LABELS = 1_000  # columns of delimited text, fields of JSON
LONGEST_LABEL = 1_000  # characters of a key in JSON, which may name fields inside fields

# Values of a JSON file: each takes some 60 bytes in memory, each list and object some 100.
MOST_VALUES = 10_000_000
MOST_LISTS = 4_000_000
MOST_CELLS = 20_000_000  # records times fields
DEEPEST = 12  # fields inside fields

# Zip containers, the wrapping of workbooks: counted while they are unpacked, whatever they say of themselves.
MOST_PARTS = 2_000  # [F]
UNPACKED = 64 * MIB  # [F] a container that unpacks to more must not be packed tighter than
USUAL_PACKING = 40  # times; worksheets reach 10 to 25, bombs 1,000
UNPACKED_AT_MOST = 256 * MIB  # a worksheet of 100,000 rows and 20 columns has 75 MiB

# The process that reads a workbook. A legal one of 100,000 rows and 20 columns takes 0.3 GiB and 15 seconds.
READER_MEMORY = 1024 * MIB  # [F] of address space, the interpreter included
READER_CPU_SECONDS = 120
READER_SECONDS = 600  # by the clock: other work may hold the machine
MOST_TEXT = 256 * MIB  # characters of all cells: a shared string is stored once and can be shown a million times
