//! Compiles the models' regular expressions into the node trees of `core/src/wire/pattern.rs`.

use core::fmt::Write;

use anyhow::{Context, Result, bail, ensure};

/// What a class says of characters outside ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    None,
    All,
    NoLineEnds,
    Bmp,
    LettersNumbersSpaces,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Class {
    ascii: u128,
    rest: Rest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Run(Class, u16, u16),
    OneOf(Vec<Vec<Self>>),
    Repeat(Vec<Self>, u16, u16),
    NotAhead(Vec<Self>),
    NotBehind(Class),
    Start,
    End,
}

/// The Rust text of the nodes of `source`.
pub(super) fn compile(source: &str) -> Result<String> {
    let chars: Vec<char> = source.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0 };
    let nodes = parser.alternatives().with_context(|| format!("in the pattern {source}"))?;
    ensure!(parser.at == chars.len(), "unbalanced pattern {source}");
    let mut out = String::new();
    write_nodes(&nodes, &mut out);
    Ok(out)
}

struct Parser<'a> {
    chars: &'a [char],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Result<char> {
        let next = self.peek().context("the pattern ends early")?;
        self.at += 1;
        Ok(next)
    }

    fn eat(&mut self, text: &str) -> bool {
        let fits = text.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c));
        if fits {
            self.at += text.chars().count();
        }
        fits
    }

    fn alternatives(&mut self) -> Result<Vec<Node>> {
        let mut branches = vec![self.sequence()?];
        while self.eat("|") {
            branches.push(self.sequence()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { vec![Node::OneOf(branches)] })
    }

    fn sequence(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            self.item(&mut nodes)?;
        }
        Ok(nodes)
    }

    fn item(&mut self, nodes: &mut Vec<Node>) -> Result<()> {
        if self.eat("^") {
            nodes.push(Node::Start);
        } else if self.eat("$") {
            nodes.push(Node::End);
        } else if self.eat("(?!") {
            nodes.push(Node::NotAhead(self.group_end()?));
        } else if self.eat("(?<!") {
            let [Node::Text(text)] = &self.group_end()?[..] else {
                bail!("only one character can be looked behind")
            };
            nodes.push(Node::NotBehind(single(text)?));
        } else if self.eat("(?:") || self.eat("(") {
            let body = self.group_end()?;
            match self.quantifier()? {
                None => nodes.extend(body),
                Some((min, max)) => nodes.push(Node::Repeat(body, min, max)),
            }
        } else {
            let class = self.class()?;
            match (self.quantifier()?, only_char(&class)) {
                (Some((min, max)), _) => {
                    ensure!(
                        class.rest == Rest::None || (min <= 1 && max == 0),
                        "a class beyond ASCII can only be repeated without bound"
                    );
                    nodes.push(Node::Run(class, min, max));
                }
                (None, Some(one)) => match nodes.last_mut() {
                    Some(Node::Text(text)) => text.push(one),
                    _ => nodes.push(Node::Text(one.to_string())),
                },
                (None, None) => nodes.push(Node::Run(class, 1, 1)),
            }
        }
        Ok(())
    }

    fn group_end(&mut self) -> Result<Vec<Node>> {
        let body = self.alternatives()?;
        ensure!(self.eat(")"), "a group does not end");
        Ok(body)
    }

    /// The bounds of a repetition; 0 as the upper one says that there is none.
    fn quantifier(&mut self) -> Result<Option<(u16, u16)>> {
        let bounds = match self.peek() {
            Some('*') => (0, 0),
            Some('+') => (1, 0),
            Some('?') => (0, 1),
            Some('{') => return self.counts().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        // Lazy or greedy, the same texts match as a whole.
        self.eat("?");
        Ok(Some(bounds))
    }

    fn counts(&mut self) -> Result<(u16, u16)> {
        self.at += 1;
        let mut text = String::new();
        while !self.eat("}") {
            text.push(self.next()?);
        }
        let bounds = match text.split_once(',') {
            None => (text.parse()?, text.parse()?),
            Some((min, "")) => (min.parse()?, 0),
            Some((min, max)) => (min.parse()?, max.parse()?),
        };
        Ok(bounds)
    }

    fn class(&mut self) -> Result<Class> {
        match self.next()? {
            '.' => Ok(Class { ascii: !(bit('\n') | bit('\r')), rest: Rest::NoLineEnds }),
            '\\' => self.escape(),
            '[' => self.bracket(),
            other => Ok(Class { ascii: bit(other), rest: Rest::None }),
        }
    }

    fn escape(&mut self) -> Result<Class> {
        let space =
            [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'].into_iter().map(bit).fold(0, |all, one| all | one);
        let class = match self.next()? {
            'd' => Class { ascii: range('0', '9'), rest: Rest::None },
            'w' => Class {
                ascii: range('0', '9') | range('a', 'z') | range('A', 'Z') | bit('_'),
                rest: Rest::None,
            },
            's' => Class { ascii: space, rest: Rest::None },
            'S' => Class { ascii: !space, rest: Rest::All },
            'p' => {
                ensure!(
                    self.eat("{L}") || self.eat("{Z}") || self.eat("{N}"),
                    "only \\p{{L}}, \\p{{Z}} and \\p{{N}} are known"
                );
                Class {
                    ascii: range('0', '9') | range('a', 'z') | range('A', 'Z') | bit(' '),
                    rest: Rest::LettersNumbersSpaces,
                }
            }
            'u' => Class { ascii: bit(self.unicode()?), rest: Rest::None },
            other if !other.is_ascii_alphanumeric() => Class { ascii: bit(other), rest: Rest::None },
            other => bail!("\\{other} is not known"),
        };
        Ok(class)
    }

    fn unicode(&mut self) -> Result<char> {
        let digits: String = (0..4).map(|_| self.next()).collect::<Result<_>>()?;
        char::from_u32(u32::from_str_radix(&digits, 16)?).context("no such character")
    }

    fn bracket(&mut self) -> Result<Class> {
        let negated = self.eat("^");
        let start = self.at;
        let mut class = Class { ascii: 0, rest: Rest::None };
        if self.eat("\\u0001-\\uFFFF") {
            class = Class { ascii: !1, rest: Rest::Bmp };
        }
        let categories = ["\\p{L}", "\\p{Z}", "\\p{N}"];
        let rest: String = self.chars[start..].iter().take_while(|&&c| c != ']').collect();
        if rest.contains("\\p{") {
            ensure!(
                categories.iter().all(|name| rest.contains(name)),
                "the categories L, Z and N go together"
            );
        }
        while !self.eat("]") {
            let first = if self.eat("\\") {
                self.escape()?
            } else {
                Class { ascii: bit(self.next()?), rest: Rest::None }
            };
            match only_char(&first) {
                Some(from) if self.peek() == Some('-') && self.chars.get(self.at + 1) != Some(&']') => {
                    self.at += 1;
                    class.ascii |= range(from, self.next()?);
                }
                _ => {
                    class.ascii |= first.ascii;
                    if first.rest != Rest::None {
                        class.rest = first.rest;
                    }
                }
            }
        }
        if negated {
            ensure!(class.rest == Rest::None, "a negated class beyond ASCII is not known");
            class = Class { ascii: !class.ascii, rest: Rest::All };
        }
        Ok(class)
    }
}

fn bit(c: char) -> u128 {
    assert!(c.is_ascii(), "{c} in a pattern is not ASCII");
    1 << (c as u32)
}

fn range(from: char, to: char) -> u128 {
    (from..=to).map(bit).fold(0, |all, one| all | one)
}

fn single(text: &str) -> Result<Class> {
    let mut chars = text.chars();
    let (Some(one), None) = (chars.next(), chars.next()) else { bail!("{text} is not one character") };
    Ok(Class { ascii: bit(one), rest: Rest::None })
}

fn only_char(class: &Class) -> Option<char> {
    let one = class.rest == Rest::None && class.ascii.count_ones() == 1;
    one.then(|| char::from(class.ascii.trailing_zeros() as u8))
}

fn write_nodes(nodes: &[Node], out: &mut String) {
    out.push_str("&[");
    for node in nodes {
        match node {
            Node::Text(text) => write!(out, "Node::Text({text:?})"),
            Node::Run(class, min, max) => write!(out, "Node::Run({}, {min}, {max})", class_text(class)),
            Node::OneOf(branches) => {
                out.push_str("Node::OneOf(&[");
                for branch in branches {
                    write_nodes(branch, out);
                    out.push(',');
                }
                write!(out, "])")
            }
            Node::Repeat(body, min, max) => {
                out.push_str("Node::Repeat(");
                write_nodes(body, out);
                write!(out, ", {min}, {max})")
            }
            Node::NotAhead(body) => {
                out.push_str("Node::NotAhead(");
                write_nodes(body, out);
                write!(out, ")")
            }
            Node::NotBehind(class) => write!(out, "Node::NotBehind({})", class_text(class)),
            Node::Start => write!(out, "Node::Start"),
            Node::End => write!(out, "Node::End"),
        }
        .expect("a String takes all text");
        out.push(',');
    }
    out.push(']');
}

fn class_text(class: &Class) -> String {
    let [hi, lo] = [(class.ascii >> 64) as u64, class.ascii as u64];
    format!(
        "&Class::new(0x{:08x}_{:08x}_{:08x}_{:08x}, Rest::{:?})",
        hi >> 32,
        hi & 0xffff_ffff,
        lo >> 32,
        lo & 0xffff_ffff,
        class.rest
    )
}
