//! `GET STORAGE INFO` (0x41): records, free records, pages, free pages, page size (2 bytes each).

use zeroize::Zeroizing;

use super::{Answer, Call, no_arguments};

pub(crate) fn run(call: &mut Call<'_>, data: &[u8]) -> Answer {
    no_arguments(data)?;
    let info = call.state.objects.info();
    let fields = [info.records, info.free_records, info.pages, info.free_pages, info.page_size];
    Ok(Zeroizing::new(fields.iter().flat_map(|field| field.to_be_bytes()).collect()))
}
