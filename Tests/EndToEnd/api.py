"""Clients of the API: an operator's program, a browser with a session, a host with a stream key, and nobody."""
import datetime

import httpx

from server import command

BASE = "/api/v1"


class Client:
    """Asks under `/api/v1`, with whatever it was given to say who it is."""

    def __init__(self, server, bearer=None, **headers):
        self.server = server
        self.csrf = None
        self.http = httpx.Client(base_url=server.url(), timeout=20)
        if bearer:
            self.http.headers["Authorization"] = f"Bearer {bearer}"
        self.http.headers.update(headers)

    def close(self):
        self.http.close()

    def ask(self, method, path, **options):
        headers = dict(options.pop("headers", {}))
        if self.csrf and method not in ("GET", "HEAD", "OPTIONS"):
            headers.setdefault("X-Shopcast-CSRF", self.csrf)
        answer = self.http.request(method, BASE + path, headers=headers, **options)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code >= 400:
            assert_problem(answer)
        return answer

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, **({} if body is None else {"json": body}), **options)

    def put(self, path, body=None, **options):
        return self.ask("PUT", path, **({} if body is None else {"json": body}), **options)

    def delete(self, path, **options):
        return self.ask("DELETE", path, **options)

    def patch(self, path, body, match="*", **options):
        headers = {"If-Match": match} if match else {}
        return self.ask("PATCH", path, json=body, headers=headers | options.pop("headers", {}), **options)

    def made(self, path, body=None, **options):
        """What a POST made, which must have worked."""
        answer = self.post(path, body, **options)
        assert answer.status_code in (200, 201), (path, answer.text)
        return answer.json()

    def sign_in(self, login, password, **more):
        answer = self.post("/session", {"login": login, "password": password, **more})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    def person(self, login, password=None, **more):
        """Makes somebody, who takes the invitation where there is a password. An operator's to do."""
        person = self.made("/people", {"login": login, "name": login.title(), **more})
        if password:
            link = self.made(f"/people/{person['id']}/invitation")["link"]
            browser = Client(self.server)
            taken = browser.post("/welcome", {"secret": link.removeprefix("/welcome/"), "password": password})
            assert taken.status_code == 200, taken.text
            browser.close()
        return person

    def show(self, id, **more):
        return self.made("/shows", {"id": id, "titles": {"en": f"Show {id}"}, **more})


def operator(server, name="ops"):
    """A client with a new operator's token, as the command line prints it."""
    done = command("operator", "add", name, "--data", server.data)
    assert done.returncode == 0, done.stderr
    (token,) = done.stdout.split()
    return Client(server, token)


def assert_problem(answer):
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    if answer.request.method != "HEAD":
        problem = answer.json()
        assert problem["status"] == answer.status_code and problem["detail"] and problem["title"], problem
        for fault in problem.get("errors", []):
            assert fault["field"] and fault["reason"]


def refused(answer, status, words="", field=None):
    """Whether it was refused like this; asserts with what was answered."""
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    assert words in answer.json()["detail"], answer.text
    if field is not None:
        assert field in [fault["field"] for fault in answer.json()["errors"]], answer.text
    return True


def instant(minutes=0, days=0):
    """So far from now, as the API writes it."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes, days=days)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
