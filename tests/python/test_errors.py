"""Each error of the table is a class."""

import pytest

from shardbrook import _native, errors


def test_every_kind_is_a_class_with_its_facts():
    kinds = _native.error_kinds()
    assert len(kinds) > 20
    for _name, code, status, retryable in kinds:
        error = getattr(errors, code)("why")
        assert isinstance(error, errors.ShardbrookError)
        assert (error.code, error.status, error.retryable) == (code, status, retryable)
        assert error.message == str(error) == "why"
        assert code in errors.__all__ and errors.ERRORS[code] is type(error)
        assert repr(type(error)) == f"<class 'shardbrook.errors.{code}'>"


def test_every_kind_can_be_asked_for_and_raised(engine):
    for _name, code, status, _retryable in _native.error_kinds():
        engine.faults.clear()
        engine.faults.add("ListStreams", error=code)
        answer = engine.request("Kinesis_20131202.ListStreams")
        assert answer.status == status
        with pytest.raises(getattr(errors, code)):
            answer.raise_for_status()


def test_boto3_raises_its_own_modelled_class_for_every_kind_that_has_one(engine):
    from botocore.config import Config
    from botocore.exceptions import ClientError

    kinesis = engine.client("kinesis", config=Config(retries={"total_max_attempts": 1}))
    modelled = 0
    for _name, code, _status, _retryable in _native.error_kinds():
        engine.faults.clear()
        engine.faults.add("ListStreams", error=code)
        with pytest.raises(ClientError) as raised:
            kinesis.list_streams()
        assert raised.value.response["Error"]["Code"] == code
        if kinesis.exceptions._code_to_exception.get(code):
            modelled += 1
            assert isinstance(raised.value, kinesis.exceptions.from_code(code))
    assert modelled >= 8
