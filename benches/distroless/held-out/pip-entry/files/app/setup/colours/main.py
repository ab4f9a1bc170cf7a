import importlib.metadata
import importlib.resources
import sys


def main():
    print(importlib.metadata.version("colours"), sys.argv[1:])
    for point in importlib.metadata.entry_points(group="colours.plugins"):
        print(point.name, point.load()())
    print(importlib.resources.files("colours").joinpath("words.txt").read_text())
    import cgi
    import curses.ascii
    import wsgiref.headers
    print(cgi.__name__, curses.ascii.isalpha("a"), wsgiref.headers.Headers([]).keys())
