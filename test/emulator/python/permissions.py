import linkahead as db
from linkahead.common import administration

from check import equal, raises, refused
from laboratory import model, records


def as_curator(settings):
    settings["connect"](user="curator", password="Curator-1")


def acl(settings):
    entities = model()
    record = records(entities, 1)[0]
    record.retrieve_acl()
    equal(record.acl.is_empty(), True)
    record.deny(username="curator", realm="CaosDB", permission="UPDATE:*", priority=True)
    record.deny(role="lab", permission="RETRIEVE:FILE")
    record.grant(role="lab", permission="DELETE")
    record.update_acl()
    again = db.Record(id=record.id)
    again.retrieve_acl()
    equal(again.acl, record.acl)
    equal([prop.value for prop in db.Record(id=record.id).retrieve().properties], [0.0])
    as_curator(settings)
    mine = db.Record(id=record.id).retrieve()
    assert not mine.is_permitted("UPDATE:DESCRIPTION") and mine.is_permitted("DELETE")
    mine.description = "changed"
    refused(db.exceptions.AuthorizationError, mine.update, 403)
    settings["connect"]()
    record = db.Record(id=record.id).retrieve()
    record.description = "by the admin"
    record.update()
    after = db.Record(id=record.id)
    after.retrieve_acl()
    equal(after.acl, again.acl)


def hidden_entities(settings):
    container = records(model(), 2)
    hidden = container[0]
    hidden.retrieve_acl()
    hidden.deny(username="curator", permission="RETRIEVE:*", priority=True)
    hidden.deny(username="curator", permission="DELETE", priority=True)
    hidden.update_acl()
    as_curator(settings)
    equal([one.name for one in db.execute_query("FIND RECORD Sample")], ["S1"])
    refused(db.exceptions.AuthorizationError, lambda: db.Record(id=hidden.id).retrieve(), 403)
    refused(db.exceptions.AuthorizationError, lambda: db.Record(id=hidden.id).delete(), 403)


def files(settings):
    import os
    path = os.path.join(settings["folder"], "f")
    with open(path, "wb") as out:
        out.write(b"secret")
    file = db.File(name="f", path="/f", file=path).insert()
    file.retrieve_acl()
    file.deny(username="curator", permission="RETRIEVE:FILE", priority=True)
    file.update_acl()
    as_curator(settings)
    raises(db.exceptions.HTTPForbiddenError,
           lambda: db.File(id=file.id).retrieve().download(path + ".copy"))


def global_acl(_settings):
    found = db.common.models.get_global_acl()
    assert found.is_permitted("?OTHER?", "*"), found
    known = db.common.models.get_known_permissions()
    assert "RETRIEVE:ENTITY" in known and "USE:AS_PARENT" in known, known


def users(settings):
    administration._insert_user("bob", password="Abc12345!", status="ACTIVE", email="b@x.de")
    assert 'email="b@x.de"' in str(administration._retrieve_user("bob", realm="CaosDB"))
    error = raises(db.exceptions.HTTPClientError,
                   lambda: administration._insert_user("bob", password="Abc12345!"))
    equal(error.status, 409)
    error = raises(db.exceptions.HTTPClientError,
                   lambda: administration._insert_user("eve", password="short"))
    assert "8 characters" in error.msg, error.msg
    administration._update_user("bob", realm="CaosDB", password="Xyz98765?")
    raises(db.exceptions.LoginFailedError,
           lambda: settings["connect"](user="bob", password="Abc12345!")._login())
    settings["connect"](user="bob", password="Xyz98765?")
    equal(db.Info().user_info.name, "bob")
    raises(db.exceptions.HTTPForbiddenError, lambda: administration._insert_user("eve", "Abc12345!"))
    raises(db.exceptions.HTTPForbiddenError, lambda: db.RecordType(name="T").insert())
    settings["connect"]()
    administration._update_user("bob", realm="CaosDB", status="INACTIVE")
    raises(db.exceptions.LoginFailedError,
           lambda: settings["connect"](user="bob", password="Xyz98765?")._login())
    settings["connect"]()
    administration._delete_user("bob")
    raises(db.exceptions.HTTPResourceNotFoundError, lambda: administration._retrieve_user("bob"))
    raises(db.exceptions.HTTPResourceNotFoundError, lambda: administration._delete_user("bob"))


def roles(settings):
    administration._insert_role("r 1", "desc")
    assert 'description="desc"' in str(administration._retrieve_role("r 1"))
    error = raises(db.exceptions.HTTPClientError, lambda: administration._insert_role("r 1", ""))
    assert "already in use" in error.msg, error.msg
    administration._update_role("r 1", "other")
    assert 'description="other"' in str(administration._retrieve_role("r 1"))
    equal(administration._set_roles("curator", ["administration", "r 1"]),
          {"administration", "r 1"})
    equal(administration._get_roles("curator", realm="CaosDB"), {"administration", "r 1"})
    error = raises(db.exceptions.HTTPClientError,
                   lambda: administration._set_roles("curator", ["no such role"]))
    assert "does not exist" in error.msg, error.msg
    administration._delete_role("r 1")
    raises(db.exceptions.HTTPResourceNotFoundError, lambda: administration._retrieve_role("r 1"))
    equal(administration._get_roles("curator"), {"administration"})


def permission_rules(settings):
    administration._insert_user("ann", password="Abc12345!", status="ACTIVE")
    administration._insert_role("writers", "may insert")
    administration._set_roles("ann", ["writers"])
    rules = {administration.PermissionRule("Grant", "TRANSACTION:*", True),
             administration.PermissionRule("Deny", "TRANSACTION:DELETE", True)}
    administration._set_permissions("writers", rules)
    equal(administration._get_permissions("writers"), rules)
    settings["connect"](user="ann", password="Abc12345!")
    kind = db.RecordType(name="T").insert()
    raises(db.exceptions.HTTPForbiddenError, kind.delete)
    raises(db.exceptions.HTTPForbiddenError, lambda: administration._get_permissions("writers"))
