"""Wake-word services beside each other, as Home Assistant would ask them: what they miss, take wrongly and cost.

    python compare_services.py --words DIR/alexa --speech DIR... --minutes 60 --catnap "node ../../dist/cli.js" \
        --micro DIR/alexa.json --openwakeword alexa --head alexa_v0.1.onnx

Every service hears the same chunks by the Wyoming protocol, by turns, or with `--together` all of them at once, which
is what `--speed 1` is for: a service that waits for its turn costs something as well. CPU is user and system time of
all processes of a service, memory their proportional share (PSS). Needs `wyoming-openwakeword` and `pymicro-wakeword`
with what they are made of, soundfile, scipy and Linux.
Prints JSON Lines.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import random
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction

import numpy as np
import scipy.signal
import soundfile

RATE_HZ = 16_000
#: What wyoming-satellite's microphone sends at a time.
CHUNK_SAMPLES = 1024
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
#: What stands before each word, and how long after it a detection is still its own.
LEAD_S, TRAIL_S = 2.1, 1.5
TURN_S = 20.0
#: Silence after a turn or a word, as long as services keep themselves from a second detection.
READY_S = 60


@dataclasses.dataclass
class Heard:
    """A detection: up to which chunk the service had heard, and when it said so."""

    sample: int
    latency_ms: float


@dataclasses.dataclass
class Service:
    name: str
    command: list[str]
    port: int
    process: subprocess.Popen | None = None
    heard: list[Heard] = dataclasses.field(default_factory=list)
    cpu_s: float = 0.0
    speech_s: float = 0.0
    memory_mb: float = 0.0


class Client:
    """One connection that streams; a thread of its own reads what is said back."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.sample = 0
        self.sent_at: dict[int, float] = {}
        self.socket = socket.create_connection(("127.0.0.1", service.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self._read, daemon=True).start()
        self._say("detect", {})
        self._say("audio-start", {"rate": RATE_HZ, "width": 2, "channels": 1, "timestamp": 0})

    def send(self, samples: np.ndarray) -> None:
        """Sends a chunk; its timestamp is the sample after it, in milliseconds."""
        self.sample += len(samples)
        timestamp = round(self.sample * 1000 / RATE_HZ)
        self.sent_at[timestamp] = time.monotonic()
        form = {"rate": RATE_HZ, "width": 2, "channels": 1, "timestamp": timestamp}
        self._say("audio-chunk", form, samples.astype("<i2").tobytes())

    def close(self) -> None:
        # Closing alone would leave it to whoever reads.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _say(self, kind: str, data: dict, payload: bytes = b"") -> None:
        body = json.dumps(data).encode()
        head = {"type": kind, "version": "1.5.0", "data_length": len(body), "payload_length": len(payload)}
        self.socket.sendall(json.dumps(head).encode() + b"\n" + body + payload)

    def _read(self) -> None:
        stream = self.socket.makefile("rb")
        try:
            for line in stream:
                head = json.loads(line)
                data = {**head.get("data", {}), **json.loads(stream.read(head.get("data_length") or 0) or b"{}")}
                stream.read(head.get("payload_length") or 0)
                if head["type"] == "detection":
                    self._detected(data.get("timestamp"))
        except (OSError, ValueError):
            return

    def _detected(self, timestamp: int | None) -> None:
        sent = self.sent_at.get(timestamp)
        latency = float("nan") if sent is None else (time.monotonic() - sent) * 1000
        self.service.heard.append(Heard(self.sample if timestamp is None else timestamp * RATE_HZ // 1000, latency))


def processes_of(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
        except (OSError, ProcessLookupError):
            continue
    found = [root]
    for each in found:
        found += parents.get(each, [])
    return found


def cpu_of(root: int) -> float:
    """Seconds of user and system time, of children that have ended, too."""
    ticks = 0
    for each in processes_of(root):
        try:
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
    return ticks / TICKS_PER_S


def memory_of(root: int) -> float:
    """Proportional share of memory of a service's processes, MB."""
    kilobytes = 0
    for each in processes_of(root):
        try:
            text = pathlib.Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        kilobytes += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return kilobytes / 1024


def read(path: pathlib.Path) -> np.ndarray:
    """Mono 16-bit samples of any recording."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    if rate != RATE_HZ:
        ratio = Fraction(RATE_HZ, rate)
        mono = scipy.signal.resample_poly(mono, ratio.numerator, ratio.denominator)
    return np.rint(np.clip(mono, -1, 1) * 32767).astype("<i2")


def speech_of(folders: list[pathlib.Path], minutes: float) -> np.ndarray:
    """Recordings of folders in an order that is the same each time, one after the other."""
    files = sorted(f for d in folders for f in d.rglob("*") if f.suffix.lower() in {".wav", ".ogg", ".opus", ".flac"})
    random.Random(7).shuffle(files)
    pieces, wanted = [], int(minutes * 60 * RATE_HZ)
    for file in files:
        if sum(map(len, pieces)) >= wanted:
            break
        try:
            pieces.append(read(file))
        except soundfile.LibsndfileError:
            continue
    return np.concatenate(pieces)[:wanted]


def words_of(folder: pathlib.Path) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Words, each after quiet of its own kind, and where each lies."""
    rng = np.random.default_rng(7)
    pieces, spans, at = [], [], 0
    for file in sorted(folder.glob("*.flac")) + sorted(folder.glob("*.wav")):
        # Less than a bit of noise: no recording is without any.
        quiet = np.rint(rng.normal(0, 0.7, int(LEAD_S * RATE_HZ))).astype("<i2")
        word = read(file)
        pieces += [quiet, word]
        spans.append((at + len(quiet), at + len(quiet) + len(word)))
        at = spans[-1][1]
    pieces.append(np.zeros(int(2 * RATE_HZ), "<i2"))
    return np.concatenate(pieces), spans


def start(service: Service, log: pathlib.Path) -> None:
    service.process = subprocess.Popen(
        service.command, stdout=(log / f"{service.name}.out").open("wb"), stderr=subprocess.STDOUT
    )
    for _ in range(READY_S * 10):
        try:
            socket.create_connection(("127.0.0.1", service.port)).close()
        except OSError:
            if service.process.poll() is not None:
                raise SystemExit(f"{service.name} ended with {service.process.returncode}: see {log}") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{service.name}: nothing listens at port {service.port}")


def stream(clients: list[Client], samples: np.ndarray, speed: float) -> None:
    """Sends samples to all clients so many times as fast as they were said."""
    begin = time.monotonic()
    for at in range(0, len(samples), CHUNK_SAMPLES):
        wait = begin + at / RATE_HZ / speed - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        for client in clients:
            client.send(samples[at : at + CHUNK_SAMPLES])


def hear_words(services: list[Service], folder: pathlib.Path) -> None:
    """All services hear the words at the pace of speech, at once, each with its own connection."""
    samples, spans = words_of(folder)
    for service in services:
        service.heard.clear()
    clients = [Client(service) for service in services]
    stream(clients, samples, 1)
    time.sleep(2)
    for client in clients:
        client.close()
    for service in services:
        found = [any(start_ < h.sample <= end + TRAIL_S * RATE_HZ for h in service.heard) for start_, end in spans]
        late = sorted(h.latency_ms for h in service.heard if h.latency_ms == h.latency_ms)
        latency = [round(float(np.quantile(late, q)), 1) for q in (0.5, 0.99)] if late else None
        print(
            json.dumps(
                {
                    "service": service.name,
                    "words": len(spans),
                    "missed": found.count(False),
                    "missedWords": [i for i, was in enumerate(found) if not was],
                    "detections": len(service.heard),
                    "latencyMs": {"n": len(late), "p50P99": latency},
                }
            ),
            flush=True,
        )


def settled_cpu(service: Service) -> float:
    """CPU of a service once it has heard what it was sent."""
    before = -1.0
    while (now := cpu_of(service.process.pid)) - before > 0.02:
        before = now
        time.sleep(2)
    return now


def hear_speech(services: list[Service], samples: np.ndarray, options: argparse.Namespace) -> None:
    """Services hear speech by turns, or all of it at once."""
    for service in services:
        service.heard.clear()
    clients = [Client(service) for service in services]
    order = list(zip(services, clients, strict=True))
    turn = int(TURN_S * RATE_HZ)
    first = round(options.uncounted * 60 / TURN_S)
    counted = samples[first * turn :]
    for number, at in enumerate(range(0, len(samples), turn)):
        if number == first:
            for service in services:
                service.cpu_s = -settled_cpu(service)
        hearing = [client for _, client in order]
        for clients_of_turn in [hearing] if options.together else [[client] for client in hearing]:
            stream(clients_of_turn, samples[at : at + turn], options.speed)
        order = [*order[1:], order[0]]
    for service in services:
        service.cpu_s += settled_cpu(service)
        service.speech_s = len(counted) / RATE_HZ
    for service, client in zip(services, clients, strict=True):
        service.memory_mb = memory_of(service.process.pid)
        client.close()
        print(
            json.dumps(
                {
                    "service": service.name,
                    "minutes": round(service.speech_s / 60, 1),
                    "falseAccepts": len(service.heard),
                    "falseAt": [round(h.sample / RATE_HZ, 1) for h in service.heard],
                    "cpuPercent": round(100 * service.cpu_s / service.speech_s, 3),
                    "memoryMb": round(service.memory_mb, 1),
                }
            ),
            flush=True,
        )


def micro_service(manifest: pathlib.Path, port: int) -> None:
    """A service of `pymicro-wakeword`, which brings none: one connection at a time, the same messages."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures  # noqa: PLC0415

    server = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        model, features = MicroWakeWord.from_config(manifest), MicroWakeWordFeatures()
        stream_ = connection.makefile("rb")
        quiet_until = 0
        for line in stream_:
            head = json.loads(line)
            data = json.loads(stream_.read(head.get("data_length") or 0) or b"{}")
            audio = stream_.read(head.get("payload_length") or 0)
            if head["type"] != "audio-chunk":
                continue
            for frame in features.process_streaming(audio):
                if model.process_streaming(frame) and data["timestamp"] >= quiet_until:
                    quiet_until = data["timestamp"] + 2000
                    body = json.dumps({"name": model.wake_word, "timestamp": data["timestamp"]}).encode()
                    told = json.dumps({"type": "detection", "data_length": len(body)}).encode()
                    connection.sendall(told + b"\n" + body)


def catnap_service(catnap: str, name: str, model: object, port: int, folder: pathlib.Path, *extra: str) -> Service:
    tiny = json.dumps({"model": model})
    config = folder / f"{name}.yaml"
    config.write_text(
        "dashboard: { port: 0 }\nstateDir: " + str(folder / name) + "\n"
        f"cascades: {{ voice: {{ {', '.join(['kind: voice', f'tiny: {tiny}', *extra])} }} }}\n"
        f"home: {{ wyoming: {{ port: {port}, idleMs: 3600000 }} }}\n"
    )
    return Service(name, [*shlex.split(catnap), "run", str(config)], port)


def catnap_services(options: argparse.Namespace, folder: pathlib.Path) -> list[Service]:
    """Catnap with each model: without its gate, with it, and with the judge of sounds behind it."""
    found = []
    kinds = [("micro", "microwakeword", options.micro, 10410), ("oww", "openwakeword", options.head, 10420)]
    for short, kind, file, port in kinds:
        if file is None:
            continue
        # By another name than its own no verifier of Catnap's knows it, either.
        unjudged = {"kind": kind, "models": [{"model": str(file.resolve()), "say": None, "name": "theirs"}]}
        judged = {"kind": kind, "models": [{"model": str(file.resolve())}]}
        rows = [
            ("open", unjudged, ["gate: { enabled: false }"]),
            ("gate", unjudged, []),
            ("judge", judged, []),
        ]
        for i, (what, model, extra) in enumerate(rows):
            found.append(catnap_service(options.catnap, f"catnap-{short}-{what}", model, port + i, folder, *extra))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=pathlib.Path, help="recordings of the word")
    parser.add_argument("--speech", type=pathlib.Path, nargs="*", default=[], help="folders of other speech")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--speed", type=float, default=12, help="of other speech, times as fast as said")
    parser.add_argument("--uncounted", type=float, default=2, help="minutes in which services get going")
    parser.add_argument("--together", action="store_true", help="other speech to all at once, not by turns")
    parser.add_argument("--catnap", default="catnap", help="command that runs Catnap")
    parser.add_argument("--micro", type=pathlib.Path, help="manifest of microWakeWord")
    parser.add_argument("--head", type=pathlib.Path, help="head of openWakeWord, the file that Catnap is given")
    parser.add_argument("--openwakeword", help="the same for wyoming-openwakeword: the name of a word it brings")
    parser.add_argument("--only", nargs="*", help="names of the services to ask")
    parser.add_argument("--log", type=pathlib.Path, help="folder of what the services say")
    parser.add_argument("--serve-micro", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve_micro is not None:
        micro_service(options.micro, options.serve_micro)
    folder = pathlib.Path(tempfile.mkdtemp())
    log = options.log or folder
    log.mkdir(parents=True, exist_ok=True)
    services = catnap_services(options, folder)
    if options.micro is not None:
        serve = [sys.executable, __file__, "--micro", str(options.micro), "--serve-micro", "10413"]
        services.append(Service("pymicro-wakeword", serve, 10413))
    if options.openwakeword is not None:
        serve = [sys.executable, "-m", "wyoming_openwakeword", "--uri", "tcp://127.0.0.1:10423"]
        services.append(Service("wyoming-openwakeword", [*serve, "--preload-model", options.openwakeword], 10423))
    services = [s for s in services if options.only is None or s.name in options.only]
    try:
        for service in services:
            start(service, log)
        if options.words is not None:
            hear_words(services, options.words)
        if options.speech:
            hear_speech(services, speech_of(options.speech, options.minutes), options)
    finally:
        for service in services:
            if service.process is not None:
                service.process.terminate()


if __name__ == "__main__":
    main()
