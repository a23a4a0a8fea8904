//! The engine's progress, in the app's words.

use crate::{Progress, Unit, Watch};
use backup_engine::{Observer, Stage};

pub(super) struct Watcher<'a>(pub &'a dyn Watch);

impl Observer for Watcher<'_> {
    fn progress(&self, progress: backup_engine::Progress) {
        let what = match progress.stage {
            Stage::Records => "Messages",
            Stage::Media => "Photos, videos and files",
            Stage::Finishing => "Finishing",
            Stage::Checking => "Checking",
            Stage::Pruning => "Removing what is not needed",
            Stage::Copying => "Copying",
            Stage::Waiting => "Waiting for another computer to end",
        };
        self.0.progress(Progress {
            what: what.into(),
            done: progress.bytes,
            total: (progress.bytes_total > 0).then_some(progress.bytes_total),
            unit: Unit::Bytes,
        });
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
