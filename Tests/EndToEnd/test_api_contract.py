"""The API does what its own document says, for thousands of requests that nobody thought of."""
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from api import BASE, Client, operator
from server import show

CHECKS = [
    not_a_server_error, checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
# It has no end: only how it begins is looked at.
EVENTS = "/shows/{show}/events"


@pytest.fixture(scope="module")
def ops(launch_once):
    client = operator(launch_once([show()]))
    client.show("contract", isScheduled=True)
    return client


def test_every_answer_is_a_described_one(ops, record_property):
    schema = schemathesis.openapi.from_dict(yaml.safe_load(ops.get("/openapi.yaml").text))
    schema.config.update(base_url=ops.server.url(BASE))
    headers = {"Authorization": ops.http.headers["authorization"]}
    asked, faults = 0, []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path == EVENTS:
            continue

        @given(case=operation.as_strategy())
        @settings(max_examples=8, deadline=None, derandomize=True, database=None,
                  suppress_health_check=list(HealthCheck))
        def ask(case):
            nonlocal asked
            asked += 1
            if "show" in (case.path_parameters or {}):
                case.path_parameters["show"] = "contract"
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            ask()
        except Exception as fault:
            faults.append(f"{operation.label}: {fault}")
    record_property("requests", asked)
    assert not faults, "\n".join(faults)


def test_a_stream_of_events_begins_as_described(ops):
    operation = schemathesis.openapi.from_dict(yaml.safe_load(ops.get("/openapi.yaml").text))[EVENTS]["GET"]
    described = operation.definition.raw["responses"]
    seen = set()

    def begin(show, client=ops, **options):
        with client.http.stream("GET", BASE + EVENTS.format(show=show), **options) as answer:
            status = str(answer.status_code)
            assert status in described, (show, options, status)
            kind = answer.headers["content-type"].split(";")[0]
            assert kind == ("text/event-stream" if status == "200" else "application/problem+json"), (show, options)
            seen.add(status)

    @given(case=operation.as_strategy())
    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def ask(case):
        begin("contract", params=dict(case.query or {}), headers=dict(case.headers or {}))

    ask()
    begin("nothing-there", Client(ops.server))
    begin("contract", headers={"Origin": "https://evil.example"})
    assert seen == {"200", "403", "404"}
