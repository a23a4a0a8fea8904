//! Runs course after course, for as long as one likes, and stops at the first seed whose course
//! does not hold: `soak FIRST COUNT [FILE]`. FILE holds the seed to go on with.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use vault_simulation::scenario::{Outcome, run_all};

/// Seeds between two looks at the clock and the file.
const BATCH: u64 = 200;

fn main() -> ExitCode {
    let Some((first, count, file)) = arguments() else {
        eprintln!(
            "usage: soak FIRST COUNT [FILE]\nFIRST: a seed; COUNT: how many; FILE: remembers how far it came"
        );
        return ExitCode::from(2);
    };
    let begin = file.as_ref().and_then(read).unwrap_or(first);
    let end = first.saturating_add(count);
    let mut seed = begin;
    while seed < end {
        let next = end.min(seed + BATCH);
        let failed = run_all(seed..next, None);
        if let Some(outcome) = failed.first() {
            report(outcome);
            return ExitCode::FAILURE;
        }
        seed = next;
        println!("seeds {first} to {} hold", seed - 1);
        if let Some(file) = &file
            && let Err(error) = fs::write(file, seed.to_string())
        {
            eprintln!("{}: {error}", file.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn arguments() -> Option<(u64, u64, Option<PathBuf>)> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next()?.parse().ok()?;
    let count = arguments.next()?.parse().ok()?;
    Some((first, count, arguments.next().map(PathBuf::from)))
}

fn read(file: &PathBuf) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn report(outcome: &Outcome) {
    let Outcome { course, history, violations } = outcome;
    let file = std::env::temp_dir().join(format!("keepsake-seed-{}.txt", course.seed));
    println!("seed {} does not hold: {violations:#?}", course.seed);
    match fs::write(&file, history) {
        Ok(()) => println!("its history is in {}", file.display()),
        Err(error) => println!("{}: {error}\n{history}", file.display()),
    }
}
