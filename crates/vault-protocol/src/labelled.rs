//! Everything that is signed, MACed or hashed has its own label, so that no message can stand in
//! for another.

/// `"keepsake/" label "/v1" 00`, then each field as its u32 big-endian length and its bytes.
pub fn labelled(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("keepsake/{label}/v1\0").into_bytes();
    for field in fields {
        let len = u32::try_from(field.len()).expect("fields are bounded far below 4 GiB");
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(field);
    }
    out
}
