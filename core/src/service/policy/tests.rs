use alloc::format;

use super::Policy;
use crate::arn::AccountId;

const ARN: &str = "arn:aws:kinesis:us-east-1:111111111111:stream/orders";

fn account(digit: u64) -> AccountId {
    AccountId::new(digit * 111_111_111_111).unwrap()
}

fn statement(principal: &str, action: &str, resource: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Id":"p","Statement":{{"Sid":"s","Effect":"Allow","Principal":{principal},
            "Action":{action},"Resource":{resource}}}}}"#
    );
    Policy::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn principals_are_everybody_accounts_and_those_in_them() {
    for (principal, two, three) in [
        (r#""*""#, true, true),
        (r#"{"AWS":"*"}"#, true, true),
        (r#"{"AWS":"222222222222"}"#, true, false),
        (r#"{"AWS":"arn:aws:iam::222222222222:root"}"#, true, false),
        (
            r#"{"AWS":["arn:aws-cn:iam::222222222222:user/a/b","arn:aws:iam::444444444444:role/r"]}"#,
            true,
            false,
        ),
        (r#"{"AWS":"arn:aws:sts::222222222222:assumed-role/r/session"}"#, true, false),
        (r#"{"AWS":["222222222222","333333333333"]}"#, true, true),
    ] {
        let policy = statement(principal, r#""kinesis:*""#, r#""*""#);
        assert_eq!(policy.matches(false, account(2), "PutRecord", ARN), two, "{principal}");
        assert_eq!(policy.matches(false, account(3), "PutRecord", ARN), three, "{principal}");
        assert!(!policy.matches(true, account(2), "PutRecord", ARN));
    }
}

#[test]
fn actions_and_resources_have_wildcards() {
    for (action, put, get) in [
        (r#""*""#, true, true),
        (r#""kinesis:*""#, true, true),
        (r#""kinesis:Put*""#, true, false),
        (r#""Kinesis:putrecord""#, true, false),
        (r#"["kinesis:PutRecords","kinesis:Get?ecords"]"#, false, true),
    ] {
        let policy = statement(r#""*""#, action, r#""*""#);
        assert_eq!(policy.matches(false, account(2), "PutRecord", ARN), put, "{action}");
        assert_eq!(policy.matches(false, account(2), "GetRecords", ARN), get, "{action}");
    }
    for (resource, fits) in [
        (ARN, true),
        ("*", true),
        ("arn:aws:kinesis:*:111111111111:stream/orders", true),
        ("arn:aws:kinesis:us-east-?:111111111111:*/o*s", true),
        ("arn:aws:kinesis:us-east-1:111111111111:stream/order", false),
        ("arn:aws:kinesis:us-east-1:111111111111:stream/orders?", false),
        ("arn:aws:kinesis:us-east-1:111111111111:stream/ORDERS", false),
        ("arn:aws:kinesis:us-east-1:111111111111:stream/orders*", true),
    ] {
        let policy = statement(r#""*""#, r#""*""#, &format!(r#"["arn:aws:kinesis:::x","{resource}"]"#));
        assert_eq!(policy.matches(false, account(2), "PutRecord", ARN), fits, "{resource}");
    }
}

#[test]
fn what_cannot_be_evaluated_is_refused() {
    let good = r#""Effect":"Allow","Principal":"*","Action":"kinesis:*","Resource":"*""#;
    Policy::parse(&format!(r#"{{"Statement":[{{{good}}}]}}"#)).unwrap();
    for (statement, word) in [
        (format!(r#"{good},"Condition":{{}}"#), "Condition is not supported"),
        (format!(r#"{good},"NotPrincipal":"*""#), "NotPrincipal is not supported"),
        (format!(r#"{good},"NotAction":[]"#), "NotAction is not supported"),
        (format!(r#"{good},"NotResource":"*""#), "NotResource is not supported"),
        (format!(r#"{good},"Actions":"*""#), "Actions"),
        (good.replace("Allow", "allow"), "Effect"),
        (good.replace(r#""Principal":"*","#, ""), "must have a Principal"),
        (good.replace(r#""Principal":"*""#, r#""Principal":{"Service":"lambda.amazonaws.com"}"#), "Service"),
        (good.replace(r#""Principal":"*""#, r#""Principal":{"AWS":[]}"#), "must have a Principal"),
        (good.replace(r#""Principal":"*""#, r#""Principal":"222222222222""#), "222222222222"),
        (
            good.replace(r#""Principal":"*""#, r#""Principal":{"AWS":"arn:aws:iam::2:root"}"#),
            "arn:aws:iam::2:root",
        ),
        (
            good.replace(r#""Principal":"*""#, r#""Principal":{"AWS":"arn:aws:iam::222222222222:user/*"}"#),
            "user/*",
        ),
        (good.replace("kinesis:*", "s3:*"), "s3:*"),
        (good.replace("kinesis:*", "kinesis:PutRecordz"), "PutRecordz"),
        (good.replace(r#""Resource":"*""#, r#""Resource":[]"#), "must have a Resource"),
        (good.replace(r#""Resource":"*""#, r#""Resource":"orders""#), "orders"),
        (good.replace(r#""Resource":"*""#, r#""Resource":"arn:${aws:username}""#), "variable"),
    ] {
        let policy = Policy::parse(&format!(r#"{{"Statement":[{{{statement}}}]}}"#));
        let error = policy.and_then(|policy| policy.check_actions(crate::wire::operation)).unwrap_err();
        assert!(error.message.contains(word), "{statement}: {error}");
    }
    for bad in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"Statement":[]}"#,
        r#"{"Statement":1}"#,
        r#"{"Version":"1","Statement":[]}"#,
    ] {
        Policy::parse(bad).unwrap_err();
    }
}

#[test]
fn policies_have_a_length() {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"{ARN}"}}}}"#
    );
    assert!(Policy::parse(&format!("{text:<20480}")).is_ok());
    let error = Policy::parse(&format!("{text:<20481}")).unwrap_err();
    assert_eq!(error.message, "Invalid resource policy: it has 20481 bytes, and may have 20480.");
}
