"""Whether two recordings say the same, by what is heard: how long they are, and how loud each band of
frequencies is from moment to moment. No library for it is asked for; a second takes a second."""

import array
import cmath
import math
import os
import subprocess
import wave

RATE = 22050
FRAME = 1024
BANDS = (150, 300, 450, 650, 900, 1200, 1600, 2100, 2800, 3700, 4900, 6500, 8500)


def run(*words, **settings):
    return subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=120, **settings).stdout


def read_wave(path):
    with wave.open(path) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return array.array("h", file.readframes(file.getnframes()))


def decode(mp3):
    """The samples of an MP3, by another program than the one that made it."""
    output = mp3 + ".wav"
    run("gst-launch-1.0", "-q", "filesrc", "location=" + mp3, "!", "decodebin", "!", "audioconvert",
        "!", "audioresample", "!", "audio/x-raw,format=S16LE,rate=%d,channels=1" % RATE, "!",
        "wavenc", "!", "filesink", "location=" + output)
    return read_wave(output)


def speak(folder, text, voice, *options):
    """What espeak-ng itself says."""
    path = os.path.join(folder, "espeak.wav")
    run("espeak-ng", "-b", "1", "-v", voice, "-w", path, *options, text)
    return read_wave(path)


def transform(values):
    """The discrete Fourier transform; a power of two of them."""
    n = len(values)
    if n == 1:
        return values
    even, odd = transform(values[::2]), transform(values[1::2])
    turned = [cmath.exp(-2j * cmath.pi * k / n) * odd[k] for k in range(n // 2)]
    return ([even[k] + turned[k] for k in range(n // 2)]
            + [even[k] - turned[k] for k in range(n // 2)])


WINDOW = [0.5 - 0.5 * math.cos(2 * math.pi * i / FRAME) for i in range(FRAME)]


def measure(samples):
    """For each moment the logarithm of the loudness in each band."""
    rows = []
    for start in range(0, len(samples) - FRAME, FRAME // 2):
        spectrum = transform([samples[start + i] * WINDOW[i] for i in range(FRAME)])
        sums = [0.0] * (len(BANDS) - 1)
        for k in range(1, FRAME // 2):
            for band in range(len(sums)):
                if BANDS[band] <= k * RATE / FRAME < BANDS[band + 1]:
                    sums[band] += abs(spectrum[k]) ** 2
        rows.append([math.log(1e6 + value) for value in sums])
    return rows


def correlate(a, b):
    """−1 to 1: of all the figures at once, each band held against its own mean."""
    n = min(len(a), len(b))
    above = left = right = 0.0
    for band in range(len(BANDS) - 1):
        mean_a = sum(row[band] for row in a[:n]) / n
        mean_b = sum(row[band] for row in b[:n]) / n
        for i in range(n):
            x, y = a[i][band] - mean_a, b[i][band] - mean_b
            above, left, right = above + x * y, left + x * x, right + y * y
    return above / math.sqrt(left * right) if left and right else 0.0


def trim(samples):
    """From the first to the last that is heard: an encoder puts silence around, and espeak-ng's own
    program behind."""
    heard = [i for i, value in enumerate(samples) if abs(value) > 500]
    return samples[heard[0]:heard[-1] + 1] if heard else samples[:0]


def compare(a, b):
    """The difference in seconds, and the likeness at the best of some starts."""
    a, b = trim(a), trim(b)
    wanted = measure(b)
    return ((len(a) - len(b)) / RATE,
            max(correlate(measure(a[shift:]), wanted) for shift in (0, 128, 256)))


def discover(mp3):
    """Seconds and description by gst-discoverer-1.0."""
    text = run("gst-discoverer-1.0", "-v", mp3).decode()
    words = next(line for line in text.splitlines() if "Duration:" in line).split()[-1].split(":")
    return float(words[0]) * 3600 + float(words[1]) * 60 + float(words[2]), text
