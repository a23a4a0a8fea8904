//! Many small records in one object.

use super::FormatError;
use super::reader::Reader;

/// Appends a record to a segment: length (u32) || bytes.
pub fn push_record(segment: &mut Vec<u8>, record: &[u8]) {
    let len = u32::try_from(record.len()).expect("records are at most 16 MiB");
    segment.extend_from_slice(&len.to_be_bytes());
    segment.extend_from_slice(record);
}

/// The records of a segment, in order. Ends after the first error.
pub struct SegmentRecords<'a>(Reader<'a>);

impl<'a> SegmentRecords<'a> {
    pub fn new(segment: &'a [u8]) -> Self {
        Self(Reader(segment))
    }
}

impl<'a> Iterator for SegmentRecords<'a> {
    type Item = Result<&'a [u8], FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let record = self.0.u32().and_then(|len| self.0.bytes(len as usize));
        if record.is_err() {
            self.0 = Reader(&[]);
        }
        Some(record)
    }
}
