"""Waiting for a condition: polled against a deadline, never waited for blindly."""
import threading
import time


class Late(AssertionError):
    """The condition did not come true in time."""


def wait_until(condition, seconds, what, every=0.05):
    """Polls `condition` until it returns something true, and returns that; after `seconds` raises Late(what).

    `what` may be a function, which is asked when it is too late.
    """
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise Late(f"not within {seconds} s: {what() if callable(what) else what}")
        never.wait(every)
