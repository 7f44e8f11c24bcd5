"""`shopcast check` as the tests run it, and what its report says."""
import json

from server import command


def check(url, *options, seconds=12):
    answer = command("check", url, "--seconds", seconds, "--format", "json", *options, timeout=seconds + 60)
    assert answer.returncode in (0, 1), answer.stderr
    return json.loads(answer.stdout), answer.returncode


def told(report, state):
    """Every broken rule with its first finding, for the message of a failing test."""
    return [f"{rule['id']}: {rule['findings'][0]['message']} ({rule['findings'][0]['url']})"
            for rule in report["rules"] if rule["state"] == state]


def states(report):
    return {rule["id"]: rule["state"] for rule in report["rules"]}
