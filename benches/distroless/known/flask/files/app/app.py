import datetime
import json
import zoneinfo

from flask import Flask, jsonify, render_template

app = Flask(__name__)


@app.get("/")
def index():
    return render_template("index.html", words=["one", "two"])


@app.get("/hello/<name>")
def hello(name):
    return f"Hello, {name}\n"


@app.get("/json")
def answer():
    return jsonify(a=1, b=[1, 2, 3], c=json.loads('{"x": null}'))


@app.get("/tz")
def zone():
    then = datetime.datetime.fromtimestamp(1700000000, zoneinfo.ZoneInfo("Asia/Tokyo"))
    return then.isoformat() + "\n"


app.run("127.0.0.1", 18081)
