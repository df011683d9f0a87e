//! One picture of the tree: pure.

use std::time::Duration;

use anstyle::Style;
use boatyard_plan::event::Outcome;

use crate::colour::{BUSY, CACHED, DIM, ERROR, GOOD, STRONG};
use crate::progress::amount;
use crate::progress::line::Line;
use crate::progress::terminal::Size;
use crate::progress::works::{Counter, Work, Works};

/// The widest tree: beyond this the eye loses the way from a title to its time.
const WIDEST: usize = 110;
/// Columns of a time and of a size.
const TIME: usize = 7;
const SIZE: usize = 8;
/// Columns of a progress bar.
const BAR: u64 = 10;
/// Lines of output under a step that is running.
const OUTPUT: usize = 4;
/// How long one picture of the spinner stays.
const SPIN_MILLIS: u128 = 80;

/// Which characters are used.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether they may leave ASCII.
    pub unicode: bool,
    /// Whether steps are shown of stages in which nothing happened.
    pub verbose: bool,
}

/// How much a row matters when there are not enough of them: the lowest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Output,
    Ended,
    EndedRoot,
    Alive,
}

struct Row {
    worth: Worth,
    line: Line,
}

/// The tree while work is under way: fits into the terminal less one row.
pub fn live(works: &Works, look: Look, now: Duration, size: Size) -> Vec<Line> {
    let mut rows = rows(works, look, now, size.width, |_| true);
    let room = size.height.saturating_sub(1).max(1);
    for worth in [Worth::Output, Worth::Ended, Worth::EndedRoot] {
        let mut excess = rows.len().saturating_sub(room);
        rows.retain(|row| {
            let goes = excess > 0 && row.worth == worth;
            excess -= usize::from(goes);
            !goes
        });
    }
    if rows.len() > room {
        let hidden = rows.len() - (room - 1);
        rows.truncate(room - 1);
        let mut line = Line::default();
        line.push(DIM, format!("{} {hidden} more", look.ellipsis()));
        rows.push(Row {
            worth: Worth::Alive,
            line,
        });
    }
    rows.into_iter().map(|row| row.line).collect()
}

/// What is not in the scrollback yet, as it will stay there.
pub fn whole(works: &Works, look: Look, now: Duration, width: usize) -> Vec<Line> {
    lasting(works, look, now, width, |_| true)
}

/// What has ended and is not in the scrollback yet, as it will stay there.
pub fn ended(works: &Works, look: Look, now: Duration, width: usize) -> Vec<Line> {
    lasting(works, look, now, width, |work| work.end.is_some())
}

fn lasting(
    works: &Works,
    look: Look,
    now: Duration,
    width: usize,
    which: impl Fn(&Work) -> bool,
) -> Vec<Line> {
    let rows = rows(works, look, now, width, which).into_iter();
    let lasting = rows.filter(|row| row.worth != Worth::Output);
    lasting.map(|row| row.line).collect()
}

fn rows(
    works: &Works,
    look: Look,
    now: Duration,
    width: usize,
    which: impl Fn(&Work) -> bool,
) -> Vec<Row> {
    let mut rows = Vec::new();
    // One column stays free: a character in the last one leaves the cursor in a state that terminals disagree about.
    let width = width.saturating_sub(1).min(WIDEST);
    let drawing = Drawing {
        works,
        look,
        now,
        width,
    };
    for (index, work) in works.parts(None) {
        if !work.settled && which(work) {
            drawing.add(&mut rows, (index, work), 0);
        }
    }
    rows
}

struct Drawing<'a> {
    works: &'a Works,
    look: Look,
    now: Duration,
    width: usize,
}

impl Drawing<'_> {
    fn add(&self, rows: &mut Vec<Row>, (index, work): (usize, &Work), depth: usize) {
        rows.push(Row {
            worth: match work.end {
                Some(end) if end.outcome == Outcome::Failed => Worth::Alive,
                Some(_) if depth == 0 => Worth::EndedRoot,
                Some(_) => Worth::Ended,
                None => Worth::Alive,
            },
            line: self.line(work, depth),
        });
        // Where nothing happened there is nothing to see below.
        let idle = work.ended_as(Outcome::Cached) || work.ended_as(Outcome::Skipped);
        if idle && !self.look.verbose {
            return;
        }
        if work.end.is_none() {
            for output in work
                .tail
                .iter()
                .skip(work.tail.len().saturating_sub(OUTPUT))
            {
                rows.push(Row {
                    worth: Worth::Output,
                    line: self.output(output, depth + 1),
                });
            }
        }
        for part in self.works.parts(Some(index)) {
            self.add(rows, part, depth + 1);
        }
    }

    fn line(&self, work: &Work, depth: usize) -> Line {
        let right = self.right(work);
        let mut left = Line::default();
        left.plain("  ".repeat(depth));
        let (style, mark) = self.mark(work);
        left.push(style, mark);
        left.plain(" ");
        let title = if work.end.is_some_and(|end| end.outcome != Outcome::Failed) {
            Style::new()
        } else {
            STRONG
        };
        left.push(title, &*work.title);
        if work.end.is_none()
            && let Some(counter) = &work.counter
            && !counter.note.is_empty()
        {
            left.push(DIM, format!("  {}", counter.note));
        }
        let room = self.width.saturating_sub(right.width() + 1);
        left.truncate(room, self.look.ellipsis());
        left.plain(" ".repeat(self.width.saturating_sub(left.width() + right.width())));
        left.append(right);
        left.truncate(self.width, self.look.ellipsis());
        left
    }

    /// How far it is or what it made, and the time, at the right edge.
    fn right(&self, work: &Work) -> Line {
        let mut right = Line::default();
        let narrow = self.width < 50;
        let Some(end) = work.end else {
            if let Some(counter) = &work.counter
                && !narrow
            {
                if self.width >= 70 {
                    self.bar(&mut right, counter);
                }
                let count = amount::count(counter.done, counter.total, counter.unit);
                right.plain(count);
            }
            let elapsed = amount::running(self.now.saturating_sub(work.began));
            right.push(BUSY, format!("{elapsed:>TIME$}"));
            return right;
        };
        if let Some(size) = end.size_bytes
            && !narrow
        {
            let size = amount::bytes(size);
            right.push(DIM, format!("{size:>SIZE$}"));
        }
        match end.outcome {
            Outcome::Done | Outcome::Failed => {
                let took = amount::time(end.took);
                right.plain(format!("{took:>TIME$}"));
            }
            Outcome::Cached => right.push(CACHED, format!("{:>TIME$}", "cached")),
            Outcome::Skipped => right.push(DIM, format!("{:>TIME$}", "skipped")),
        }
        right
    }

    fn bar(&self, line: &mut Line, counter: &Counter) {
        let Some(total) = counter.total.filter(|&total| total > 0) else {
            return;
        };
        let full = counter.done.min(total).saturating_mul(BAR) / total;
        let (done, open) = if self.look.unicode {
            ("━", "╌")
        } else {
            ("=", "-")
        };
        let times = |text: &str, count: u64| text.repeat(usize::try_from(count).unwrap_or(0));
        line.push(BUSY, times(done, full));
        line.push(DIM, times(open, BAR - full));
        line.plain(" ");
    }

    fn mark(&self, work: &Work) -> (Style, &'static str) {
        let unicode = self.look.unicode;
        match work.end.map(|end| end.outcome) {
            None => (BUSY, self.look.spinner(self.now.saturating_sub(work.began))),
            Some(Outcome::Done) => (GOOD, if unicode { "✔" } else { "+" }),
            Some(Outcome::Cached) => (CACHED, if unicode { "✔" } else { "=" }),
            Some(Outcome::Skipped) => (DIM, if unicode { "·" } else { "." }),
            Some(Outcome::Failed) => (ERROR, if unicode { "✘" } else { "x" }),
        }
    }

    fn output(&self, output: &str, depth: usize) -> Line {
        let mut line = Line::default();
        let bar = if self.look.unicode { "│" } else { "|" };
        line.push(DIM, format!("{}{bar} {output}", "  ".repeat(depth)));
        line.truncate(self.width, self.look.ellipsis());
        line
    }
}

impl Look {
    fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "~" }
    }

    fn spinner(self, elapsed: Duration) -> &'static str {
        const BRAILLE: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        const ASCII: [&str; 4] = ["|", "/", "-", "\\"];
        let step = usize::try_from(elapsed.as_millis() / SPIN_MILLIS).unwrap_or(0);
        if self.unicode {
            BRAILLE[step % BRAILLE.len()]
        } else {
            ASCII[step % ASCII.len()]
        }
    }
}
