//! The models' regular expressions, compiled to trees of a few kinds of node.
//!
//! A match is always of the whole text, as the services' Java front end does it (`Matcher.matches`). The matcher walks the
//! nodes once and carries the set of all places that a match can have reached, as ranges; so no text, however
//! hostile, makes it go back, and the work grows with the length of the text alone.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use crate::unicode::is_letter_number_or_space;

/// A regular expression of a model.
pub struct Pattern {
    /// As the model writes it, and as messages quote it.
    pub(crate) source: &'static str,
    pub(crate) nodes: &'static [Node],
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}

/// A part of a pattern. Bounds count characters; an upper bound of 0 is none.
pub(crate) enum Node {
    Text(&'static str),
    Run(&'static Class, u16, u16),
    OneOf(&'static [&'static [Self]]),
    Repeat(&'static [Self], u16, u16),
    NotAhead(&'static [Self]),
    NotBehind(&'static Class),
    Start,
    End,
}

/// A class of characters: a bit for each ASCII character, and a rule for the others.
pub(crate) struct Class {
    ascii: u128,
    rest: Rest,
}

/// Which characters beyond ASCII a class has.
pub(crate) enum Rest {
    None,
    All,
    /// All but the line terminators of Java.
    NoLineEnds,
    /// Those of the basic plane.
    Bmp,
    /// The categories L, N and Z.
    LettersNumbersSpaces,
}

impl Class {
    pub(crate) const fn new(ascii: u128, rest: Rest) -> Self {
        Self { ascii, rest }
    }

    /// The length in bytes of the character of the class that starts at `at`; none if there is none.
    fn take(&self, text: &str, at: usize) -> Option<usize> {
        let byte = *text.as_bytes().get(at)?;
        if byte.is_ascii() {
            return (self.ascii >> byte & 1 == 1).then_some(1);
        }
        let next = text.get(at..)?.chars().next()?;
        let fits = match self.rest {
            Rest::None => false,
            Rest::All => true,
            Rest::NoLineEnds => !matches!(next, '\u{85}' | '\u{2028}' | '\u{2029}'),
            Rest::Bmp => next <= '\u{FFFF}',
            Rest::LettersNumbersSpaces => is_letter_number_or_space(next),
        };
        fits.then(|| next.len_utf8())
    }

    /// The end of the longest run of characters of the class from `at`; those that start at `limit` or after it are
    /// not looked at.
    fn run(&self, text: &str, mut at: usize, limit: usize) -> usize {
        while at < limit
            && let Some(length) = self.take(text, at)
        {
            at += length;
        }
        at
    }
}

impl Pattern {
    /// The expression, as the model writes it.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        // Most patterns are one run.
        if let [Node::Run(class, min, 0)] = self.nodes {
            return text.len() >= usize::from(*min) && class.run(text, 0, text.len()) == text.len();
        }
        after(self.nodes, text, Places::only(0)).contains(text.len())
    }
}

/// Places in a text, as ranges of byte offsets with both ends; ascending, neither overlapping nor touching.
#[derive(Default)]
struct Places(Vec<(usize, usize)>);

impl Places {
    fn only(place: usize) -> Self {
        Self([(place, place)].into())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn contains(&self, place: usize) -> bool {
        let index = self.0.partition_point(|&(_, end)| end < place);
        self.0.get(index).is_some_and(|&(start, _)| start <= place)
    }

    /// Adds a range. Cheap when ranges come in ascending order.
    fn add(&mut self, start: usize, end: usize) {
        match self.0.last_mut() {
            None => self.0.push((start, end)),
            Some(&mut (_, last)) if start > last + 1 => self.0.push((start, end)),
            Some((first, last)) if start >= *first => *last = end.max(*last),
            Some(_) => {
                let from = self.0.partition_point(|&(_, known)| known + 1 < start);
                let to = self.0.partition_point(|&(known, _)| known <= end + 1);
                if from == to {
                    self.0.insert(from, (start, end));
                } else {
                    let merged = (start.min(self.0[from].0), end.max(self.0[to - 1].1));
                    self.0.splice(from..to, [merged]);
                }
            }
        }
    }

    fn add_all(&mut self, other: &Self) {
        for &(start, end) in &other.0 {
            self.add(start, end);
        }
    }

    /// What is here and not in `other`.
    fn without(&self, other: &Self) -> Self {
        let mut left = Self::default();
        for &(mut start, end) in &self.0 {
            let mut index = other.0.partition_point(|&(_, known)| known < start);
            while start <= end {
                match other.0.get(index) {
                    Some(&(from, to)) if from <= end => {
                        if start < from {
                            left.add(start, from - 1);
                        }
                        start = to + 1;
                        index += 1;
                    }
                    _ => {
                        left.add(start, end);
                        break;
                    }
                }
            }
        }
        left
    }

    fn retain(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut kept = Self::default();
        for &(start, end) in &self.0 {
            (start..=end).filter(|&place| keep(place)).for_each(|place| kept.add(place, place));
        }
        kept
    }
}

/// Where matches of all `nodes` can end that start at one of `places`.
fn after(nodes: &[Node], text: &str, mut places: Places) -> Places {
    for node in nodes {
        if places.is_empty() {
            break;
        }
        places = match node {
            Node::Text(literal) => after_literal(literal, text, &places),
            Node::Run(class, min, max) => after_run(class, *min, *max, text, &places),
            Node::OneOf(branches) => {
                let mut all = Places::default();
                for branch in *branches {
                    all.add_all(&after(branch, text, Places(places.0.clone())));
                }
                all
            }
            Node::Repeat(body, min, max) => after_repeat(body, *min, *max, text, places),
            Node::NotAhead(body) => places.retain(|place| after(body, text, Places::only(place)).is_empty()),
            Node::NotBehind(class) => {
                places.retain(|place| place == 0 || class.take(text, place - 1).is_none())
            }
            Node::Start => places.retain(|place| place == 0),
            Node::End => places.retain(|place| place == text.len()),
        };
    }
    places
}

fn after_literal(literal: &str, text: &str, places: &Places) -> Places {
    let mut found = Places::default();
    for &(start, end) in &places.0 {
        for place in start..=end {
            if text.as_bytes()[place..].starts_with(literal.as_bytes()) {
                found.add(place + literal.len(), place + literal.len());
            }
        }
    }
    found
}

fn after_run(class: &Class, min: u16, max: u16, text: &str, places: &Places) -> Places {
    let (min, max) = (usize::from(min), if max == 0 { usize::MAX } else { usize::from(max) });
    let mut found = Places::default();
    // The end of the last run; a place before it lies inside that run.
    let mut run_end = 0;
    for &(start, end) in &places.0 {
        let mut place = start;
        while place <= end {
            let Some(first) = class.take(text, place) else {
                if min == 0 {
                    found.add(place, place);
                }
                place += 1;
                continue;
            };
            // No further than a bounded run can reach, or a repetition of it would see the whole text each time.
            if place >= run_end || max != usize::MAX {
                run_end = class.run(text, place, end.saturating_add(max));
            }
            // All starts inside the run together: each one further reaches one further. Only classes of ASCII have
            // a bound above 1, so that counting bytes is counting characters.
            let last = end.min(run_end);
            let from = if min == 1 { place + first } else { place + min };
            if from <= run_end {
                found.add(from, run_end.min(last.saturating_add(max)));
            }
            place = last + 1;
        }
    }
    found
}

fn after_repeat(body: &[Node], min: u16, max: u16, text: &str, mut places: Places) -> Places {
    for _ in 0..min {
        places = after(body, text, places);
    }
    let mut all = Places(places.0.clone());
    let mut rounds = max.saturating_sub(min);
    while !places.is_empty() && (max == 0 || rounds > 0) {
        places = after(body, text, places).without(&all);
        all.add_all(&places);
        rounds = rounds.saturating_sub(1);
    }
    all
}
