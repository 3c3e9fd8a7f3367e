//! The orders in which AWS's front end, a Java program, names things: those of its hash tables.
//!
//! Recorded messages of the real services fit two rules without exception (docs/fidelity.md): violations come in the
//! order of a `java.util.HashMap` of the members' names in lower camel case, and the values of an enumeration in the
//! order of `hashCode() & 31`.

/// `java.lang.String.hashCode` of ASCII text.
fn hash_code(text: &str) -> u32 {
    text.bytes().fold(0, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)))
}

/// The place of each name when the names are put into a `java.util.HashMap` one after the other.
pub(super) fn hash_map_order(names: &[String]) -> Vec<usize> {
    let mut buckets = 16;
    while names.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let mut order: Vec<usize> = (0..names.len()).collect();
    // Names of one bucket stay in the order in which they were put in: the sort is stable.
    order.sort_by_key(|&index| {
        let hash = hash_code(&names[index]);
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
    order
}

/// The values of an enumeration in the order in which AWS lists them; those of one bucket by name, as recorded for
/// GZIP and UNCOMPRESSED.
pub(super) fn enumeration_order(values: &mut [String]) {
    values.sort();
    values.sort_by_key(|value| hash_code(value) & 31);
}

/// `StreamName` as the services write it in a path: `streamName`.
pub(super) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        hash_map_order(&names).into_iter().map(|index| names[index].clone()).collect()
    }

    #[test]
    fn members_come_in_the_recorded_order() {
        let schema = ["roleARN", "catalogId", "databaseName", "tableName", "region", "versionId"];
        assert_eq!(
            ordered(&schema),
            ["versionId", "catalogId", "databaseName", "roleARN", "region", "tableName"]
        );
        let parquet = ["blockSizeBytes", "pageSizeBytes", "compression", "maxPaddingBytes", "writerVersion"];
        assert_eq!(
            ordered(&parquet),
            ["maxPaddingBytes", "blockSizeBytes", "pageSizeBytes", "compression", "writerVersion"]
        );
    }

    #[test]
    fn enumerations_come_in_the_recorded_order() {
        for recorded in [
            &["ZIP", "HADOOP_SNAPPY", "Snappy", "GZIP", "UNCOMPRESSED"][..],
            &["ZLIB", "SNAPPY", "NONE"],
            &["SNAPPY", "GZIP", "UNCOMPRESSED"],
            &["V0_11", "V0_12"],
            &["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"],
        ] {
            let mut values: Vec<String> = recorded.iter().map(|&value| value.to_owned()).collect();
            values.sort_by(|a, b| b.cmp(a));
            enumeration_order(&mut values);
            assert_eq!(values, recorded);
        }
    }

    #[test]
    fn only_the_first_letter_is_lowered() {
        assert_eq!(lower_first("StreamARN"), "streamARN");
        assert_eq!(lower_first("S3Configuration"), "s3Configuration");
        assert_eq!(lower_first("KMSEncryptionConfig"), "kMSEncryptionConfig");
    }
}
