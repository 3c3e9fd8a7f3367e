//! Inputs of Amazon Data Firehose.

use super::unsupported_operation;
use crate::engine::call::Input;
use crate::error::Error;
use crate::firehose;
use crate::wire::Members;

/// Reads an input of Amazon Data Firehose.
pub(super) fn read<'d>(operation: &str, members: &Members<'d>) -> Result<Input<'d>, Error> {
    Ok(match operation {
        "CreateDeliveryStream" => {
            Input::CreateDeliveryStream(firehose::CreateDeliveryStream::from_members(members))
        }
        "DeleteDeliveryStream" => {
            Input::DeleteDeliveryStream(firehose::DeleteDeliveryStream::from_members(members))
        }
        "DescribeDeliveryStream" => {
            Input::DescribeDeliveryStream(firehose::DescribeDeliveryStream::from_members(members))
        }
        "ListDeliveryStreams" => {
            Input::ListDeliveryStreams(firehose::ListDeliveryStreams::from_members(members))
        }
        "PutRecord" => Input::PutDeliveryRecord(firehose::PutRecord::from_members(members)),
        "PutRecordBatch" => Input::PutDeliveryRecordBatch(firehose::PutRecordBatch::from_members(members)),
        _ => return Err(unsupported_operation(operation)),
    })
}
