use super::*;
use crate::model::{Announcer, Confidence, Finding, Mac, Names, Origin, Span};
use crate::output::samples::{self, GUEST, LEFT, NOW, RIGHT};
use crate::vendor::Vendors;

fn render(summary: &Summary<'_>, style: Style) -> String {
    let names = Names {
        ports: vec!["swp3".to_owned(), "swp9".to_owned()],
        sources: vec!["ports.pcapng".to_owned()],
        sensor: None,
    };
    let vendors = Vendors::builtin();
    let terms = Terms {
        names: &names,
        vendors: &vendors,
    };
    let mut out = Vec::new();
    write_report(&mut out, summary, terms, style).expect("a vector takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn port(name: &str, stations: u64, frames: u64) -> PortLine {
    PortLine {
        name: name.to_owned(),
        stations,
        frames: Some(frames),
    }
}

fn summary<'a>(counts: &'a Counts, events: &'a [Event]) -> Summary<'a> {
    Summary {
        inputs: vec![InputLine {
            name: "ports.pcapng".to_owned(),
            frames: 1452,
            interfaces: vec!["swp3".to_owned(), "swp9".to_owned()],
        }],
        counts,
        first: Some(NOW - Span::from_secs(3600)),
        last: Some(NOW),
        ports: vec![port("swp3", 3, 812), port("swp9", 12, 640)],
        port_rule: "each named interface of the capture is a port".to_owned(),
        segments: vec![SegmentLine {
            segment: Segment::UNTAGGED.with_vlan(10),
            stations: 14,
            addresses: 1,
        }],
        copies: 0,
        feed: String::new(),
        damages: Vec::new(),
        notes: Vec::new(),
        one_port: false,
        new_stations: 14,
        events,
    }
}

fn counts() -> Counts {
    Counts {
        frames: 1452,
        bytes: 132_900,
        ..Counts::default()
    }
}

fn migration() -> Event {
    Event {
        id: EventId(1),
        kind: Kind::MacMigrated,
        phase: Phase::Observed,
        severity: Severity::Info,
        segment: None,
        mac: Some(GUEST),
        from: Some(samples::side(LEFT, GUEST, 7, 30, 10, "vm")),
        to: Some(samples::side(RIGHT, GUEST, 7, 2, 10, "vm")),
        ..samples::full()
    }
}

#[test]
fn a_report_reads_as_people_expect() {
    let mut counts = counts();
    counts.reject(crate::model::Reject::ArpTruncated);
    let storm = Event {
        id: EventId(2),
        kind: Kind::ArpStorm,
        phase: Phase::Raised,
        severity: Severity::Warning,
        mac: Some(Mac::new([0x00, 0x15, 0x5d, 0xc2, 0x25, 0xb4])),
        to: Some(samples::side(RIGHT, GUEST, 8, 2, 500, "")),
        evidence: vec![samples::evidence(Finding::Burst {
            frames: 250,
            targets: 16,
        })],
        ..samples::bare(Kind::ArpStorm)
    };
    let mut over = storm.clone();
    over.phase = Phase::Cleared;
    over.time = NOW + Span::from_secs(75);
    let announced = Event {
        id: EventId(3),
        announcer: Some(Announcer::Keepalived),
        ..samples::bare(Kind::StationAnnounced)
    };
    let events = [storm, migration(), samples::full(), announced, over];
    let mut summary = summary(&counts, &events);
    summary.copies = 2300;
    summary.feed = "Every frame comes twice: both directions are mirrored.".to_owned();
    summary.notes = vec!["The capture\u{202e} ends early.".to_owned()];
    let report = render(&summary, Style::PLAIN);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/output/text/report.txt");
        std::fs::write(path, &report).expect("the source tree is writable");
    }
    assert_eq!(report, include_str!("report.txt"));
}

#[test]
fn an_incident_is_told_once_in_its_last_phase() {
    let counts = counts();
    let raised = samples::full();
    let mut updated = raised.clone();
    updated.phase = Phase::Updated;
    let mut cleared = raised.clone();
    cleared.phase = Phase::Cleared;
    cleared.time = NOW + Span::from_secs(180);
    let events = [raised, updated, cleared];
    let report = render(&summary(&counts, &events), Style::PLAIN);
    assert_eq!(report.matches("is used by two stations").count(), 1);
    assert!(
        report.contains("from 2026-11-22 06:00:00.123 to 06:03:00.123 (3 min), cleared"),
        "{report}"
    );
}

#[test]
fn the_most_serious_incident_comes_first() {
    let counts = counts();
    let loss = Event {
        severity: Severity::Warning,
        phase: Phase::Raised,
        ..samples::bare(Kind::CaptureLoss)
    };
    let events = [loss, samples::full()];
    let report = render(&summary(&counts, &events), Style::PLAIN);
    let critical = report.find("CRITICAL").expect("the duplicate");
    let warning = report.find("WARNING").expect("the loss");
    assert!(critical < warning, "{report}");
    assert!(
        report.contains("2 incidents: 1 critical, 1 warning"),
        "{report}"
    );
}

#[test]
fn a_quiet_run_says_so_and_what_could_not_be_seen() {
    let counts = counts();
    let mut summary = summary(&counts, &[]);
    summary.one_port = true;
    let report = render(&summary, Style::PLAIN);
    assert!(report.contains("Nothing to report"), "{report}");
    assert!(report.contains("Only one port was captured"), "{report}");
}

#[test]
fn migrations_stand_in_time_order_and_are_no_incident() {
    let counts = counts();
    let mut later = migration();
    later.id = EventId(9);
    later.time = NOW + Span::from_secs(1);
    let events = [later, migration()];
    let report = render(&summary(&counts, &events), Style::PLAIN);
    let first = report.find("06:00:00.123  52:54").expect("the earlier");
    let second = report.find("06:00:01.123  52:54").expect("the later");
    assert!(first < second && report.contains("No fault: "), "{report}");
}

#[test]
fn nothing_from_the_wire_steers_the_terminal() {
    let counts = counts();
    let mut events = vec![samples::full()];
    events.extend(samples::findings().into_iter().map(samples::with_finding));
    for (index, event) in (0..).zip(&mut events) {
        event.id = EventId(index);
        event.origin = Some(Origin::Unknown);
        event.confidence = Some(Confidence::Possible);
        if let Some(from) = &mut event.from {
            from.hostname = Some(crate::model::Label::new(b"\x1b[2J\xff\r\n"));
        }
    }
    let mut summary = summary(&counts, &events);
    summary.inputs[0].name = "a\x1b[31mb".to_owned();
    summary.inputs[0].interfaces = vec!["eth\u{9b}0".to_owned()];
    summary.ports[0].name = "x\u{202e}y".to_owned();
    summary.port_rule = "\x07".to_owned();
    summary.damages = vec!["\x1b]0;t\x07".to_owned()];
    let report = render(&summary, Style::PLAIN);
    let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!report.contains(bad), "{report:?}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let counts = counts();
    let events = [samples::full(), migration()];
    let summary = summary(&counts, &events);
    let plain = render(&summary, Style::PLAIN);
    let coloured = render(
        &summary,
        Style {
            colour: true,
            ..Style::PLAIN
        },
    );
    assert_ne!(plain, coloured);
    let mut stripped = String::new();
    for (index, part) in coloured.split('\x1b').enumerate() {
        let text = if index == 0 {
            part
        } else {
            part.split_once('m').expect("an escape").1
        };
        stripped.push_str(text);
    }
    assert_eq!(stripped, plain);
}
