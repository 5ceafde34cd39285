use std::io;

use crate::model::{Kind, Severity};
use crate::output::terms::{clock, day, grouped, moment};
use crate::output::{Terms, advice, message};

use super::Tale;
use super::page::{Ink, Page};

/// How many lines of a list are shown before the rest is only counted.
const LISTED: usize = 100;
/// The same for announcements, of which every host that boots makes some.
const ANNOUNCED: usize = 20;

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
    list(
        page,
        "Moves, migrations and failovers",
        moves,
        LISTED,
        terms,
    )?;
    list(page, "Worth knowing", notices, LISTED, terms)?;
    let title = "Announcements that no move explains";
    list(page, title, announced, ANNOUNCED, terms)
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
    most: usize,
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
    for tale in tales.iter().take(most) {
        let text = message(tale.event, terms);
        page.labelled(0, column, Ink::Faint, &time(tale.first), &text)?;
        if tale.event.severity > Severity::Info && !is_move(tale.event.kind) {
            page.labelled(column, 0, Ink::Plain, "", advice(tale.event))?;
        }
    }
    if tales.len() > most {
        let more = grouped((tales.len() - most) as u64);
        page.line(column, &format!("and {more} more; --format json lists all"))?;
    }
    Ok(())
}
