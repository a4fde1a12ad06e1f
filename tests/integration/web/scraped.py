"""What `/metrics` says, read as Prometheus reads it."""

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """By name and label values, these in the order of their names."""
    found: list[Sample] = [s for f in text_string_to_metric_families(text) for s in f.samples]
    return {(s.name, tuple(s.labels[name] for name in sorted(s.labels))): s.value for s in found}
