//! Lays out many invented messages and says how long it took and how large the result is:
//! `cargo run --release -p text-pdf --example speed -- 100000 /tmp/pages.pdf`

use std::time::Instant;
use text_pdf::{Look, PdfError, TextPdf};

const WORDS: &[&str] =
    &["boat", "tomorrow", "здравствуй", "שלום", "coffee", "überall", "the", "key", "and", "garden"];

fn main() -> Result<(), PdfError> {
    let mut arguments = std::env::args().skip(1);
    let messages: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let start = Instant::now();
    let mut pdf = TextPdf::new("Speed")?;
    for n in 0..messages {
        pdf.write(Look::Head, &format!("{n} · 2024-03-09 17:05 · Ada"))?;
        let text: Vec<&str> =
            (0..4 + n % 17).map(|word| WORDS[(n * 7 + word * 3) % WORDS.len()]).collect();
        pdf.write(Look::Body, &text.join(" "))?;
    }
    let laid_out = start.elapsed();
    let finished = pdf.finish()?;
    let size = finished.pdf.len();
    println!(
        "{messages} messages, {} pages, {size} bytes: {laid_out:?}, whole {:?}",
        finished.pages,
        start.elapsed()
    );
    if let Some(path) = arguments.next() {
        std::fs::write(path, finished.pdf).map_err(|e| PdfError::Write(e.to_string()))?;
    }
    Ok(())
}
