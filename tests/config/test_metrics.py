"""The counters: of one node, in Prometheus' form."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from hubbub.config.metrics import Metrics


def test_every_metric_is_rendered_with_our_prefix() -> None:
    metrics = Metrics()
    metrics.closes.labels(code="1000").inc()
    text = metrics.render().decode()
    names = [family.name for family in text_string_to_metric_families(text)]
    assert "hubbub_connections" in names
    assert all(name.startswith("hubbub_") for name in names)
    assert 'hubbub_closes_total{code="1000"} 1.0' in text


def test_a_tally_counts_as_any_counter_does() -> None:
    metrics = Metrics()
    assert b"hubbub_frames_in_total 0.0" in metrics.render()
    metrics.frames_in.inc()
    metrics.frames_in.inc(2)
    assert metrics.frames_in.value == 3
    text = metrics.render().decode()
    assert "hubbub_frames_in_total 3.0" in text
    families = {family.name: family.type for family in text_string_to_metric_families(text)}
    assert families["hubbub_frames_in"] == families["hubbub_sign_ins"] == "counter"


def test_two_nodes_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.sign_ins.inc()
    assert b"hubbub_sign_ins_total 1.0" in one.render()
    assert b"hubbub_sign_ins_total 0.0" in other.render()
