import os

import requests
import yaml


def application(environ, start):
    path = environ["PATH_INFO"]
    if path == "/yaml":
        body = yaml.safe_dump({"a": [1, None], "b": "x"})
    elif path == "/https":
        body = requests.get("https://localhost:18443/hello", timeout=5, verify="/etc/ssl/certs/ca-certificates.crt").text
    elif path == "/":
        body = f"{os.getuid()} ok\n"
    else:
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"none\n"]
    start("200 OK", [("Content-Type", "text/plain")])
    return [body.encode()]
