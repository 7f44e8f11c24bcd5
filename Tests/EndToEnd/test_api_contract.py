"""The API does what its own document says, for thousands of requests that nobody thought of."""
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from api import BASE, operator
from server import show

CHECKS = [
    not_a_server_error, checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


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
