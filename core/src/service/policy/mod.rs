//! Policies of resources: who may do what with them.

mod document;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use serde::Serialize;

pub(crate) use self::document::Policy;
use super::resources::parse_resource_arn;
use super::{Context, Streams};
use crate::error::{Error, ErrorKind};

/// Says who may use a stream, a consumer or a queue. A policy that is there is replaced.
#[derive(Clone, Copy, Debug, Default)]
pub struct PutResourcePolicy<'a> {
    /// The resource's ARN.
    pub resource_arn: &'a str,
    /// The policy, in JSON.
    pub policy: &'a str,
}

/// Shows the policy of a resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct GetResourcePolicy<'a> {
    /// The resource's ARN.
    pub resource_arn: &'a str,
}

/// Takes the policy off a resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteResourcePolicy<'a> {
    /// The resource's ARN.
    pub resource_arn: &'a str,
}

/// The answer to [`GetResourcePolicy`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetResourcePolicyReply {
    /// The policy as it was put; `{}` if there is none.
    pub policy: String,
}

impl Streams {
    pub(crate) fn put_resource_policy(
        &mut self,
        cx: &Context<'_>,
        input: &PutResourcePolicy<'_>,
    ) -> Result<(), Error> {
        let place = self.policy_of(input.resource_arn)?;
        let policy = Policy::parse(input.policy)?;
        policy.check_actions(cx.operation)?;
        *place = Some(Box::new(policy));
        self.has_policies = true;
        Ok(())
    }

    pub(crate) fn get_resource_policy(
        &mut self,
        _: &Context<'_>,
        input: &GetResourcePolicy<'_>,
    ) -> Result<GetResourcePolicyReply, Error> {
        let place = self.policy_of(input.resource_arn)?;
        // Recorded: a resource without a policy shows an empty one.
        let policy = place.as_ref().map_or("{}", |policy| policy.text()).to_string();
        Ok(GetResourcePolicyReply { policy })
    }

    pub(crate) fn delete_resource_policy(
        &mut self,
        _: &Context<'_>,
        input: &DeleteResourcePolicy<'_>,
    ) -> Result<(), Error> {
        if self.policy_of(input.resource_arn)?.take().is_none() {
            let message = format!("No resource policy found for resource ARN {}.", input.resource_arn);
            return Err(Error::new(ErrorKind::ResourceNotFound, message));
        }
        Ok(())
    }

    /// Whether someone may have to be refused.
    pub(crate) fn has_policies(&self) -> bool {
        self.has_policies
    }

    fn policy_of(&mut self, arn: &str) -> Result<&mut Option<Box<Policy>>, Error> {
        let arn = parse_resource_arn(arn)?;
        self.attached(&arn)?.policy.ok_or_else(|| {
            Error::invalid_argument(format!(
                "{} is a {}, which has no policy: streams, consumers and queues have one.",
                arn.text(),
                arn.resource.kind()
            ))
        })
    }
}
