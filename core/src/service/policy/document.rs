//! A policy document: read from JSON, and asked who may do what.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use borsh::io::{Read, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use crate::arn::AccountId;
use crate::error::Error;
use crate::snapshot::contradiction;

/// A policy: its text, and what the text comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    text: String,
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    denies: bool,
    principals: Vec<Principal>,
    /// `kinesis:PutRecord`, `kinesis:Get*`, `*`.
    actions: Vec<String>,
    /// ARNs, with `*` and `?`.
    resources: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Principal {
    Anyone,
    Account(AccountId),
}

impl Policy {
    /// Reads a policy, and refuses what cannot be evaluated.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let document: Document = serde_json::from_str(text).map_err(|error| invalid(&error.to_string()))?;
        let known = ["2012-10-17", "2008-10-17"];
        if document.version.as_deref().is_some_and(|version| !known.contains(&version)) {
            return Err(invalid("Version must be 2012-10-17 or 2008-10-17."));
        }
        if document.statement.0.is_empty() {
            return Err(invalid("there must be at least one Statement."));
        }
        let statements = document.statement.0.into_iter().map(Statement::read).collect::<Result<_, _>>()?;
        Ok(Self { text: text.into(), statements })
    }

    /// Refuses a policy about what nobody can do; `operation` gives the names of what can be done, by number.
    pub(super) fn check_actions(&self, operation: fn(usize) -> Option<&'static str>) -> Result<(), Error> {
        let is_known = |action: &str| (0..).map_while(operation).any(|operation| names(action, operation));
        let mut actions = self.statements.iter().flat_map(|statement| &statement.actions);
        match actions.find(|action| !is_known(action)) {
            Some(action) => {
                Err(invalid(&format!("the Action {action} is no action of Kinesis Data Streams.")))
            }
            None => Ok(()),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a statement that denies, or one that allows, is about this caller, operation and resource.
    pub(crate) fn matches(&self, denies: bool, caller: AccountId, operation: &str, resource: &str) -> bool {
        self.statements.iter().any(|statement| {
            statement.denies == denies
                && statement.principals.iter().any(|principal| match principal {
                    Principal::Anyone => true,
                    Principal::Account(account) => *account == caller,
                })
                && statement.actions.iter().any(|action| names(action, operation))
                && statement.resources.iter().any(|pattern| fits(pattern, resource))
        })
    }
}

/// As its text: what that comes to is worked out anew.
impl BorshSerialize for Policy {
    fn serialize<W: Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.text.serialize(writer)
    }
}

impl BorshDeserialize for Policy {
    fn deserialize_reader<R: Read>(reader: &mut R) -> borsh::io::Result<Self> {
        Self::parse(&String::deserialize_reader(reader)?)
            .map_err(|_| contradiction("a policy cannot be read"))
    }
}

impl Statement {
    fn read(read: StatementDocument) -> Result<Self, Error> {
        let unsupported = [
            ("Condition", read.condition),
            ("NotPrincipal", read.not_principal),
            ("NotAction", read.not_action),
            ("NotResource", read.not_resource),
        ];
        if let Some((member, _)) = unsupported.iter().find(|(_, given)| given.is_some()) {
            return Err(invalid(&format!("{member} is not supported; leave it out.")));
        }
        let denies = match read.effect.as_deref() {
            Some("Allow") => false,
            Some("Deny") => true,
            _ => return Err(invalid("Effect must be Allow or Deny.")),
        };
        let list = |name: &str, texts: Option<Texts>| {
            let texts = texts.map(|texts| texts.0).filter(|texts| !texts.is_empty());
            texts.ok_or_else(|| invalid(&format!("a Statement must have a {name}.")))
        };
        let principals = list("Principal", read.principal.map(|principal| OneOrMany(principal.0)))?;
        let statement = Self {
            denies,
            principals: principals.iter().map(|text| Principal::read(text)).collect::<Result<_, _>>()?,
            actions: list("Action", read.action)?,
            resources: list("Resource", read.resource)?,
        };
        for resource in &statement.resources {
            if resource != "*" && !resource.starts_with("arn:") {
                return Err(invalid(&format!("the Resource {resource} is no ARN.")));
            }
            if resource.contains("${") {
                return Err(invalid(&format!(
                    "the Resource {resource} has a variable; there are none here."
                )));
            }
        }
        Ok(statement)
    }
}

impl Principal {
    /// Reads `*`, an account, or the ARN of an account or of someone in it: callers are known by account alone.
    fn read(text: &str) -> Result<Self, Error> {
        if text == "*" {
            return Ok(Self::Anyone);
        }
        let account = AccountId::parse(text).or_else(|| {
            let rest = text.strip_prefix("arn:aws")?;
            let (_, rest) = rest.split_once(':')?;
            let rest = rest.strip_prefix("iam::").or_else(|| rest.strip_prefix("sts::"))?;
            let (account, who) = rest.split_once(':')?;
            let kinds = ["user/", "role/", "assumed-role/", "federated-user/"];
            let is_someone = who == "root" || kinds.iter().any(|kind| who.starts_with(kind));
            AccountId::parse(account).filter(|_| is_someone && !who.contains('*'))
        });
        account.map(Self::Account).ok_or_else(|| {
            invalid(&format!(
                "the Principal {text} is neither *, nor an account, nor the ARN of an account, a user or a role."
            ))
        })
    }
}

/// Whether an action names an operation. Capitals make no difference.
fn names(action: &str, operation: &str) -> bool {
    let action = action.to_ascii_lowercase();
    action == "*"
        || action.strip_prefix("kinesis:").is_some_and(|name| fits(name, &operation.to_ascii_lowercase()))
}

/// Whether `text` is what `pattern` says, in which `*` stands for any text and `?` for any one character.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut place) = (0, 0);
    // Where to go on if what follows the last `*` does not fit: one character more for it.
    let mut last_star = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                last_star = Some((at, place));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[place] => {
                at += 1;
                place += 1;
            }
            _ => match &mut last_star {
                Some((star, taken)) => {
                    *taken += 1;
                    (at, place) = (*star + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

fn invalid(reason: &str) -> Error {
    Error::invalid_argument(format!("Invalid resource policy: {reason}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Document {
    version: Option<String>,
    #[serde(rename = "Id")]
    _id: Option<String>,
    statement: OneOrMany<StatementDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct StatementDocument {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    effect: Option<String>,
    principal: Option<Principals>,
    action: Option<Texts>,
    resource: Option<Texts>,
    condition: Option<IgnoredAny>,
    not_principal: Option<IgnoredAny>,
    not_action: Option<IgnoredAny>,
    not_resource: Option<IgnoredAny>,
}

type Texts = OneOrMany<String>;

/// A value, or a list of such values.
struct OneOrMany<T>(Vec<T>);

/// `"*"`, or the texts of `{"AWS": …}`.
struct Principals(Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrincipalMap {
    #[serde(rename = "AWS")]
    aws: Texts,
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        T::deserialize(text.into_deserializer()).map(|value| OneOrMany(alloc::vec![value]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| OneOrMany(alloc::vec![value]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(OneOrMany(values))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct PrincipalsVisitor;

impl<'de> Visitor<'de> for PrincipalsVisitor {
    type Value = Principals;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"a Principal that is "*" or an object with the member AWS"#)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text == "*" {
            return Ok(Principals(alloc::vec![text.into()]));
        }
        Err(E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        PrincipalMap::deserialize(MapAccessDeserializer::new(map)).map(|map| Principals(map.aws.0))
    }
}

impl<'de> Deserialize<'de> for Principals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PrincipalsVisitor)
    }
}
