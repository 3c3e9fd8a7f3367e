//! How figures are told: tables of what was measured, with the goals beside it.

/// A line of a table: what was measured, what it is compared with, and whether a goal is met.
pub(crate) fn row(what: &str, figure: &str, beside: &str, goal: &str, met: Option<bool>) {
    let verdict = match met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    };
    println!("{}", format!("{what:48} {figure:>16} {beside:>26}  {goal:10} {verdict}").trim_end());
}

/// Three digits or so, and a prefix.
pub(crate) fn short(number: f64) -> String {
    let (number, prefix) = match number {
        1e6.. => (number / 1e6, "M"),
        1e3.. => (number / 1e3, "k"),
        _ => (number, ""),
    };
    let decimals = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
    format!("{number:.decimals$} {prefix}")
}

/// A time in its unit.
pub(crate) fn time(nanos: f64) -> String {
    match nanos {
        1e9.. => format!("{:.2} s", nanos / 1e9),
        1e6.. => format!("{:.2} ms", nanos / 1e6),
        1e3.. => format!("{:.1} µs", nanos / 1e3),
        _ => format!("{nanos:.0} ns"),
    }
}
