//! Inputs about policies of resources.

use super::Reading;
use crate::error::Error;
use crate::service::{DeleteResourcePolicy, GetResourcePolicy, PutResourcePolicy};

impl<'d> Reading<'d> {
    pub(super) fn delete_resource_policy(self) -> Result<DeleteResourcePolicy<'d>, Error> {
        self.honours(&["ResourceARN"])?;
        Ok(DeleteResourcePolicy { resource_arn: self.text("ResourceARN") })
    }

    pub(super) fn get_resource_policy(self) -> Result<GetResourcePolicy<'d>, Error> {
        self.honours(&["ResourceARN"])?;
        Ok(GetResourcePolicy { resource_arn: self.text("ResourceARN") })
    }

    pub(super) fn put_resource_policy(self) -> Result<PutResourcePolicy<'d>, Error> {
        self.honours(&["ResourceARN", "Policy"])?;
        Ok(PutResourcePolicy { resource_arn: self.text("ResourceARN"), policy: self.text("Policy") })
    }
}
