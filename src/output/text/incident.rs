use std::cmp::Reverse;
use std::io;

use crate::model::{Event, Evidence, Kind, Origin, Phase, Severity, Side, SourceId, Timestamp};
use crate::output::terms::{addresses, count, later, moment};
use crate::output::{Terms, advice, detail, escape, message};

use super::Tale;
use super::page::{Ink, Page, align};

/// Where the text of an incident begins: behind the longest severity.
const COLUMN: usize = 10;
/// Room for the labels `where`, `why`, `next` within that text.
const LABEL: usize = 7;
/// How many items of evidence are shown.
const SHOWN: usize = 5;

/// Every incident, the most serious first: what, who, why and the next step.
pub(super) fn write(page: &mut Page<'_>, tales: &[&Tale<'_>], terms: Terms<'_>) -> io::Result<()> {
    if tales.is_empty() {
        return Ok(());
    }
    page.heading(&title(tales))?;
    let mut tales = tales.to_vec();
    tales.sort_by_key(|tale| (Reverse(tale.event.severity), tale.first));
    for tale in tales {
        page.blank()?;
        one(page, tale, terms)?;
    }
    Ok(())
}

/// `2 incidents: 1 critical, 1 warning`.
fn title(tales: &[&Tale<'_>]) -> String {
    let parts: Vec<_> = Severity::ALL
        .iter()
        .rev()
        .map(|&severity| {
            let same = |tale: &&&Tale<'_>| tale.event.severity == severity;
            (severity, tales.iter().filter(same).count())
        })
        .filter(|&(_, number)| number > 0)
        .map(|(severity, number)| format!("{number} {severity}"))
        .collect();
    format!(
        "{}: {}",
        count(tales.len() as u64, "incident"),
        parts.join(", ")
    )
}

fn one(page: &mut Page<'_>, tale: &Tale<'_>, terms: Terms<'_>) -> io::Result<()> {
    let event = tale.event;
    let tag = event.severity.name().to_uppercase();
    let ink = Ink::Severity(event.severity);
    page.labelled(0, COLUMN, ink, &tag, &message(event, terms))?;
    sides(page, event, terms)?;
    let mut fact = |label: &str, text: &str| page.labelled(COLUMN, LABEL, Ink::Faint, label, text);
    fact("when", &when(tale))?;
    if let Some(text) = judgement(event) {
        fact("cause", &text)?;
    }
    let reasons = reasons(event, terms);
    for (index, reason) in reasons.iter().take(SHOWN).enumerate() {
        let label = if index == 0 { "why" } else { "" };
        fact(label, &reason.tell(tale.first, terms))?;
    }
    if reasons.len() > SHOWN {
        fact("", &format!("and {} more", reasons.len() - SHOWN))?;
    }
    fact("next", advice(event))?;
    fact("id", &event.id.to_string())
}

/// The time span of the incident, and whether it goes on.
fn when(tale: &Tale<'_>) -> String {
    let first = moment(tale.first);
    match tale.event.phase {
        Phase::Observed => first,
        Phase::Raised => format!("since {first}"),
        Phase::Updated => {
            let update = later(tale.first, tale.event.time);
            format!("since {first}, last update {update}")
        }
        Phase::Cleared => {
            let end = later(tale.first, tale.event.time);
            let length = tale.event.time.since(tale.first);
            format!("from {first} to {end} ({length}), cleared")
        }
    }
}

/// `duplicate station, certain; the address is of a cloned virtual machine`.
fn judgement(event: &Event) -> Option<String> {
    // That the cause of a redundancy conflict is redundancy says nothing.
    let cause = event
        .cause
        .filter(|_| event.kind != Kind::RedundancyConflict);
    let cause = cause.map(|cause| cause.name().replace('_', " "));
    let sure = event.confidence.map(|sure| sure.name().to_owned());
    let judged: Vec<_> = [cause, sure].into_iter().flatten().collect();
    let origin = event.origin.and_then(origin_words).map(str::to_owned);
    let parts: Vec<_> = [(!judged.is_empty()).then(|| judged.join(", ")), origin]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn origin_words(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::ClonedVm => Some("probably a cloned virtual machine"),
        Origin::HypervisorPoolOverlap => Some("probably two managers with one address pool"),
        Origin::ManualAssignment => Some("the address was chosen by hand"),
        Origin::Container => Some("the address was made by a container runtime"),
        Origin::Vendor => Some("the address is a hardware vendor\u{2019}s"),
        Origin::Unknown => None,
    }
}

/// What is known of either side, beside one another. Addresses stand below their side where a
/// line would be too long.
fn sides(page: &mut Page<'_>, event: &Event, terms: Terms<'_>) -> io::Result<()> {
    let sides: Vec<&Side> = [&event.from, &event.to].into_iter().flatten().collect();
    // The sentence above names the event's own MAC already, and often the port.
    let one_mac = sides
        .iter()
        .all(|side| side.mac.is_none_or(|mac| event.mac == Some(mac)));
    let rows: Vec<Vec<String>> = sides
        .iter()
        .map(|side| side_row(side, one_mac, event, terms))
        .filter(|row| row.iter().skip(1).any(|cell| !cell.is_empty()))
        .collect();
    let lines = align(&rows);
    let room = page.room(COLUMN);
    if lines.iter().all(|line| line.chars().count() <= room) {
        return lines.iter().try_for_each(|line| page.line(COLUMN, line));
    }
    let mut rows = rows;
    let addresses: Vec<String> = rows
        .iter_mut()
        .map(|row| std::mem::take(&mut row[ADDRESSES]))
        .collect();
    for (line, addresses) in align(&rows).iter().zip(addresses) {
        page.line(COLUMN, line)?;
        if !addresses.is_empty() {
            page.line(COLUMN + 2, &addresses)?;
        }
    }
    Ok(())
}

/// Where the addresses stand in a side's row.
const ADDRESSES: usize = 2;

fn side_row(side: &Side, one_mac: bool, event: &Event, terms: Terms<'_>) -> Vec<String> {
    let mac = side.mac.filter(|_| !one_mac);
    let seen = match (side.first_seen, side.last_seen) {
        (Some(first), Some(last)) => format!(
            "{} \u{2013} {}",
            later(event.time, first),
            later(event.time, last)
        ),
        (Some(only), None) | (None, Some(only)) => later(event.time, only),
        (None, None) => String::new(),
    };
    let name = side.hostname.filter(|name| !name.is_empty());
    vec![
        side.port.map(|port| terms.port(port)).unwrap_or_default(),
        mac.map(|mac| terms.mac(mac)).unwrap_or_default(),
        addresses(&side.ips),
        name.map(|name| escape(&name.to_string()).into_owned())
            .unwrap_or_default(),
        seen,
        side.frames
            .map(|frames| count(frames, "frame"))
            .unwrap_or_default(),
    ]
}

/// A sentence, and the frames that prove it.
struct Reason<'a> {
    text: String,
    source: SourceId,
    proofs: Vec<&'a Evidence>,
}

/// The evidence, what says the same told once.
fn reasons<'a>(event: &'a Event, terms: Terms<'_>) -> Vec<Reason<'a>> {
    let mut reasons: Vec<Reason<'_>> = Vec::new();
    for evidence in &event.evidence {
        let text = detail(&evidence.finding, terms);
        let source = evidence.at.source;
        let same = |reason: &&mut Reason<'_>| reason.text == text && reason.source == source;
        if let Some(reason) = reasons.iter_mut().find(same) {
            reason.proofs.push(evidence);
        } else {
            reasons.push(Reason {
                text,
                source,
                proofs: vec![evidence],
            });
        }
    }
    reasons
}

impl Reason<'_> {
    /// `It did. [a.pcap frame 3, 06:00:00.100]`, `… frames 3, 5 and 7, 06:00:00.100 – 06:00:01.000`.
    fn tell(&self, first: Timestamp, terms: Terms<'_>) -> String {
        let mut numbers: Vec<String> = self
            .proofs
            .iter()
            .map(|proof| proof.at.number.to_string())
            .collect();
        if numbers.len() > SHOWN {
            let more = numbers.len() - SHOWN;
            numbers.truncate(SHOWN);
            numbers.push(format!("{more} more"));
        }
        let last = numbers.pop().unwrap_or_default();
        let frames = match numbers.join(", ") {
            none if none.is_empty() => last,
            others => format!("{others} and {last}"),
        };
        let times = || self.proofs.iter().map(|proof| proof.time);
        let (from, to) = (times().min(), times().max());
        let mut time = from.map(|from| later(first, from)).unwrap_or_default();
        if let Some(to) = to.filter(|_| from != to) {
            time = format!("{time} \u{2013} {}", later(first, to));
        }
        format!(
            "{} [{} frame{} {frames}, {time}]",
            self.text,
            terms.source(self.source),
            if self.proofs.len() == 1 { "" } else { "s" },
        )
    }
}
