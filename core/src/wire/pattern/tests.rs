use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::time::Instant;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::wire::model::{Service, Shape};

/// Judged by Java; made by `tests/vectors/patterns/make.py`.
const VECTORS: [(Service, &str); 2] = [
    (Service::Kinesis, include_str!("../../../../tests/vectors/patterns/kinesis.json")),
    (Service::Firehose, include_str!("../../../../tests/vectors/patterns/firehose.json")),
];

#[derive(Deserialize)]
struct Verdicts {
    matches: Vec<String>,
    differs: Vec<String>,
}

fn patterns(service: Service) -> BTreeMap<&'static str, &'static Pattern> {
    let shapes = service.model().shapes.iter();
    let patterns = shapes.filter_map(|shape| {
        let Shape::Text { pattern: Some(pattern), .. } = shape else { return None };
        Some((pattern.source(), *pattern))
    });
    patterns.collect()
}

#[test]
fn every_pattern_judges_as_java_does() {
    let mut wrong = Vec::new();
    for (service, vectors) in VECTORS {
        let vectors: BTreeMap<String, Verdicts> = serde_json::from_str(vectors).unwrap();
        for (source, pattern) in patterns(service) {
            let verdicts = vectors.get(source).unwrap_or_else(|| panic!("no vectors for {source}"));
            let matches = verdicts.matches.iter().map(|text| (text, true));
            for (text, verdict) in matches.chain(verdicts.differs.iter().map(|text| (text, false))) {
                if pattern.matches(text) != verdict {
                    wrong.push(format!("{source} of {text:?}: Java says {verdict}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test asks how long the matcher takes")]
fn no_text_takes_more_than_its_length() {
    // A matcher that goes back would not return in years.
    let pieces = [
        "arn:aws:kinesis::123456789012:stream/",
        ":kinesis:",
        "a.",
        "AAAA",
        "a-",
        ":",
        "1",
        " ",
        "/a",
        "arn:",
        "jdbc:redshift://a",
        "a.vpce.a.vpce-svc-",
    ];
    let started = Instant::now();
    for service in [Service::Kinesis, Service::Firehose] {
        for pattern in patterns(service).values() {
            for piece in pieces {
                let text = piece.repeat((1 << 16) / piece.len());
                for prefix in ["", "arn:aws", "arn:aws:kinesis:", "jdbc:redshift://"] {
                    let _ = pattern.matches(&format!("{prefix}{text}\u{1}"));
                }
            }
        }
    }
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn places_are_sets(ranges in prop::collection::vec((0_usize..60, 0_usize..9), 0..12),
                       others in prop::collection::vec((0_usize..60, 0_usize..9), 0..12)) {
        let make = |ranges: &[(usize, usize)]| {
            let (mut places, mut plain) = (Places::default(), [false; 80]);
            for &(start, length) in ranges {
                places.add(start, start + length);
                plain[start..=start + length].fill(true);
            }
            (places, plain)
        };
        let ((a, plain_a), (b, plain_b)) = (make(&ranges), make(&others));
        let left = a.without(&b);
        for place in 0..80 {
            prop_assert_eq!(a.contains(place), plain_a[place]);
            prop_assert_eq!(left.contains(place), plain_a[place] && !plain_b[place]);
        }
        prop_assert!(a.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
    }

    #[test]
    fn no_text_panics(text: String) {
        for service in [Service::Kinesis, Service::Firehose] {
            for pattern in patterns(service).values() {
                let _ = pattern.matches(&text);
            }
        }
    }
}
