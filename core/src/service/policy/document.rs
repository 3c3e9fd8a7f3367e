//! A policy document: read from JSON, and asked who may do what.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::arn::AccountId;
use crate::error::Error;
use crate::json::{FromJson, Json, Members};
use crate::quoted::Quoted;
use crate::snapshot::{Persist, Reader, Writer};

/// How long a policy may be. Kinesis Data Streams documents no bound; this is the documented one of DynamoDB's policies.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>
const MAX_POLICY_BYTES: usize = 20 * 1024;

/// A policy: its text, and what the text comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
        Self::read(text).map_err(|reason| invalid(&reason))
    }

    fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_POLICY_BYTES {
            return Err(format!("it has {} bytes, and may have {MAX_POLICY_BYTES}.", text.len()));
        }
        let (mut version, mut id): (Option<String>, Option<String>) = (None, None);
        let mut statements: Option<Json> = None;
        let mut members = Members::of(Json::parse(text)?);
        members.read("Version", &mut version);
        members.read("Id", &mut id);
        members.read("Statement", &mut statements);
        members.finish()?;
        let known = ["2012-10-17", "2008-10-17"];
        if version.is_some_and(|version| !known.contains(&&*version)) {
            return Err("Version must be 2012-10-17 or 2008-10-17.".into());
        }
        let statements = statements.map(Json::into_list).unwrap_or_default();
        if statements.is_empty() {
            return Err("there must be at least one Statement.".into());
        }
        let statements = statements.into_iter().map(Statement::read).collect::<Result<_, _>>()?;
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
                && statement.resources.iter().any(|pattern| fits(pattern, resource, |a, b| a == b))
        })
    }
}

/// As its text: what that comes to is worked out anew.
impl Persist for Policy {
    fn save(&self, to: &mut Writer<'_>) {
        self.text.save(to);
    }

    fn load(from: &mut Reader<'_>) -> Self {
        let policy = Self::parse(&String::load(from));
        from.check(policy.is_ok(), "a policy cannot be read");
        policy.unwrap_or_default()
    }
}

impl Statement {
    fn read(json: Json) -> Result<Self, String> {
        let (mut id, mut effect): (Option<String>, Option<String>) = (None, None);
        let (mut principals, mut actions, mut resources) = <(Principals, Texts, Texts)>::default();
        let mut members = Members::of(json);
        members.read("Sid", &mut id);
        members.read("Effect", &mut effect);
        members.read("Principal", &mut principals);
        members.read("Action", &mut actions);
        members.read("Resource", &mut resources);
        for name in ["Condition", "NotPrincipal", "NotAction", "NotResource"] {
            let mut unsupported: Option<Json> = None;
            members.read(name, &mut unsupported);
            if unsupported.is_some() {
                return Err(format!("{name} is not supported; leave it out."));
            }
        }
        members.finish()?;
        let denies = match effect.as_deref() {
            Some("Allow") => false,
            Some("Deny") => true,
            _ => return Err("Effect must be Allow or Deny.".into()),
        };
        let list = |name: &str, texts: Texts| {
            if texts.0.is_empty() { Err(format!("a Statement must have a {name}.")) } else { Ok(texts.0) }
        };
        let principals = list("Principal", principals.0)?;
        let statement = Self {
            denies,
            principals: principals.iter().map(|text| Principal::read(text)).collect::<Result<_, _>>()?,
            actions: list("Action", actions)?,
            resources: list("Resource", resources)?,
        };
        for resource in &statement.resources {
            if resource != "*" && !resource.starts_with("arn:") {
                return Err(format!("the Resource {resource} is no ARN."));
            }
            if resource.contains("${") {
                return Err(format!("the Resource {resource} has a variable; there are none here."));
            }
        }
        Ok(statement)
    }
}

impl Principal {
    /// Reads `*`, an account, or the ARN of an account or of someone in it: callers are known by account alone.
    fn read(text: &str) -> Result<Self, String> {
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
            format!(
                "the Principal {text} is neither *, nor an account, nor the ARN of an account, a user or a role."
            )
        })
    }
}

/// Whether an action names an operation. Capitals make no difference.
fn names(action: &str, operation: &str) -> bool {
    let name = action.split_at_checked("kinesis:".len());
    let name = name.filter(|(service, _)| service.eq_ignore_ascii_case("kinesis:"));
    action == "*" || name.is_some_and(|(_, name)| fits(name, operation, |a, b| a.eq_ignore_ascii_case(&b)))
}

/// Whether `text` is what `pattern` says, in which `*` stands for any text and `?` for any one character; which bytes are
/// the same, `same` says.
fn fits(pattern: &str, text: &str, same: fn(u8, u8) -> bool) -> bool {
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
            Some(&byte) if byte == b'?' || same(byte, text[place]) => {
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

/// A text, or a list of texts.
#[derive(Default)]
struct Texts(Vec<String>);

impl FromJson for Texts {
    fn from_json(json: Json) -> Result<Self, String> {
        json.into_list().into_iter().map(String::from_json).collect::<Result<_, _>>().map(Self)
    }
}

/// `"*"`, or the texts of `{"AWS": …}`.
#[derive(Default)]
struct Principals(Texts);

impl FromJson for Principals {
    fn from_json(json: Json) -> Result<Self, String> {
        if let Json::Text(text) = json {
            return if text == "*" {
                Ok(Self(Texts(alloc::vec![text])))
            } else {
                Err(format!(r#"it must be "*" or an object with the member AWS, not {}"#, Quoted(&text)))
            };
        }
        let mut principals = Texts::default();
        let mut members = Members::of(json);
        members.read("AWS", &mut principals);
        members.finish().map(|()| Self(principals))
    }
}
