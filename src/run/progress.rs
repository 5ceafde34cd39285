//! The progress bar of a long read, on standard error and only on a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::capture::Progress;

/// Reads that end within this time show no bar.
const PATIENCE: Duration = Duration::from_millis(700);

/// A bar with bytes, rate and time left, or a spinner with bytes where the end is unknown.
pub(super) struct Bar {
    started: Instant,
    bar: Option<ProgressBar>,
    wanted: bool,
}

impl Bar {
    pub(super) fn new(wanted: bool) -> Self {
        Bar {
            started: Instant::now(),
            bar: None,
            wanted,
        }
    }

    /// Shows how far reading has come.
    pub(super) fn show(&mut self, progress: Progress) {
        if !self.wanted || (self.bar.is_none() && self.started.elapsed() < PATIENCE) {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| draw(progress.total));
        bar.set_position(progress.read);
    }

    /// Takes the bar away.
    pub(super) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn draw(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes} read, {bytes_per_sec}",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
