"""Real clients against one port, without flags: the AWS SDKs for JavaScript, Python, Go and Java, and the AWS CLI.

    python tests/server/clients.py --server target/debug/shardbrook js-http2 boto3 …

Each client runs the scenarios of `tests/vectors/scenario` that need nothing but calls, each in an account of its own. The
drivers of the other languages are programs that read a command from each line and answer with a line; see `Program`.
"""

import argparse
import base64
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import botocore.session

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "python"))

import sdk  # noqa: E402
from matcher import Mismatch, Unsendable, check_answer, compare, expand, load, take_events  # noqa: E402

START = 1_700_000_000_000
"""When almost all scenarios start; the server's clock stands there."""

ESSENTIAL = {
    "CreateStream", "DescribeStreamSummary", "ListShards", "PutRecord", "PutRecords", "GetShardIterator", "GetRecords",
    "SplitShard", "MergeShards", "UpdateShardCount", "RegisterStreamConsumer", "AddTagsToStream", "ListTagsForStream",
    "DeleteStream",
}  # fmt: skip
"""What each client must have shown."""

CLI_SCENARIOS = [
    "add-tags-to-stream/adds-and-overwrites",
    "describe-stream/summary",
    "delete-stream/name-too-long",
    "merge-shards/unknown-stream",
    "list-shards/all",
    "put-record/by-arn",
    "register-stream-consumer/registered-again",
    "split-shard/by-arn",
    "split-shard/key-of-another-shard",
    "update-shard-count/from-2-to-4",
]
"""The AWS CLI starts anew for each call, so it runs a chosen few."""

OLD_GO = "Debian's version of the SDK for Go is older than this member of the answer."
SKIPS = {
    "go": {
        **dict.fromkeys(
            [
                "describe-stream/summary",
                "disable-enhanced-monitoring/all",
                "disable-enhanced-monitoring/some",
                "enable-enhanced-monitoring/all",
                "enable-enhanced-monitoring/one-after-another",
                "list-shards/invalid-token",
                "list-streams/hundred-names",
                "list-streams/sorted",
                "list-streams/token-and-start-name",
                "update-shard-count/from-10-to-13",
                "update-shard-count/from-2-to-4",
                "update-shard-count/from-4-to-2",
                "update-shard-count/from-4-to-5",
                "update-shard-count/from-5-to-3",
            ],
            OLD_GO,
        ),
    },
    "java": {"describe-stream/summary": "The jars of the SDK are older than MaxRecordSizeInKiB."},
}
SKIPS["go-tls"] = SKIPS["go"]
"""What an SDK cannot show, each with a sentence; an SDK that can after all fails the run."""

WITHOUT_STREAMS = {
    "cli": "The AWS CLI has no streams of events.",
}
"""Clients that do not subscribe, each with a sentence."""

SDKS = {"go-tls": "go", "js-http1": "js", "js-http2": "js"}
"""The SDKs that several clients are made of."""

LEFT_OUT = HERE / "left-out.json"
"""The scenarios that an SDK does not send, by SDK, each with what the SDK says. One that is sent after all, and one more
that is not, fail the run: else an answer that an SDK can't read would pass for a request that it can't send. Made by
`--update`."""


# Scenarios.


def scenarios():
    """The scenarios that need nothing but calls at one time, by name. The SDKs send what has a StreamId to a host of AWS,
    whatever endpoint they are given."""

    def is_call(place, step):
        keys = {"call", "in", "out", "error", "status", "as", "events"} | ({"at"} if place == 0 else set())
        return not set(step) - keys and step.get("at", START) == START and "StreamId" not in step.get("in", {})

    found = load("scenario")
    return {
        name: scenario
        for name, scenario in found.items()
        if "options" not in scenario and all(is_call(place, step) for place, step in enumerate(scenario["steps"]))
    }


def in_account(scenario, account):
    """The same for another account."""
    return json.loads(re.sub(r"(?<![0-9-])000000000000(?![0-9])", account, json.dumps(scenario)))


def run(scenario, client, account):
    """Runs a scenario; gives the operations that it called."""
    bound, streams, called = {}, {}, set()
    for number, step in enumerate(in_account(scenario, account)["steps"], 1):
        try:
            if "events" in step:
                compare(step["out"], client.take(streams[step["events"]], len(step["out"])), bound)
                continue
            called.add(step["call"])
            arguments = expand(step["in"], bound)
            if "as" in step:
                streams[step["as"]] = client.subscribe(step["call"], arguments, account)
            else:
                check_answer(step, *client.call(step["call"], arguments, account), bound)
        except Mismatch as mismatch:
            raise Mismatch(f"step {number} ({step.get('call', 'events')}): {mismatch}") from None
    return called


# Clients.


class Program:
    """A driver in another language. It is sent `{"call", "in", "account"}`, with `as` for a subscription, and answers
    `{"status", "body"}`, `{"unsendable"}` with the reason why its SDK sends no such request, or `{"failed"}`; or it is sent
    `{"events", "count"}` and answers `{"events"}`."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=HERE.parent.parent
        )
        self.subscriptions = 0

    def ask(self, **command):
        print(json.dumps(command), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the driver ended with {self.process.wait()}, asked {command}")
        answer = json.loads(line)
        if "unsendable" in answer:
            raise Unsendable(answer["unsendable"])
        if "failed" in answer:
            raise Mismatch(answer["failed"])
        return answer

    def call(self, call, arguments, account):
        answer = self.ask(call=call, account=account, **{"in": arguments})
        return answer["status"], answer["body"]

    def subscribe(self, call, arguments, account):
        self.subscriptions += 1
        name = str(self.subscriptions)
        answer = self.ask(call=call, account=account, **{"in": arguments, "as": name})
        if answer["status"] != 200:
            raise Mismatch(f"a streamed answer expected, found {answer}")
        return name

    def take(self, stream, count):
        return self.ask(events=stream, count=count)["events"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


class Boto3:
    """boto3, in this process."""

    def __init__(self, environment):
        os.environ |= environment
        session = botocore.session.Session()
        self.sender = sdk.Boto3(functools.partial(session.create_client, aws_secret_access_key="test"))

    def call(self, call, arguments, account):
        return self.sender.call(call, arguments, {"access_key_id": account})

    def subscribe(self, call, arguments, account):
        return self.sender.subscribe(call, arguments, {"access_key_id": account})

    def take(self, stream, count):
        return list(take_events(stream, count))

    def close(self):
        pass


class AwsCli:
    """The AWS CLI, a process for each call."""

    ERROR = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(.*?\))?: (.*)", re.DOTALL)

    def __init__(self, program, environment):
        self.program = program
        self.environment = environment

    def call(self, call, arguments, account):
        command = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", call).lower()
        environment = {**self.environment, "AWS_ACCESS_KEY_ID": account}
        given = json.dumps(as_text(arguments))
        options = ["--cli-input-json", given, "--output", "json", "--no-paginate"]
        done = subprocess.run(
            [self.program, "kinesis", command, *options], env=environment, capture_output=True, text=True, timeout=60
        )
        if done.returncode == 0:
            return 200, json.loads(done.stdout or "{}")
        error = self.ERROR.search(done.stderr)
        if error is None:
            raise Unsendable(done.stderr.strip())
        body = {"__type": error[1], **({"message": error[2].strip()} if error[2].strip() else {})}
        return 400, body

    def subscribe(self, *_):
        raise Unsendable("the AWS CLI has no streams of events")

    def close(self):
        pass


def as_text(value, name=""):
    """The AWS CLI writes base64 itself, of text."""
    if isinstance(value, dict):
        return {member: as_text(inner, member) for member, inner in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return base64.b64decode(value).decode() if name == "Data" else value


# Running.


@contextlib.contextmanager
def server(program):
    """A server on a port that is free, whose clock stands still; gives its address."""
    command = [program, "serve", "--port", "0", "--clock", "manual", "--now", str(START)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if found := re.search(r"http://[0-9.]+:[0-9]+", line):
                break
        else:
            raise RuntimeError("the server did not start")
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", help="the program shardbrook")
    parser.add_argument("--address", help="a server that is there already, in place of one that is started")
    parser.add_argument("--go", help="the driver in Go, compiled")
    parser.add_argument("--jars", help="where the jars of the SDK for Java are")
    parser.add_argument("--java", help="where the driver in Java was compiled to")
    parser.add_argument("--aws", help="the AWS CLI")
    parser.add_argument("--update", action="store_true", help="take what is left out now for what is to be left out")
    parser.add_argument("--verbose", action="store_true", help="say why scenarios are left out")
    parser.add_argument("clients", nargs="+", metavar="CLIENT", help="js-http2, js-http1, boto3, cli, go, go-tls, java")
    options = parser.parse_args()
    with contextlib.nullcontext(options.address) if options.address else server(options.server) as address:
        failures = sum(prove(name, number, options, address) for number, name in enumerate(options.clients))
    sys.exit(1 if failures else 0)


def connect(name, options, address):
    """A client by its name, for a server at this address."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
        "AWS_ENDPOINT_URL_KINESIS": address,
        "AWS_ENDPOINT_URL_FIREHOSE": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        # Whatever an SDK thinks, nothing leaves this machine.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    # Without the log, which goes to where the answers go.
    jars = [str(jar) for jar in sorted(pathlib.Path(options.jars or ".").glob("*.jar")) if "logback" not in jar.name]
    classpath = os.pathsep.join([options.java or "", *jars])
    clients = {
        "js-http2": lambda: Program(["node", str(HERE / "driver.mjs")], environment),
        "js-http1": lambda: Program(["node", str(HERE / "driver.mjs"), "http1"], environment),
        "boto3": lambda: Boto3(environment),
        "cli": lambda: AwsCli(options.aws or shutil.which("aws"), environment),
        "go": lambda: Program([options.go, address], environment),
        "go-tls": lambda: Program([options.go, address.replace("http:", "https:")], environment),
        "java": lambda: Program(["java", "-cp", classpath, "Driver", address], environment),
    }
    return clients[name]()


def prove(name, number, options, address):
    """Runs what a client can run, and says how it went; gives how many failed."""
    chosen = scenarios()
    if name == "cli":
        chosen = {scenario: chosen[scenario] for scenario in CLI_SCENARIOS}
    if name in WITHOUT_STREAMS:
        subscribes = {scenario for scenario, steps in chosen.items() if any("as" in step for step in steps["steps"])}
        chosen = {scenario: steps for scenario, steps in chosen.items() if scenario not in subscribes}
    started, skips = time.monotonic(), SKIPS.get(name, {})
    passed, unsendable, failures, called = 0, {}, [], set()
    client = connect(name, options, address)
    for place, (scenario, steps) in enumerate(chosen.items()):
        try:
            called |= run(steps, client, f"{number + 1:03}{place:09}")
            passed += 1
            if scenario in skips:
                failures.append(f"{name}: {scenario} is skipped, but it passes")
        except Unsendable as reason:
            unsendable[scenario] = str(reason)
        except Mismatch as mismatch:
            if scenario not in skips:
                failures.append(f"{name}: {scenario}, {mismatch}")
    client.close()
    known, of = json.loads(LEFT_OUT.read_text()), SDKS.get(name, name)
    if options.update:
        known[of] = dict(sorted((scenario, reason.splitlines()[0][:160]) for scenario, reason in unsendable.items()))
        LEFT_OUT.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
    for scenario in sorted(unsendable.keys() ^ known.get(of, {}).keys()):
        reason = unsendable.get(scenario)
        said = f"cannot be sent any more: {reason}" if reason else "is said not to be sent, but it is"
        failures.append(f"{name}: {scenario} {said}")
    essential = ESSENTIAL if name in WITHOUT_STREAMS else ESSENTIAL | {"SubscribeToShard"}
    if missing := sorted(essential - called):
        failures.append(f"{name}: nothing that passed called {', '.join(missing)}")
    if options.verbose:
        for scenario, reason in unsendable.items():
            print(f"{name}: left out {scenario}: {reason}")
    for failure in failures:
        print(failure)
    print(
        f"{name}: {passed} scenarios passed, {len(failures)} failed, {len(unsendable) + len(skips)} skipped, "
        f"{len(called)} operations, {time.monotonic() - started:.1f} s",
        flush=True,
    )
    return len(failures)


if __name__ == "__main__":
    main()
