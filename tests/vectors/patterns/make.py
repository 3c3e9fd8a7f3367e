"""Writes the vectors beside it: texts for every pattern of the models, judged by Java.

The services validate in Java, so `java.util.regex.Matcher.matches` of JDK 17 is the judge; Python only thinks of texts.
Usage: python make.py DIR, where DIR is the folder of the installed botocore package. Needs `java` on the path.
"""

import base64
import gzip
import json
import pathlib
import random
import re
import subprocess
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import sre_parse

HERE = pathlib.Path(__file__).parent
MODELS = {"kinesis": "kinesis/2013-12-02", "firehose": "firehose/2015-08-04"}
SPECIAL = ["\n", "\r", "\u0085", "\u2028", "\u2029", "\x00", "\x0b", "\x0c", "\x1f", "\u00a0", "\u3000", "\u00e9", "\u0301",
           "\u0660", "\u2167", "\u00bd", "\uffff", "\U0001f600", "\U00020000", "\U0001d7ce", "$", "-", "_", "/", ":", ".", " ",
           "\t", "a", "Z", "0", "=", "\\", "aws:"]
FIXED = ["", " ", "  ", "\n", "a", "a\n", "\na", "0", "00", "1", "01", "1" * 39, "1" * 40, "1" * 129, "1" * 130, "aws:", "aws:a",
         "a" * 64, "a" * 65, "\u00e9\u00df \u0660", "\u0e01\u0e31", "arn:aws:kinesis:us-east-1:123456789012:stream/a",
         "arn:aws:kinesis:us-east-1:123456789012:stream/a/consumer/b:1",
         "arn:aws:kinesis:us-east-1:123456789012:stream/a/consumer/b:1x", "arn:aws:iam::123456789012:role/a", "arn:aws:s3:::b"]


class Sampler:
    """Texts that a pattern should match, more often than not."""

    def __init__(self, rng):
        self.rng = rng

    def text(self, nodes):
        return "".join(self.node(op, value) for op, value in nodes)

    def node(self, op, value):
        name = str(op)
        if name == "LITERAL":
            return chr(value)
        if name == "NOT_LITERAL":
            return self.rng.choice([c for c in "aZ0 \n\u00e9" if ord(c) != value])
        if name == "ANY":
            return self.rng.choice("aZ0 -:/\u00e9\U0001f600")
        if name == "IN":
            return self.among(value)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, body = value
            high = min(high, self.rng.choice([low, low + 1, low + 3, 400]))
            count = self.rng.choice([low, high, self.rng.randint(low, max(low, high))])
            return "".join(self.text(body) for _ in range(count if count < 300 else low + 8))
        if name == "SUBPATTERN":
            return self.text(value[-1])
        if name == "BRANCH":
            return self.text(self.rng.choice(value[1]))
        if name in ("AT", "ASSERT_NOT"):
            return ""
        raise ValueError(name)

    def among(self, items):
        if str(items[0][0]) == "NEGATE":
            return self.rng.choice("aZ0 -\u00e9\n")
        op, value = self.rng.choice(items)
        name = str(op)
        if name == "LITERAL":
            return chr(value)
        if name == "RANGE":
            return chr(self.rng.choice([value[0], value[1], self.rng.randint(*value)]))
        return {
            "CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "x", "CATEGORY_WORD": "w",
        }[str(value)]


def mutate(rng, text):
    at = rng.randint(0, len(text))
    special = rng.choice(SPECIAL)
    return rng.choice([
        text[:at] + text[at + 1:], text[:at] + special + text[at:], text[:at] + special + text[at + 1:], text + special,
        special + text, text[:at], text[at:], text[:at] + text[at:][:1] * 2 + text[at + 1:],
    ])


def texts(pattern):
    rng = random.Random(pattern)
    # Python has no categories; a few of their characters stand for them.
    known = re.sub(r"\\p\{[LZN]\}", "a-z\u00e9\u00fc\u0e01\u4e2d\u0660\u2167\u00a0\u2028\U00020000", pattern)
    nodes = sre_parse.parse(known.replace("\\uFFFF", "\uffff").replace("\\u0001", "\x01"))
    sampler = Sampler(rng)
    found = list(FIXED)
    for _ in range(24):
        text = sampler.text(nodes)
        found += [text, mutate(rng, text), mutate(rng, mutate(rng, text))]
    kept = []
    for text in found:
        text = "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF)
        if len(text) <= 400 and text not in kept:
            kept.append(text)
    return kept


def judge(cases):
    encode = lambda text: base64.b64encode(text.encode()).decode()
    lines = "".join(f"{encode(pattern)},{encode(text)}\n" for pattern, text in cases)
    run = subprocess.run(["java", str(HERE / "Judge.java")], input=lines, capture_output=True, text=True, check=True)
    return [line == "true" for line in run.stdout.split()]


def main(package):
    for service, model in MODELS.items():
        path = pathlib.Path(package) / "data" / model / "service-2.json.gz"
        shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
        patterns = sorted({shape["pattern"] for shape in shapes.values() if "pattern" in shape})
        cases = [(pattern, text) for pattern in patterns for text in texts(pattern)]
        verdicts = judge(cases)
        grouped = {}
        for (pattern, text), matches in zip(cases, verdicts, strict=True):
            grouped.setdefault(pattern, {"matches": [], "differs": []})["matches" if matches else "differs"].append(text)
        lines = ",\n".join(f"{json.dumps(pattern)}: {json.dumps(group)}" for pattern, group in grouped.items())
        (HERE / f"{service}.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
