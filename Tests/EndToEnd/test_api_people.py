"""People over the API: roles, invitations, sessions, tokens; and that somebody can be forgotten."""
from api import Client, instant, refused

PASSWORD = "correct horse battery"


def test_roles_are_given_and_taken(ops):
    ops.show("staffed")
    person = ops.person("staff")["id"]
    place = f"/shows/staffed/members/{person}"
    assert refused(ops.get(place), 404, "no role")
    assert ops.put(place, {"role": "interpreter", "languages": ["pt-br", "es"]}).json()["languages"] == ["pt-BR", "es"]
    assert refused(ops.put(place, {"role": "host", "languages": ["es"]}), 422, field="languages")
    assert refused(ops.put(place, {"role": "chief"}), 422, field="role")
    assert refused(ops.put(place, {}), 422, field="role")
    assert ops.put(place, {"role": "host"}).status_code == 200
    assert ops.get("/shows/staffed").json()["hosts"] == [person]
    assert ops.get("/shows/staffed/members").json()["members"][0]["role"] == "host"
    assert ops.get(f"/people/{person}").json()["roles"] == {"staffed": "host"}
    assert ops.delete(place).status_code == 204
    assert refused(ops.delete(place), 404)
    assert refused(ops.put("/shows/staffed/members/p" + "0" * 12, {"role": "host"}), 404)


def test_a_person_from_invitation_to_erasure(house, ops):
    person = ops.made("/people", {"login": "Maria@Shop.example", "name": "María", "language": "es"})
    assert person["login"] == "maria@shop.example" and person["isOperator"] is False
    assert refused(ops.post("/people", {"login": "maria@shop.example"}), 409, "login")
    assert refused(ops.post("/people", {"login": "no spaces"}), 422, field="login")
    invitation = ops.post(f"/people/{person['id']}/invitation")
    assert invitation.status_code == 201
    old = invitation.json()["link"].removeprefix("/welcome/")
    secret = ops.made(f"/people/{person['id']}/invitation")["link"].removeprefix("/welcome/")
    browser = Client(house, **{"User-Agent": "Test/1"})
    assert refused(browser.post("/welcome", {"secret": old, "password": PASSWORD}), 404, "not good"), "void by the newer"
    assert refused(browser.post("/welcome", {"secret": secret, "password": "short"}), 422, field="password")
    assert refused(browser.post("/welcome", {"secret": secret, "password": "aaaaaaaaaaaa"}), 422, field="password")
    taken = browser.post("/welcome", {"secret": secret, "password": PASSWORD, "name": "María B."})
    assert taken.status_code == 200 and taken.json()["person"]["name"] == "María B."
    cookie = taken.headers["set-cookie"]
    for part in ("shopcast_session=", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie, "there is no HTTPS here"
    assert refused(browser.post("/welcome", {"secret": secret, "password": PASSWORD}), 404), "once"
    me = browser.get("/session").json()
    assert me["kind"] == "person" and me["csrf"] == taken.json()["csrf"]
    browser.csrf = me["csrf"]
    assert browser.get(f"/people/{person['id']}").json()["name"] == "María B."
    assert browser.patch(f"/people/{person['id']}", {"language": "pt"}).json()["language"] == "pt"
    assert refused(browser.patch(f"/people/{person['id']}", {"isOperator": True}), 403)
    assert refused(browser.patch(f"/people/{person['id']}", {"login": "boss"}), 403)
    second = Client(house)
    assert second.sign_in("MARIA@shop.example ", PASSWORD, next="//evil.example").status_code == 200
    assert second.get("/session").json()["person"]["id"] == person["id"]
    assert refused(browser.post("/password", {"current": "wrong wrong", "new": "another long one"}), 422, field="current")
    assert refused(browser.post("/password", {"current": PASSWORD, "new": "tiny"}), 422, field="new")
    assert browser.post("/password", {"current": PASSWORD, "new": "another long one"}).status_code == 204
    assert browser.get("/session").status_code == 200, "this one stays"
    assert refused(second.get("/session"), 401), "others end"
    export = ops.get(f"/people/{person['id']}/export")
    assert export.status_code == 200 and "maria@shop.example" in export.text
    assert "argon2" not in export.text and me["csrf"] not in export.text
    assert browser.get(f"/people/{person['id']}/export").status_code == 200, "one's own"
    assert ops.delete(f"/people/{person['id']}").status_code == 204
    assert refused(browser.get("/session"), 401)
    assert refused(ops.get(f"/people/{person['id']}"), 404)
    assert "maria@shop.example" not in ops.get("/audit", params={"limit": 200}).text


def test_signing_out_ends_the_session(house, ops):
    ops.person("leaver", PASSWORD)
    browser = Client(house)
    signed = browser.sign_in("leaver", PASSWORD, next="/console#/shows")
    assert signed.json()["next"] == "/console#/shows"
    cookie = {"Cookie": f"shopcast_session={browser.http.cookies['shopcast_session']}"}
    assert browser.delete("/session").status_code == 204
    assert refused(Client(house, **cookie).get("/session"), 401)
    assert Client(house).delete("/session").status_code == 204
    assert Client(house, **cookie).get("/shows").status_code == 200, "an old cookie does no harm"


def test_who_is_disabled_is_out_at_once(house, ops):
    person = ops.person("gone", PASSWORD)
    browser = Client(house)
    browser.sign_in("gone", PASSWORD)
    token = ops.made(f"/people/{person['id']}/tokens", {"name": "t", "scopes": ["all"]})["secret"]
    program = Client(house, token)
    assert program.get("/session").status_code == 200
    assert ops.patch(f"/people/{person['id']}", {"isDisabled": True}).json()["isDisabled"] is True
    assert refused(browser.get("/session"), 401) and refused(program.get("/session"), 401)
    assert refused(Client(house).sign_in("gone", PASSWORD), 401, "login or the password")


def test_the_last_operator_stays(house, ops):
    people = [p for p in ops.get("/people", params={"limit": 200}).json()["people"] if p["isOperator"]]
    me = ops.get("/session").json()["person"]["id"]
    for other in people:
        if other["id"] != me:
            assert ops.delete(f"/people/{other['id']}").status_code == 204
    assert refused(ops.delete(f"/people/{me}"), 409)
    assert refused(ops.patch(f"/people/{me}", {"isOperator": False}), 409)
    assert refused(ops.patch(f"/people/{me}", {"isDisabled": True}), 409)


def test_tokens_are_told_once_and_never_grow(house, ops):
    me = ops.get("/session").json()
    assert me["kind"] == "token" and me["scopes"] == ["all"]
    place = f"/people/{me['person']['id']}/tokens"
    made = ops.made(place, {"name": "people", "scopes": ["people"], "expiresAt": instant(days=1)})
    assert made["secret"].startswith("sc_")
    small = Client(house, made["secret"])
    assert refused(small.post(place, {"name": "more", "scopes": ["all"]}), 403, "more than itself")
    assert small.post(place, {"name": "same", "scopes": ["people"]}).status_code == 201
    assert made["secret"] not in ops.get(place).text
    assert refused(ops.post(place, {"name": "t", "scopes": []}), 422, field="scopes")
    assert refused(ops.post(place, {"name": "t", "scopes": ["everything"]}), 422)
    assert refused(ops.post(place, {"name": "t", "scopes": ["read"], "expiresAt": instant(days=-1)}), 422, field="expiresAt")
    assert ops.delete(f"{place}/{made['id']}").status_code == 204
    assert refused(small.get("/session"), 401, "revoked")
    assert refused(ops.delete(f"{place}/t{'0' * 12}"), 404)
