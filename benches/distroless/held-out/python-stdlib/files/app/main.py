import asyncio
import concurrent.futures
import csv
import ctypes
import ctypes.util
import decimal
import email.message
import gzip
import hashlib
import io
import locale
import lzma
import multiprocessing
import os
import platform
import pwd
import sqlite3
import ssl
import subprocess
import tempfile
import unicodedata
import urllib.request
import xml.etree.ElementTree as tree
import zoneinfo
from datetime import datetime
from pathlib import Path


def double(number):
    return number * 2


if __name__ == "__main__":
    base = sqlite3.connect(":memory:")
    print(base.execute("select upper('a') || 1").fetchone())
    print(urllib.request.urlopen("https://localhost:18443/hello").read())
    print(subprocess.run(["ls", "/app"], capture_output=True, text=True).stdout.split())
    print(subprocess.check_output("echo $((6 * 7)) | cat", shell=True))
    print(os.popen("uname -s").read().strip())
    print(datetime.fromtimestamp(1700000000, zoneinfo.ZoneInfo("America/New_York")))
    print("äé".encode("cp1252"), "あ".encode("shift_jis"), b"\xe4".decode("latin-1"))
    print(ctypes.CDLL(ctypes.util.find_library("c")).abs(-3), ctypes.util.find_library("m"))
    print(hashlib.blake2b(b"a").hexdigest()[:8], len(gzip.compress(b"a" * 99)), len(lzma.compress(b"a")))
    print(multiprocessing.Pool(2).map(double, [1, 2]))
    print(list(concurrent.futures.ThreadPoolExecutor().map(double, [3])))
    print(asyncio.run(asyncio.sleep(0, "slept")), decimal.Decimal("0.1") * 3)
    print(unicodedata.name("é"), pwd.getpwnam("www-data").pw_dir, locale.getlocale())
    print(list(csv.reader(io.StringIO('1,"a,b"'))), tree.fromstring("<a><b/></a>")[0].tag)
    print(platform.libc_ver()[0], ssl.create_default_context().cert_store_stats()["x509_ca"] > 100)
    print(Path(tempfile.mkdtemp()).exists(), email.message.EmailMessage().as_string() == "\n")
