#!/usr/bin/env python3
"""Makes the next release of an image as a builder would: one thing changes, and that layer and all above it are built anew.

release.py FROM TO same             both through the same writer, so that only what is meant to differ does
release.py FROM TO file PATH        another content of one file
release.py FROM TO tree PREFIX      other contents of all files below
release.py FROM TO package NAME     a package of dpkg: its files, its row, its lists

FROM and TO are OCI layouts with one image each (TO: beside FROM's blobs, which it takes over). What a build step wrote itself,
told by times later than the step before it, gets a later time when the step runs again; what a package or the context brings
keeps its own.
"""
import datetime, gzip, hashlib, io, json, os, subprocess, sys, tarfile, tempfile

DAY = 86400
source, target, kind, *names = sys.argv[1:]
name = names[0] if names else ''

def blob(layout, digest): return os.path.join(layout, 'blobs', *digest.split(':'))
def load(layout, digest): return json.load(open(blob(layout, digest)))
def put(data):
    digest = 'sha256:' + hashlib.sha256(data).hexdigest()
    with open(blob(target, digest), 'wb') as out: out.write(data)
    return digest, len(data)
def seconds(text):
    text = text.rstrip('Z')[:26]
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()

index = json.load(open(os.path.join(source, 'index.json')))
manifest = load(source, index['manifests'][0]['digest'])
config = load(source, manifest['config']['digest'])
os.makedirs(os.path.join(target, 'blobs/sha256'), exist_ok=True)
json.dump({'imageLayoutVersion': '1.0.0'}, open(os.path.join(target, 'oci-layout'), 'w'))

# When each step with a layer began: the step before it was done.
begun, before = [], 0
for row in config.get('history', []):
    now = seconds(row['created']) if 'created' in row else before
    if not row.get('empty_layer'): begun.append(before)
    before = now

def opened(layer):
    raw = open(blob(source, layer['digest']), 'rb')
    return gzip.open(raw) if raw.read(2) == b'\x1f\x8b' and not raw.seek(0) else (raw.seek(0), raw)[1]

owned = set()
def is_changed(path):
    if kind == 'file': return path == name
    if kind == 'tree': return path.startswith(name)
    return path in owned

def touched(layer):
    """The paths of a layer that the change is about."""
    found = False
    with tarfile.open(fileobj=opened(layer), mode='r|') as tar:
        for entry in tar:
            path = entry.name.removeprefix('./')
            if kind == 'package' and path in (f'var/lib/dpkg/info/{name}.list', f'var/lib/dpkg/info/{name}:amd64.list'):
                owned.update(line.strip('/') for line in tar.extractfile(entry).read().decode().splitlines())
                found = True
            elif kind in ('file', 'tree') and entry.isreg() and is_changed(path): found = True
    return found

def rewrite(layer, start, rebuilt):
    out = tempfile.NamedTemporaryFile(dir=target)
    with tarfile.open(fileobj=opened(layer), mode='r|') as old, \
         tarfile.open(fileobj=out, mode='w', format=tarfile.PAX_FORMAT) as new:
        for entry in old:
            data = old.extractfile(entry).read() if entry.isreg() else None
            path = entry.name.removeprefix('./')
            if rebuilt and start and entry.mtime > start:
                entry.mtime += DAY
                entry.pax_headers.pop('mtime', None)
            if rebuilt and data and is_changed(path):
                data = data[::-1]
                entry.mtime += DAY
                entry.pax_headers.pop('mtime', None)
            if rebuilt and kind == 'package' and path == 'var/lib/dpkg/status':
                head, own, rest = data.partition(f'Package: {name}\n'.encode())
                data = head + own + rest.replace(b'\nVersion: ', b'\nVersion: 9', 1)
                entry.size = len(data)
            new.addfile(entry, io.BytesIO(data) if data is not None else None)
    out.flush(); out.seek(0)
    diff_id = 'sha256:' + hashlib.file_digest(out, 'sha256').hexdigest(); out.seek(0)
    packed = subprocess.run(['pigz', '-n', '-6', '-c'], stdin=out, stdout=subprocess.PIPE, check=True).stdout
    digest, size = put(packed)
    return {**layer, 'digest': digest, 'size': size}, diff_id

rebuilt = kind == 'same'
changed = False
for place, layer in enumerate(manifest['layers']):
    start = begun[place] if place < len(begun) else 0
    changed = changed or (kind != 'same' and touched(layer))
    if kind == 'same' or changed:
        new, diff_id = rewrite(layer, start, kind != 'same')
        manifest['layers'][place], config['rootfs']['diff_ids'][place] = new, diff_id
    elif not os.path.exists(blob(target, layer['digest'])):
        os.link(blob(source, layer['digest']), blob(target, layer['digest']))
assert changed or kind == 'same', f'nothing is at {name}'
digest, size = put(json.dumps(config).encode())
manifest['config'].update(digest=digest, size=size)
digest, size = put(json.dumps(manifest).encode())
row = {**index['manifests'][0], 'digest': digest, 'size': size}
json.dump({**index, 'manifests': [row]}, open(os.path.join(target, 'index.json'), 'w'))
