#!/usr/bin/env python3
"""pull.py BEFORE AFTER: bytes of AFTER's layers, and of those that a node which has BEFORE pulls. OCI layouts of one image."""
import json, os, sys

def layers(layout):
    index = json.load(open(os.path.join(layout, 'index.json')))
    read = lambda digest: json.load(open(os.path.join(layout, 'blobs', *digest.split(':'))))
    document = read(index['manifests'][0]['digest'])
    while 'manifests' in document: document = read(document['manifests'][0]['digest'])
    return {layer['digest']: layer['size'] for layer in document['layers']}

before, after = layers(sys.argv[1]), layers(sys.argv[2])
new = sum(size for digest, size in after.items() if digest not in before)
print(f'{sum(after.values())} {new} {len(after)}')
