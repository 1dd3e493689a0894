import linkahead as db

from check import equal, raises

EXC = db.exceptions


def login(settings):
    raises(EXC.LoginFailedError, lambda: settings["connect"](password="wrong")._login())
    connection = settings["connect"]()
    connection._login()
    info = db.Info()
    equal([info.user_info.name, info.user_info.realm, info.user_info.roles],
          ["admin", "PAM", ["administration"]])
    equal([info.time_zone.offset, info._stats.records >= 0], ["+0000", True])
    first = connection._authenticator.auth_token
    db.RecordType(name="T").insert()
    assert connection._authenticator.auth_token != first, "the cookie was not renewed"
    connection._logout()


def token(settings):
    """Works without a password; logs out by DELETE."""
    db.RecordType(name="T").insert()
    equal(db.Info().user_info.name, "curator")
    db.get_connection()._logout()


def anonymous(settings):
    db.configure_connection(url=settings["url"], password_method="unauthenticated", timeout=20)
    equal(db.execute_query("COUNT ENTITY"), 0)
    equal(db.Info().user_info.roles, ["anonymous"])
    raises(EXC.LoginFailedError, lambda: db.RecordType(name="T").insert())
