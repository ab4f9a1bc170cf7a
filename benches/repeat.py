#!/usr/bin/env python3
"""Makes a large image out of a smaller one: repeat.py LAYOUT LAYERS COPIES OUT

OUT is an OCI layout, tag `latest`, with the first LAYERS layers of LAYOUT (0: all) COPIES times over. The first copy is
byte for byte the source's; the others have `N~` before the name of all that is no directory, so that nothing hides
anything and rules that go by directory or suffix find as much in each copy. They are compressed with igzip where it is
installed, else with gzip -1.
"""
import hashlib, json, os, posixpath, shutil, subprocess, sys, tarfile

layout, count, copies, out = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
blobs = os.path.join(out, 'blobs/sha256')
os.makedirs(blobs)


def path(root, digest):
    return os.path.join(root, 'blobs', digest.replace(':', '/'))


def read(descriptor):
    with open(path(layout, descriptor['digest']), 'rb') as file:
        return json.load(file)


def put(document, media_type):
    raw = json.dumps(document).encode()
    digest = hashlib.sha256(raw).hexdigest()
    with open(os.path.join(blobs, digest), 'wb') as file:
        file.write(raw)
    return {'mediaType': media_type, 'digest': 'sha256:' + digest, 'size': len(raw)}


def renamed(name, copy):
    directory, base = posixpath.split(name)
    if base == '.wh..wh..opq':
        return name
    base = f'.wh.{copy}~{base[4:]}' if base.startswith('.wh.') else f'{copy}~{base}'
    return posixpath.join(directory, base)


class Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, file):
        self.file, self.sha256 = file, hashlib.sha256()

    def write(self, data):
        self.sha256.update(data)
        return self.file.write(data)


def copied(layer, copy):
    """Writes a copy of a layer; returns its descriptor and diff ID."""
    packer = ['igzip', '-1', '-c'] if shutil.which('igzip') else ['gzip', '-1', '-n', '-c']
    packed = os.path.join(out, 'layer')
    with open(packed, 'wb') as file:
        process = subprocess.Popen(packer, stdin=subprocess.PIPE, stdout=file)
        inflated = Hashing(process.stdin)
        with tarfile.open(path(layout, layer['digest']), 'r|gz') as source, \
                tarfile.open(fileobj=inflated, mode='w|', format=tarfile.PAX_FORMAT) as target:
            for entry in source:
                if not entry.isdir():
                    entry.name = renamed(entry.name, copy)
                    entry.pax_headers.pop('path', None)
                if entry.islnk():
                    entry.linkname = renamed(entry.linkname, copy)
                    entry.pax_headers.pop('linkpath', None)
                target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
        process.stdin.close()
        if process.wait():
            sys.exit(f'{packer[0]} failed')
    with open(packed, 'rb') as file:
        digest = hashlib.file_digest(file, 'sha256').hexdigest()
    descriptor = dict(layer, digest='sha256:' + digest, size=os.path.getsize(packed))
    os.rename(packed, os.path.join(blobs, digest))
    return descriptor, 'sha256:' + inflated.sha256.hexdigest()


with open(os.path.join(layout, 'index.json')) as file:
    manifest = read(json.load(file)['manifests'][0])
config = read(manifest['config'])
source = list(zip(manifest['layers'], config['rootfs']['diff_ids']))[:count or None]
layers = []
for layer, diff_id in source:
    shutil.copyfile(path(layout, layer['digest']), path(out, layer['digest']))
    layers.append((layer, diff_id))
for copy in range(1, copies):
    layers += [copied(layer, copy) for layer, _ in source]
config['rootfs']['diff_ids'] = [diff_id for _, diff_id in layers]
config['history'] = [{'created_by': 'a copied layer'} for _ in layers]
manifest['layers'] = [layer for layer, _ in layers]
manifest['config'] = put(config, manifest['config']['mediaType'])
listed = put(manifest, 'application/vnd.oci.image.manifest.v1+json')
listed['annotations'] = {'org.opencontainers.image.ref.name': 'latest'}
with open(os.path.join(out, 'index.json'), 'w') as file:
    json.dump({'schemaVersion': 2, 'manifests': [listed]}, file)
with open(os.path.join(out, 'oci-layout'), 'w') as file:
    file.write('{"imageLayoutVersion":"1.0.0"}')
