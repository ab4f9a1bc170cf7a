import json
import platform


def application(environ, start):
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([environ["PATH_INFO"], platform.python_implementation()]).encode()]
