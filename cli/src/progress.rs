//! Progress: bars on a terminal, plain lines elsewhere. Ctrl-C and SIGTERM stop at the next safe
//! point.

use app::{Progress, Unit, Watch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shows progress on standard error.
pub(crate) struct Shown {
    bar: Option<ProgressBar>,
    stop: Arc<AtomicBool>,
    last: Mutex<String>,
}

impl Shown {
    pub(crate) fn new() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = stop.clone();
        tokio::spawn(async move {
            asked_to_stop().await;
            flag.store(true, Ordering::Relaxed);
            eprintln!("stopping at the next safe point; Ctrl-C again to stop at once");
            asked_to_stop().await;
            std::process::exit(1);
        });
        let bar = std::io::stderr()
            .is_terminal()
            .then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10)));
        Self { bar, stop, last: Mutex::default() }
    }

    fn draw(bar: &ProgressBar, progress: &Progress) {
        bar.set_style(style(progress));
        bar.set_message(progress.what.clone());
        if let Some(total) = progress.total {
            bar.set_length(total);
        }
        bar.set_position(progress.done);
    }

    /// One line for each new kind of work.
    fn line(&self, progress: &Progress) {
        let Ok(mut last) = self.last.lock() else { return };
        if *last != progress.what {
            eprintln!("{} …", progress.what);
            last.clone_from(&progress.what);
        }
    }
}

/// Ends with the first Ctrl-C or SIGTERM. Where neither can be listened to, never.
async fn asked_to_stop() {
    #[cfg(unix)]
    if let Ok(mut terminated) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = terminated.recv() => {}
            Ok(()) = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Watch for Shown {
    fn progress(&self, progress: Progress) {
        match &self.bar {
            Some(bar) => Self::draw(bar, &progress),
            None => self.line(&progress),
        }
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(progress: &Progress) -> ProgressStyle {
    let template = match (progress.unit, progress.total) {
        (Unit::Bytes, Some(_)) => {
            "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left"
        }
        (Unit::Bytes, None) => "{spinner} {msg} {bytes} {bytes_per_sec}",
        (Unit::Messages, _) => "{spinner} {msg} {human_pos} ({per_sec})",
        (Unit::Steps, _) => "{msg} {wide_bar} {pos}/{len}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
