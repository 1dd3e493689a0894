"""Reads and inserts what our XML export wrote, with the official client and tools."""
import os
import subprocess
import sys

import linkahead as db
from lxml import etree

from check import equal


def read(name):
    with open(name, encoding="utf-8") as xml:
        return db.Container.from_xml(xml.read())


def written(entity):
    """The entity as the client writes it, without what is made anew for each request."""
    xml = entity.to_xml()
    for element in xml.iter():
        element.attrib.pop("cuid", None)
        if element.text is not None and not element.text.strip():
            element.text = None
        element.tail = None
    return etree.tostring(xml).decode()


def same_as_on_the_server(settings):
    """What is read from the export equals what the client itself retrieves."""
    export = read(settings["document"])
    for entity in export:
        role = "QUERYTEMPLATE" if isinstance(entity, db.QueryTemplate) else "ENTITY"
        server = db.execute_query(f"FIND {role} WITH id={entity.id}")
        equal(len(server), 1)
        equal(written(entity), written(server[0]))
    return len(export)


def insert_into_another(settings):
    """An export with temporary ids is one request for a server that has nothing."""
    export = read(settings["document"])
    settings["connect"](url=settings["other"])
    export.insert(unique=False)
    assert all(entity.id > 0 for entity in export)
    return len(export)


def import_bundle(settings):
    """The official importer reads our bundle."""
    program = (
        "import linkahead as db\n"
        "from caosadvancedtools.import_from_xml import import_xml\n"
        f"db.configure_connection(url={settings['other']!r}, username='admin', password='caosdb',"
        " password_method='plain')\n"
        "import_xml('linkahead_data.xml', interactive=False)\n")
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60,
                   cwd=os.path.dirname(settings["document"]), stdout=subprocess.DEVNULL)
    settings["connect"](url=settings["other"])
    return db.execute_query("COUNT RECORD")
