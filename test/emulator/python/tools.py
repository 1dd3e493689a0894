"""Tools that come with the official client."""
import os
import subprocess
import sys

import linkahead as db

from check import equal, raises
from laboratory import model, records


def many_by_id(_settings):
    """Asks for 20 ids in one query; a list of 20, 40, … ends with a query that is none."""
    container = records(model(), 45)
    found = db.apiutils.retrieve_entities_with_ids([one.id for one in container])
    equal(sorted(one.id for one in found), sorted(one.id for one in container))
    raises(db.exceptions.TransactionError,
           lambda: db.apiutils.retrieve_entities_with_ids([one.id for one in container[:40]]))


def comparison(_settings):
    container = records(model(), 2)
    one, two = (db.Record(id=record.id).retrieve() for record in container)
    found = db.apiutils.compare_entities(one, two)
    equal(found[0]["properties"]["weight"], {"value": 0.0})
    equal(found[1]["properties"]["weight"], {"value": 1.0})
    again = db.Record(id=one.id).retrieve()
    equal(db.apiutils.empty_diff(one, again), True)


def administration(settings):
    home = os.environ["HOME"]
    with open(os.path.join(home, ".pylinkahead.ini"), "w", encoding="utf-8") as ini:
        ini.write(f"[Connection]\nurl={settings['url']}\nusername=admin\npassword=caosdb\n"
                  "password_method=plain\n")

    def run(*arguments):
        command = [sys.executable, "-m", "linkahead.utils.linkahead_admin", *arguments]
        done = subprocess.run(command, check=True, timeout=30, stdout=subprocess.PIPE)
        return done.stdout.decode()

    run("create_role", "writers", "may write")
    assert "may write" in run("retrieve_role", "writers")
    run("create_user", "--password", "Abc12345!", "-c", "ann", "ann@lab.de")
    assert "ann@lab.de" in run("retrieve_user", "ann")
    run("add_user_roles", "ann", "writers")
    assert "writers" in run("retrieve_user_roles", "ann")
    run("grant_role_permissions", "writers", "TRANSACTION:*")
    run("deny_role_permissions", "--priority", "writers", "TRANSACTION:DELETE")
    assert "TRANSACTION:DELETE" in run("retrieve_role_permissions", "writers")
    settings["connect"](user="ann", password="Abc12345!")
    kind = db.RecordType(name="T").insert()
    raises(db.exceptions.HTTPForbiddenError, kind.delete)
    run("remove_user_roles", "ann", "writers")
    raises(db.exceptions.HTTPForbiddenError, lambda: db.RecordType(name="U").insert())
    run("deactivate_user", "ann")
    run("delete_user", "ann")
    run("delete_role", "writers")
    assert "Error" in run("retrieve_role", "writers")
