use std::collections::BTreeMap;
use std::io;

use crate::model::{Announcer, Kind, Severity};
use crate::output::message::product;
use crate::output::terms::{clock, count, day, grouped, moment};
use crate::output::{Terms, advice, message};

use super::Tale;
use super::page::{Ink, Page};

/// How many lines of a list are shown before the rest is only counted.
const LISTED: usize = 100;

/// What moved, migrated or failed over, then other notices, then who announced.
pub(super) fn write(page: &mut Page<'_>, tales: &[&Tale<'_>], terms: Terms<'_>) -> io::Result<()> {
    let (moves, rest): (Vec<&Tale<'_>>, Vec<_>) = tales
        .iter()
        .copied()
        .partition(|tale| is_move(tale.event.kind));
    let (announced, rest): (Vec<&Tale<'_>>, Vec<_>) = rest
        .into_iter()
        .partition(|tale| tale.event.kind == Kind::StationAnnounced);
    let notices = rest
        .into_iter()
        .filter(|tale| tale.event.severity > Severity::Info)
        .collect();
    list(page, "Moves, migrations and failovers", moves, terms)?;
    list(page, "Worth knowing", notices, terms)?;
    announcements(page, &announced)
}

fn is_move(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::MacMoved | Kind::MacMigrated | Kind::IpMoved | Kind::IpFailover
    )
}

fn list(
    page: &mut Page<'_>,
    title: &str,
    mut tales: Vec<&Tale<'_>>,
    terms: Terms<'_>,
) -> io::Result<()> {
    if tales.is_empty() {
        return Ok(());
    }
    page.heading(title)?;
    tales.sort_by_key(|tale| tale.first);
    let one_day = tales
        .iter()
        .all(|tale| day(tale.first) == day(tales[0].first));
    let time = if one_day { clock } else { moment };
    let column = time(tales[0].first).len() + 2;
    for tale in tales.iter().take(LISTED) {
        let text = message(tale.event, terms);
        page.labelled(0, column, Ink::Faint, &time(tale.first), &text)?;
        if tale.event.severity > Severity::Info && !is_move(tale.event.kind) {
            page.labelled(column, 0, Ink::Plain, "", advice(tale.event))?;
        }
    }
    if tales.len() > LISTED {
        let more = grouped((tales.len() - LISTED) as u64);
        page.line(column, &format!("and {more} more; --format json lists all"))?;
    }
    Ok(())
}

/// One sentence for all announcements that explain no move.
fn announcements(page: &mut Page<'_>, tales: &[&Tale<'_>]) -> io::Result<()> {
    if tales.is_empty() {
        return Ok(());
    }
    let mut by: BTreeMap<Announcer, u64> = BTreeMap::new();
    for tale in tales {
        let announcer = tale.event.announcer.unwrap_or(Announcer::Unknown);
        *by.entry(announcer).or_default() += 1;
    }
    let parts: Vec<_> = by
        .iter()
        .map(|(&announcer, number)| format!("{} by {}", grouped(*number), product(announcer)))
        .collect();
    page.heading("Announcements")?;
    page.paragraph(&format!(
        "{} that no move explains: {}.",
        count(tales.len() as u64, "burst"),
        parts.join(", ")
    ))
}
