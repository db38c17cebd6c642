"""The cards' plots, as SVG."""

from __future__ import annotations

import math
from typing import Any

Manifest = dict[str, Any]


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def reliability_plot(diagrams: dict[str, list[Manifest]]) -> str:
    """Confidence against how often right, as SVG; a dot's area goes with the number of events."""
    size, left = 360, 50

    def place(said: float, was: float) -> tuple[float, float]:
        return left + said * (size - left - 20), size - 40 - was * (size - 70)

    (x0, y0), (x1, y1) = place(0, 0), place(1, 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="12">'
        '<title>Reliability</title><rect width="100%" height="100%" fill="white"/>'
        f'<path d="M{x0:.0f} {y0:.0f}L{x1:.0f} {y1:.0f}" stroke="#bbb" stroke-dasharray="4"/>'
        f'<path d="M{x0:.0f} {y1:.0f}V{y0:.0f}H{x1:.0f}" stroke="#888" fill="none"/>'
    ]
    for share in (0, 0.5, 1):
        (x, _), (_, y) = place(share, 0), place(0, share)
        parts.append(f'<text x="{x:.0f}" y="{y0 + 16:.0f}" text-anchor="middle">{share}</text>')
        parts.append(f'<text x="{x0 - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{share}</text>')
    for number, (name, diagram) in enumerate(diagrams.items()):
        colour = ("#0a7", "#c60")[number % 2]
        points = [place(row["confidence"], row["frequency"]) for row in diagram]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{1 + math.sqrt(row["events"]) / 3:.1f}" '
            f'fill="{colour}" fill-opacity="0.5"/>'
            for (x, y), row in zip(points, diagram, strict=True)
        ]
        parts.append(f'<text x="{x0 + 12:.0f}" y="{y1 + 14 + 16 * number:.0f}" fill="{colour}">{name}</text>')
    parts.append(f'<text x="{(x0 + x1) / 2:.0f}" y="{size - 8}" text-anchor="middle">confidence</text>')
    parts.append('<text x="8" y="16">how often right</text></svg>')
    return "\n".join(parts) + "\n"


def plot(figures: Manifest) -> str:
    """Misses (clean, six words) against false accepts per hour of all six together, as SVG."""
    width, height, left, bottom = 640, 400, 70, 340
    floor, most_missed = 0.1, 0.2

    def place(accepts: float, missed: float) -> tuple[float, float]:
        x = left + (math.log10(max(accepts, floor)) + 1) / 3.5 * (width - left - 20)
        return x, bottom - min(missed, most_missed) / most_missed * (bottom - 30)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12"><title>Misses against false accepts per hour</title>'
        '<rect width="100%" height="100%" fill="white"/>'
    ]
    for missed in (0.0, 0.05, 0.1, 0.15, 0.2):
        _, y = place(1, missed)
        parts.append(f'<path d="M{left} {y:.0f}H{width - 20}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{percent(missed)}</text>')
    for accepts in (0.1, 1, 10, 100):
        x, _ = place(accepts, 0)
        parts.append(f'<path d="M{x:.0f} 30V{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle">{accepts}</text>')
    for stage, colour, name in (("both", "#0a7", "tiny + heavy"), ("tiny", "#c60", "tiny alone")):
        points = [place(r[f"{stage} false accepts/h"], r[f"{stage} missed"]) for r in figures["curve"]]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = points[0]
        parts.append(f'<text x="{x:.0f}" y="{y - 8:.0f}" text-anchor="end" fill="{colour}">{name}</text>')
    alexa = figures.get("openWakeWord", [])
    points = []
    for row in alexa:
        missed, clips = map(int, row["clean"].split("/"))
        points.append(place(row["falseAccepts"] / row["hours"], missed / clips))
    if points:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="#36c" stroke-width="2"/>')
        x, y = points[-1]
        parts.append(f'<text x="{x:.0f}" y="{y - 8:.0f}" fill="#36c">openWakeWord, alexa only</text>')
    parts.append(
        f'<text x="{(left + width) // 2}" y="{height - 15}" text-anchor="middle">'
        f"false accepts per hour, {figures['hours']} h listened</text>"
    )
    parts.append('<text x="16" y="20">missed, clean, mean of six words</text></svg>')
    return "\n".join(parts) + "\n"
