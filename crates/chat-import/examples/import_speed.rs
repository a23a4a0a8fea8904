//! Measures imports from end to end, of WhatsApp's text and of Telegram's JSON: parse, recognise
//! repeats, insert, index, commit.
//! Run through `bench/import-speed.sh`. The data is generated, from a fixed seed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chat_archive::{Archive, ArchiveKey, Cursor, MemoryVault, SearchQuery, Source};
use chat_import::{ImportOptions, Wanted};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let dir = std::path::PathBuf::from(std::env::args().nth(2).ok_or("a folder for the data?")?);
    let export = dir.join("WhatsApp Chat with Bench.txt");
    let bytes = generate(&export, count, whatsapp_line, ["", ""])?;
    println!("WhatsApp text      {count} messages, {:.1} MB", bytes as f64 / 1e6);
    let mut archive = open(&dir.join("archive"))?;
    measure(&mut archive, &export, Source::WhatsApp, count)?;
    timed("read all changes", count, || {
        Ok(archive.changes_since(Cursor(0))?.filter(Result::is_ok).count())
    })?;
    read(&archive, count)?;
    drop(archive);

    std::fs::create_dir(dir.join("telegram"))?;
    let export = dir.join("telegram").join("result.json");
    let around =
        ["{\"name\": \"Bench\", \"type\": \"private_group\", \"id\": 9, \"messages\": [\n", "]}\n"];
    let bytes = generate(&export, count, telegram_line, around)?;
    println!("Telegram JSON      {count} messages, {:.1} MB", bytes as f64 / 1e6);
    measure(&mut open(&dir.join("archive of telegram"))?, &export, Source::Telegram, count)
}

fn open(dir: &Path) -> Outcome<Archive> {
    Ok(Archive::open(dir, &ArchiveKey::new([3; 32]), Arc::new(MemoryVault::default()))?)
}

fn measure(archive: &mut Archive, export: &Path, source: Source, count: u64) -> Outcome<()> {
    let first = timed("first import", count, || import(archive, export, source))?;
    let again = timed("import again", count, || import(archive, export, source))?;
    assert_eq!(
        (first.messages_new, again.messages_new),
        (count, 0),
        "the import must be right to be measured"
    );
    println!("peak memory so far {} MB", peak_memory_mb());
    Ok(())
}

fn import(
    archive: &mut Archive,
    export: &Path,
    source: Source,
) -> Outcome<chat_archive::ImportReport> {
    let mut session = archive.begin_import()?;
    let options = ImportOptions::default();
    chat_import::import(export, &Wanted::Source(source), &options, &mut session, &mut |_| {
        ControlFlow::Continue(())
    })?;
    Ok(session.commit()?)
}

fn read(archive: &Archive, count: u64) -> Outcome<()> {
    let chat = archive.conversations()?[0].id;
    let start = Instant::now();
    for n in 0..100 {
        assert!(!archive.messages_at(chat, count * n / 100, 50)?.is_empty());
    }
    println!("page at any place  {:.2} ms", start.elapsed().as_secs_f64() * 10.0);
    for text in ["needle", "w17", "w1 w2", "w"] {
        let start = Instant::now();
        let page = archive.search(&SearchQuery {
            text: text.into(),
            limit: 20,
            ..SearchQuery::default()
        })?;
        println!(
            "search {text:<11} {:.1} ms, {} hits shown",
            start.elapsed().as_secs_f64() * 1e3,
            page.hits.len()
        );
    }
    Ok(())
}

fn timed<T>(what: &str, count: u64, act: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let (start, cpu_before) = (Instant::now(), cpu_seconds());
    let result = act()?;
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu_before);
    let rate = |seconds: f64| count as f64 / seconds.max(0.01);
    println!(
        "{what:<18} {:.0} messages/s of processor time ({cpu:.2} s), {:.0} by the clock ({seconds:.2} s)",
        rate(cpu),
        rate(seconds)
    );
    Ok(result)
}

/// Writes a message: its number, minute, author and words.
type Line = fn(&mut dyn Write, u64, u64, usize, &str) -> std::io::Result<()>;

/// Words by Zipf's law, 1 to 20 a message, four people, a message every one to ten minutes.
fn generate(path: &Path, count: u64, line: Line, around: [&str; 2]) -> Outcome<u64> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(around[0].as_bytes())?;
    let mut random = Random(42);
    let mut minute: u64 = 1_420_070_400 / 60;
    for n in 0..count {
        minute += 1 + random.below(if n % 3 == 0 { 20 } else { 2 });
        let author = random.below(4) as usize;
        let mut words = String::new();
        for _ in 0..=random.below(20) {
            words.push_str(&format!("w{} ", 20_000 / (1 + random.below(20_000))));
        }
        words.push_str(if n % 50_000 == 7 { "needle" } else { "ok" });
        line(&mut out, n, minute, author, &words)?;
    }
    out.write_all(around[1].as_bytes())?;
    out.flush()?;
    Ok(path.metadata()?.len())
}

const AUTHORS: [&str; 4] = ["Ada Lovelace", "Bo", "Zoë", "+44 1632 960000"];

fn whatsapp_line(
    out: &mut dyn Write,
    _: u64,
    minute: u64,
    author: usize,
    words: &str,
) -> std::io::Result<()> {
    let (day, clock) = (minute / 1440, minute % 1440);
    let (y, m, d) = civil(day as i64);
    let author = AUTHORS[author];
    writeln!(
        out,
        "{d:02}/{m:02}/{:02}, {:02}:{:02} - {author}: {words}",
        y % 100,
        clock / 60,
        clock % 60
    )
}

/// As Telegram Desktop writes a message, with its blanks.
fn telegram_line(
    out: &mut dyn Write,
    n: u64,
    minute: u64,
    author: usize,
    words: &str,
) -> std::io::Result<()> {
    let (day, clock) = (minute / 1440, minute % 1440);
    let (y, m, d) = civil(day as i64);
    let comma = if n == 0 { "" } else { "," };
    writeln!(
        out,
        "{comma}  {{\n   \"id\": {},\n   \"type\": \"message\",\n   \"date\": \"{y:04}-{m:02}-{d:02}T{:02}:{:02}:00\",\n   \
         \"date_unixtime\": \"{}\",\n   \"from\": \"{}\",\n   \"from_id\": \"user{}\",\n   \"text\": \"{words}\",\n   \
         \"text_entities\": [\n    {{\n     \"type\": \"plain\",\n     \"text\": \"{words}\"\n    }}\n   ]\n  }}",
        n + 1,
        clock / 60,
        clock % 60,
        minute * 60,
        AUTHORS[author],
        author + 1
    )
}

/// Knuth's 64-bit linear congruence: data for a measurement, nothing else.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Processor time of this process so far, in the kernel's ticks of 10 ms: on a busy machine the
/// clock on the wall says little.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Highest resident set so far, from the kernel; 0 where there is no /proc.
fn peak_memory_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
