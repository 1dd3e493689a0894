"""Reads a document by the official client and writes it; prints the seconds of each round as JSON."""
import json
import sys
import time

import linkahead as db
from lxml import etree

rounds = {"read": [], "write": []}
with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
for _round in range(int(sys.argv[2])):
    start = time.perf_counter()
    container = db.Container.from_xml(text)
    rounds["read"].append(time.perf_counter() - start)
    start = time.perf_counter()
    etree.tostring(container.to_xml(), encoding="utf-8", pretty_print=True)
    rounds["write"].append(time.perf_counter() - start)
print(json.dumps(rounds))
