use std::io;

use crate::model::{Reject, Timestamp};
use crate::output::escape;
use crate::output::terms::{count, grouped, later, moment};

use super::page::{Ink, Page, align};
use super::{InputLine, Summary};

/// How many lines of a list are shown before the rest is only counted.
const LISTED: usize = 40;
/// Where the text beside a label begins.
const COLUMN: usize = 10;

/// What was read: inputs, ports, segments, and what could not be used.
pub(super) fn write(page: &mut Page<'_>, summary: &Summary<'_>) -> io::Result<()> {
    let head = |page: &mut Page<'_>, label: &str, text: &str| {
        page.labelled(0, COLUMN, Ink::Heading, label, text)
    };
    head(page, "Read", &totals(summary))?;
    if summary.inputs.len() > 1 {
        let inputs = summary.inputs.iter().map(|input| {
            vec![
                escape(&input.name).into_owned(),
                count(input.frames, "frame"),
                interfaces(input),
            ]
        });
        list(page, inputs.collect())?;
    }
    if let (Some(first), Some(last)) = (summary.first, summary.last) {
        head(page, "Time", &range(first, last))?;
    }
    let rule = sentence(summary.ports.len(), &summary.port_rule);
    head(page, "Ports", &rule)?;
    let ports = summary.ports.iter().map(|port| {
        vec![
            escape(&port.name).into_owned(),
            count(port.stations, "station"),
            port.frames
                .map(|frames| count(frames, "frame"))
                .unwrap_or_default(),
        ]
    });
    list(page, ports.collect())?;
    head(page, "Segments", &segments_line(summary))?;
    let segments = summary.segments.iter().map(|line| {
        vec![
            line.segment.to_string(),
            count(line.stations, "station"),
            addresses(line.addresses),
        ]
    });
    list(page, segments.collect())?;
    if summary.copies > 0 {
        let copies = format!("{}, not counted as traffic.", count_copies(summary.copies));
        head(
            page,
            "Copies",
            &format!("{copies} {}", escape(&summary.feed)),
        )?;
    }
    if let Some(text) = rejected(&summary.counts.rejected) {
        head(page, "Skipped", &text)?;
    }
    for text in &summary.damages {
        head(page, "Damaged", &escape(text))?;
    }
    for text in &summary.notes {
        head(page, "Note", &escape(text))?;
    }
    Ok(())
}

/// `ports.pcapng: 12,345 frames, 1.2 MB`.
fn totals(summary: &Summary<'_>) -> String {
    let what = match summary.inputs.as_slice() {
        [one] => escape(&one.name).into_owned(),
        several => count(several.len() as u64, "input"),
    };
    let frames = count(summary.counts.frames, "frame");
    let mut text = format!("{what}: {frames}, {}", size(summary.counts.bytes));
    if let [one] = summary.inputs.as_slice()
        && !one.interfaces.is_empty()
    {
        text.push_str(", ");
        text.push_str(&interfaces(one));
    }
    text
}

/// `interface swp3`, `interfaces swp3 and swp9`, `24 interfaces`; empty where there is none.
fn interfaces(input: &InputLine) -> String {
    match input.interfaces.as_slice() {
        [] => String::new(),
        [one] => format!("interface {}", escape(one)),
        [one, other] => format!("interfaces {} and {}", escape(one), escape(other)),
        several => count(several.len() as u64, "interface"),
    }
}

/// `2026-11-22 05:00:00.123 to 06:00:00.123 UTC (60 min)`.
fn range(first: Timestamp, last: Timestamp) -> String {
    let length = last.since(first);
    format!("{} to {} UTC ({length})", moment(first), later(first, last))
}

fn sentence(number: usize, rule: &str) -> String {
    if rule.is_empty() {
        number.to_string()
    } else {
        format!("{number}: {}", escape(rule))
    }
}

/// `2, with 12 stations heard for the first time`.
fn segments_line(summary: &Summary<'_>) -> String {
    let number = grouped(summary.segments.len() as u64);
    match summary.new_stations {
        0 => number,
        new => format!(
            "{number}, with {} heard for the first time",
            count(new, "station")
        ),
    }
}

fn list(page: &mut Page<'_>, mut rows: Vec<Vec<String>>) -> io::Result<()> {
    let all = rows.len();
    rows.truncate(LISTED);
    for line in align(&rows) {
        page.line(COLUMN, &line)?;
    }
    if all > LISTED {
        page.line(
            COLUMN,
            &format!("and {} more", grouped((all - LISTED) as u64)),
        )?;
    }
    Ok(())
}

fn addresses(number: u64) -> String {
    let plural = if number == 1 { "" } else { "es" };
    format!("{} address{plural}", grouped(number))
}

fn count_copies(number: u64) -> String {
    if number == 1 {
        "1 copy of another frame".to_owned()
    } else {
        format!("{} copies of other frames", grouped(number))
    }
}

/// `12 headers could not be used: 10 × ARP cut off, 2 × VLAN tag cut off.`
fn rejected(counts: &[u64; Reject::ALL.len()]) -> Option<String> {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return None;
    }
    let reasons: Vec<_> = Reject::ALL
        .iter()
        .zip(counts)
        .filter(|&(_, &number)| number > 0)
        .map(|(reason, &number)| format!("{} \u{d7} {}", grouped(number), reason_words(*reason)))
        .collect();
    Some(format!(
        "{} could not be used: {}.",
        count(total, "header"),
        reasons.join(", ")
    ))
}

fn reason_words(reason: Reject) -> &'static str {
    match reason {
        Reject::LinkTruncated => "Ethernet header cut off",
        Reject::LinkNotEthernet => "not from an Ethernet interface",
        Reject::VlanTruncated => "VLAN tag cut off",
        Reject::ArpTruncated => "ARP cut off",
        Reject::ArpUnsupported => "ARP for other networks than Ethernet and IPv4",
        Reject::Ipv4Malformed => "broken IPv4 header",
        Reject::Ipv6Malformed => "broken IPv6 header",
        Reject::NdpMalformed => "invalid neighbour discovery",
        Reject::DhcpMalformed => "broken DHCP",
        Reject::RedundancyMalformed => "invalid redundancy advertisement",
        Reject::LinkProtocolMalformed => "broken LLDP, CDP or LACP",
        Reject::TunnelMalformed => "broken tunnel header",
        Reject::TunnelTooDeep => "tunnels nested too deep",
    }
}

/// Bytes in decimal units: `640 B`, `12.3 kB`, `1.2 GB`.
#[expect(clippy::cast_precision_loss, reason = "shown with two or three digits")]
fn size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    format!("{value:.1} {unit}")
}
