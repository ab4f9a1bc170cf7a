#!/usr/bin/env python3
"""Tells everything that a layer can carry of a file system, and compares two less what a report lists.

    manifest.py ROOT                          one JSON line a path
    manifest.py --compare BEFORE AFTER REPORT what differs but should not; exit 1 if anything does

BEFORE and AFTER are manifests, REPORT is the JSON report of the run that made AFTER from BEFORE.
"""

import collections
import hashlib
import json
import os
import re
import stat
import sys

KINDS = {
    stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFCHR: "char",
    stat.S_IFBLK: "block", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket",
}


def content(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def attributes(path):
    found = {}
    for name in os.listxattr(path, follow_symlinks=False):
        found[name] = os.getxattr(path, name, follow_symlinks=False).hex()
    return found


def row(path, name):
    status = os.lstat(path)
    kind = KINDS[stat.S_IFMT(status.st_mode)]
    row = {"path": name.hex(), "kind": kind, "owner": [status.st_uid, status.st_gid], "mtime": status.st_mtime_ns}
    if kind != "link":
        row["mode"] = oct(stat.S_IMODE(status.st_mode))
    if kind == "file":
        row |= {"size": status.st_size, "sha256": content(path)}
    if kind == "link":
        row["target"] = os.readlink(path).hex()
    if kind in ("char", "block"):
        row["device"] = status.st_rdev
    if xattrs := attributes(path):
        row["xattrs"] = xattrs
    if kind != "dir" and status.st_nlink > 1:
        row["inode"] = status.st_ino
    return row


def walk(root):
    left = [(os.fsencode(root), b"")]
    while left:
        path, name = left.pop()
        yield row(path, name)
        if stat.S_ISDIR(os.lstat(path).st_mode):
            left += [(path + b"/" + child, name + b"/" + child if name else child) for child in os.listdir(path)]


def load(file):
    with open(file) as lines:
        rows = [json.loads(line) for line in lines]
    return {bytes.fromhex(row.pop("path")): row for row in rows}


def group(rows):
    """Puts the names of each hard-link group in place of its inode."""
    names = collections.defaultdict(list)
    for path, row in rows.items():
        if "inode" in row:
            names[row["inode"]].append(path.hex())
    for row in rows.values():
        group = names.get(row.pop("inode", None), [])
        if len(group) > 1:
            row["names"] = sorted(group)


def path_of(text):
    """The bytes of a path as the report shows it: \\xNN is one byte."""
    escaped = re.compile(rb"\\x([0-9a-f]{2})")
    return escaped.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())


def compare(before, after, report):
    before, after = load(before), load(after)
    with open(report) as file:
        image = json.load(file)["images"][0]
    faults = []
    for entry in image["removed"]:
        if before.pop(path_of(entry["path"]), None) is None:
            faults.append(("listed as removed, but was not there", entry["path"], ""))
    group(before), group(after)
    edited = {path_of(entry["path"]) for entry in image["edited"]}
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            faults.append(("missing" if new is None else "extra", path, ""))
            continue
        for key in sorted(old.keys() | new.keys()):
            if path in edited and key in ("size", "sha256", "target"):
                continue
            if old.get(key) != new.get(key):
                faults.append((key, path, f"{old.get(key)} -> {new.get(key)}"))
    return len(before), faults


def main(arguments):
    if arguments[0] != "--compare":
        for row in walk(arguments[0]):
            print(json.dumps(row))
        return 0
    count, faults = compare(*arguments[1:])
    kinds = collections.Counter(kind for kind, _, _ in faults)
    print(f"{count} paths: " + (", ".join(f"{kind} {number}" for kind, number in kinds.items()) or "equal"))
    for kind, path, what in faults[:20]:
        print(f"  {kind}: {path} {what}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
