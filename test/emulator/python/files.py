import os
import subprocess
import sys

import linkahead as db

from check import equal, raises, refused


def local(settings, name, content):
    path = os.path.join(settings["folder"], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(content)
    return path


CONTENT = bytes(range(256)) * 40 + b"\r\n--boundary\r\n\r\n"


def upload_and_download(settings):
    path = local(settings, "raw ü.bin", CONTENT)
    thumbnail = local(settings, "thumb.png", b"png bytes")
    file = db.File(name="raw", path="lab/ü raw.bin", file=path, thumbnail=thumbnail)
    file.insert()
    equal([file.path, file.size], ["/lab/ü raw.bin", len(CONTENT)])
    again = db.File(id=file.id).retrieve()
    equal(again.checksum, db.File._get_checksum(path))
    target = os.path.join(settings["folder"], "back.bin")
    again.download(target)
    with open(target, "rb") as back:
        equal(back.read(), CONTENT)
    equal(db.execute_query("FIND FILE . STORED AT '/lab/ü raw.bin'")[0].id, file.id)
    equal(db.get_entity_by_path("/lab/ü raw.bin").id, file.id)
    equal(db.File(path="/lab/ü raw.bin").retrieve().id, file.id)
    equal(len(db.execute_query("FIND FILE WHICH IS STORED AT '/lab/*.bin'")), 1)
    equal(len(db.execute_query("FIND FILE WHICH IS STORED AT '/**'")), 1)


def many_files_in_one_request(settings):
    files = db.Container()
    for index in range(5):
        path = local(settings, f"f{index}", b"x" * index)
        files.append(db.File(name=f"f{index}", path=f"/many/f{index}", file=path))
    kind = db.RecordType(name="Kind")
    report = db.Property(name="report", datatype=db.FILE)
    record = db.Record(name="with file").add_parent(kind).add_property(report, files[3])
    db.Container().extend([*files, kind, report, record]).insert()
    equal(db.Record(id=record.id).retrieve().properties[0].value, files[3].id)
    refused(db.exceptions.EntityError, files[3].delete, 192)


def short_content_length(settings):
    """With umlauts in the XML the client announces a body that is too short by one byte for each."""
    for umlauts in (1, 2, 3, 20, 38):
        path = local(settings, f"u{umlauts}", CONTENT)
        file = db.File(name="ü" * umlauts, path=f"/short/{umlauts}", file=path)
        file.insert()
        equal(db.File(id=file.id).retrieve().checksum, db.File._get_checksum(path))
    path = local(settings, "cut", CONTENT)
    refused(db.exceptions.EntityError,
            lambda: db.File(name="ü" * 60, path="/short/cut", file=path).insert(), 0)
    equal(db.execute_query("COUNT FILE"), 5)


def change_of_a_file(settings):
    path = local(settings, "one", b"first")
    file = db.File(name="f", path="/a/one", file=path).insert()
    again = db.File(id=file.id).retrieve()
    again.description = "kept content"
    again.update()
    target = os.path.join(settings["folder"], "target")
    with open(db.File(id=file.id).retrieve().download(target), "rb") as back:
        equal(back.read(), b"first")
    again = db.File(id=file.id).retrieve()
    again.file = local(settings, "two", b"second")
    again.update()
    with open(db.File(id=file.id).retrieve().download(target), "rb") as back:
        equal(back.read(), b"second")
    again = db.File(id=file.id).retrieve()
    again.path = "/b/c/moved"
    again.update()
    with open(db.File(id=file.id).retrieve().download(target), "rb") as back:
        equal(back.read(), b"second")
    raises(db.exceptions.HTTPResourceNotFoundError,
           lambda: db.File.download_from_path(target, "/a/one"))
    db.File(id=file.id).delete()
    raises(db.exceptions.HTTPResourceNotFoundError,
           lambda: db.File.download_from_path(target, "/b/c/moved"))


def refused_files(settings):
    path = local(settings, "one", b"first")
    db.File(name="f", path="/a/one", file=path).insert()
    for bad in ("/a/one", "a//one", "/a/one/below", "/a", "../outside", "/a/../../x", "/"):
        refused(db.exceptions.EntityError,
                lambda one=bad: db.File(path=one, file=path).insert(), 0)
    refused(db.exceptions.EntityError, lambda: db.File(path="/no/content").insert(), 0)
    wrong = db.File(path="/wrong", file=path)
    wrong._checksum = "0" * 128
    original = db.File._get_checksum
    db.File._get_checksum = staticmethod(lambda _files: "0" * 128)
    try:
        refused(db.exceptions.EntityError, wrong.insert, 0)
    finally:
        db.File._get_checksum = original
    equal(db.execute_query("COUNT FILE"), 1)


def folder(settings):
    root = os.path.join(settings["folder"], "tree")
    local(settings, "tree/a.csv", b"1;2")
    local(settings, "tree/sub/b", b"b")
    local(settings, "tree/sub/deep/c", b"")
    os.makedirs(os.path.join(root, "sub", "empty"))
    file = db.File(name="tree", path="/trees/one", file=root)
    file.insert()
    equal(file.size, 4)
    equal(file.checksum, db.File._get_checksum(root))
    target = os.path.join(settings["folder"], "b")
    with open(target, "wb") as out:
        db.File.download_from_path(out, "/trees/one/sub/b")
    with open(target, "rb") as back:
        equal(back.read(), b"b")
    assert os.path.isdir(os.path.join(settings["root"], "trees/one/sub/empty"))


def damaged_download(settings):
    from check import fault
    path = local(settings, "one", b"first")
    file = db.File(name="f", path="/a/one", file=path).insert()
    file = db.File(id=file.id).retrieve()
    target = os.path.join(settings["folder"], "target")
    fault(settings, "wrong-checksum", path="FileSystem")
    raises(db.exceptions.ConsistencyError, lambda: file.download(target))
    fault(settings, "wrong-checksum", path="Entity")
    raises(db.exceptions.ConsistencyError,
           lambda: db.File(id=file.id).retrieve().download(target))
    file.download(target)


def files_of_the_server(settings):
    """The official loader makes links to files that lie on the server already."""
    from caosadvancedtools.loadFiles import loadpath
    outside = os.path.join(settings["folder"], "ext root")
    local(settings, "ext root/x.dat", b"12345")
    local(settings, "ext root/sub/y.dat", b"678")
    local(settings, "ext root/sub/z.txt", b"9")
    os.symlink(os.path.join(outside, "x.dat"), os.path.join(outside, "link.dat"))
    load = {"include": None, "exclude": None, "prefix": "ext", "forceAllowSymlinks": False}
    loadpath(path=outside, dryrun=True, **load)
    equal(db.execute_query("COUNT FILE"), 0)
    loadpath(path=outside, dryrun=False, **{**load, "include": ".*dat", "exclude": ".*/y[.]dat"})
    equal([one.path for one in db.execute_query("FIND FILE")], ["/ext/ext root/x.dat"])
    loadpath(path=outside, dryrun=False, **load)
    equal(db.execute_query("COUNT FILE"), 3)
    link = os.path.join(settings["root"], "ext/ext root/sub/y.dat")
    equal(os.readlink(link), os.path.join(outside, "sub/y.dat"))
    target = os.path.join(settings["folder"], "target")
    with open(db.get_entity_by_path("/ext/ext root/sub/y.dat").download(target), "rb") as back:
        equal(back.read(), b"678")
    loadpath(path=outside, dryrun=False, **{**load, "forceAllowSymlinks": True})
    equal(db.execute_query("COUNT FILE"), 4)
    raises(db.exceptions.TransactionError,
           lambda: loadpath(path="/etc", dryrun=False, **load))


def upload_when_the_session_has_ended(settings):
    """The client sends the repeated upload without its body, and nothing is inserted."""
    from check import fault
    path = local(settings, "one", CONTENT)
    fault(settings, "status", _status=401, method="POST", path="^/Entity")
    file = db.File(name="f", path="/a/one", file=path)
    raises(db.exceptions.LinkAheadConnectionError, file.insert)
    equal(db.execute_query("COUNT FILE"), 0)
    db.File(name="f", path="/a/one", file=path).insert()
    equal(db.execute_query("COUNT FILE"), 1)


def consistency_check(settings):
    from linkahead.utils.checkFileSystemConsistency import runCheck
    db.get_config().add_section("Connection")
    path = local(settings, "one", b"first")
    db.File(name="f", path="/a/one", file=path).insert()
    equal([message.type for message in runCheck(10, None).messages], ["Info"])
    with open(os.path.join(settings["root"], "a/one"), "ab") as damaged:
        damaged.write(b"!")
    equal(runCheck(10, None).messages[0].type, "Warning")


def export_and_import(settings):
    """The official tools take entities out of the server and into another one."""
    path = local(settings, "data.csv", b"1;2;3")
    kind = db.RecordType(name="Kind")
    data = db.Property(name="data", datatype=db.FILE)
    other = db.Property(name="friends", datatype=db.LIST("Kind"))
    kind.add_property(data)
    file = db.File(name="file", path="/data/data.csv", file=path)
    one, two = db.Record(name="one").add_parent(kind), db.Record(name="two").add_parent(kind)
    one.add_property(data, file)
    two.add_property(other, [one])
    db.Container().extend([kind, data, other, file, one, two]).insert()
    out = os.path.join(settings["folder"], "export")
    os.makedirs(out)
    run = [sys.executable, "-c"]
    program = (
        "import sys, linkahead as db\n"
        "from caosadvancedtools.export_related import export_related_to\n"
        f"db.configure_connection(url={settings['url']!r}, username='admin', password='caosdb',"
        " password_method='plain')\n"
        f"export_related_to({two.id}, {out!r})\n")
    subprocess.run([*run, program], check=True, timeout=60, stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "linkahead_data.xml"), encoding="utf-8") as xml:
        equal(xml.read().count("<Record "), 2)
    with open(os.path.join(out, "downloads/data/data.csv"), "rb") as copy:
        equal(copy.read(), b"1;2;3")
    program = (
        "import linkahead as db\n"
        "from caosadvancedtools.import_from_xml import import_xml\n"
        f"db.configure_connection(url={settings['other']!r}, username='admin', password='caosdb',"
        " password_method='plain')\n"
        "import_xml('linkahead_data.xml', interactive=False)\n")
    subprocess.run([*run, program], check=True, timeout=60, cwd=out, stdout=subprocess.DEVNULL)
    settings["connect"](url=settings["other"])
    imported = db.execute_query("FIND RECORD WITH name='two'", unique=True)
    equal(db.Record(id=imported.get_property("friends").value[0]).retrieve().name, "one")
