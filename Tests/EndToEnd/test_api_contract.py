"""The API does what its own document says, for thousands of requests that nobody thought of."""
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
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


@pytest.fixture(scope="module")
def description(ops):
    document = yaml.safe_load(ops.get("/openapi.yaml").text)
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=ops.server.url(BASE))
    return schema


contract = schemathesis.pytest.from_fixture("description")


@contract.parametrize()
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_a_described_one(ops, case):
    if "show" in case.path_parameters:
        case.path_parameters["show"] = "contract"
    headers = {"Authorization": ops.http.headers["authorization"]}
    case.call_and_validate(headers=headers, checks=CHECKS)
