// Expectations of scenarios, as tests/README.md describes them: plain values, and matchers that stand for values.
// Nothing here needs Node.js: the browser runs it, too.

/** `value` as it is sent: references and repetitions replaced by what they stand for. */
export function expand(value, bindings) {
  if (Array.isArray(value)) return value.map((item) => expand(item, bindings));
  if (!isObject(value)) return value;
  const [kind, argument] = matcher(value);
  if (kind === "$ref") return bound(argument, bindings);
  if (kind === "$repeat") {
    const of = expand(argument.of, bindings);
    return typeof of === "string" ? of.repeat(argument.times) : Array(argument.times).fill(of);
  }
  if (kind !== undefined) throw new Error(`${kind} cannot stand in a request`);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, expand(member, bindings)]));
}

/** Compares `actual` with `expected`, binds what is to be bound, and gives what differs. */
export function compare(expected, actual, bindings, path = "answer") {
  if (isObject(expected)) {
    const [kind, argument] = matcher(expected);
    if (kind !== undefined) return check(kind, argument, actual, bindings).map((problem) => `${path}: ${problem}`);
    if (isObject(actual)) {
      return Object.keys(expected).flatMap((name) =>
        compare(expected[name], actual[name], bindings, `${path}.${name}`),
      );
    }
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length === actual.length) {
      return expected.flatMap((item, i) => compare(item, actual[i], bindings, `${path}[${i}]`));
    }
    return [`${path}: ${expected.length} items expected, found ${actual.length}: ${show(actual)}`];
  }
  return Object.is(expected, actual) ? [] : [`${path}: expected ${show(expected)}, found ${show(actual)}`];
}

function check(kind, argument, actual, bindings) {
  if (kind === "$absent") return actual === undefined ? [] : [`nothing expected, found ${show(actual)}`];
  if (actual === undefined) return [`${kind} ${show(argument)} expected, nothing is there`];
  const problem = () => [`${kind} ${show(argument)} expected, found ${show(actual)}`];
  switch (kind) {
    case "$bind":
      bindings.set(argument, actual);
      return [];
    case "$ref":
      return compare(bound(argument, bindings), actual, bindings, "reference");
    case "$any":
      return kindOf(actual) === argument ? [] : problem();
    case "$regex":
      return new RegExp(`^(?:${argument})$`, "u").test(actual) ? [] : problem();
    case "$greater": {
      const than = bound(argument.$ref, bindings);
      return /^\d+$/.test(actual) && BigInt(actual) > BigInt(than) ? [] : problem();
    }
    case "$repeat":
      return compare(expand({ $repeat: argument }, bindings), actual, bindings, "repetition");
    default:
      throw new Error(`${kind} is no matcher`);
  }
}

/** Kind and argument, if an object is a matcher. */
function matcher(object) {
  const [name, ...others] = Object.keys(object);
  return name?.startsWith("$") && others.length === 0 ? [name, object[name]] : [undefined, undefined];
}

function bound(name, bindings) {
  if (!bindings.has(name)) throw new Error(`nothing is bound to ${name}`);
  return bindings.get(name);
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function kindOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function show(value) {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
