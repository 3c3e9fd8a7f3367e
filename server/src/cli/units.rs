//! Amounts as people write them.

use core::time::Duration;

/// Reads a number of bytes: `1073741824`, `512KiB`, `1.5GiB`, `2GB`, `64M`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => {
            return Err(format!(
                "{unit:?} is no unit of bytes: write B, KiB, MiB, GiB, TiB, KB, MB, GB or TB"
            ));
        }
    };
    let value = parse(number, text)? * factor as f64;
    if value >= u64::MAX as f64 {
        return Err(format!("{text:?} is too much"));
    }
    Ok(value as u64)
}

/// Reads a duration, as kinesis-mock takes them too: `500ms`, `5s`, `1.5 minutes`, `2 hours`, `1d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let millis = match unit.to_ascii_lowercase().as_str() {
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        _ => return Err(format!("{text:?} needs a unit: ms, s, m, h or d")),
    };
    Duration::try_from_secs_f64(parse(number, text)? * millis / 1_000.0)
        .map_err(|_| format!("{text:?} is too long"))
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

fn parse(number: &str, text: &str) -> Result<f64, String> {
    number.parse().map_err(|_| format!("{text:?} does not begin with a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_bytes_in_both_kinds_of_units() {
        for (text, expected) in [
            ("0", 0),
            ("4096", 4096),
            ("512KiB", 512 << 10),
            ("1.5 GiB", 3 << 29),
            ("64m", 64 << 20),
            ("2GB", 2_000_000_000),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "GiB", "-1", "1.2.3", "5 apples", "99999999999TiB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_durations_with_their_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("5s", 5_000),
            ("1 second", 1_000),
            ("1.5 minutes", 90_000),
            ("0s", 0),
            ("1d", 86_400_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["5", "s", "", "-5s", "5 weeks", "inf s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
