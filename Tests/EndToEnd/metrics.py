"""What `/metrics` said, read from Prometheus' text form."""
import re

LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Metrics:
    def __init__(self, text):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            match = None if line.startswith("#") else LINE.match(line)
            if match:
                labels = dict(LABEL.findall(match.group(2) or ""))
                self.samples.append((match.group(1), labels, float(match.group(3))))

    def names(self):
        return {name for name, _, _ in self.samples}

    def total(self, name, **labels):
        """The sum of the samples of `name` that carry these labels; None where there is none."""
        values = [v for n, have, v in self.samples if n == name and labels.items() <= have.items()]
        return sum(values) if values else None

    def quantile(self, name, q, **labels):
        """A quantile of the histogram `name`, linear inside its bucket, in the histogram's unit."""
        buckets = {}
        for n, have, value in self.samples:
            if n == f"{name}_bucket" and labels.items() <= have.items():
                bound = float("inf") if have["le"] == "+Inf" else float(have["le"])
                buckets[bound] = buckets.get(bound, 0) + value
        if not buckets or max(buckets.values()) == 0:
            return None
        wanted, below, lower = q * max(buckets.values()), 0.0, 0.0
        for bound in sorted(buckets):
            if buckets[bound] >= wanted:
                if bound == float("inf"):
                    return lower
                inside = buckets[bound] - below
                return lower + (bound - lower) * ((wanted - below) / inside if inside else 1)
            below, lower = buckets[bound], bound
        return lower
