use std::io;

use crate::model::{Event, Evidence, Side, Span};
use crate::vendor;

use super::schema::{
    EventLine, EvidenceObject, Hardware, Id, SCHEMA_NAME, SideObject, Time, Version, What, Word,
};
use super::{Terms, advice, detail, message};

/// Room for a line without much evidence.
const USUAL_LENGTH: usize = 1024;

/// Writes an event as one line of JSON (SPEC section 6).
///
/// # Errors
///
/// What the writer says.
pub fn write_event(out: &mut dyn io::Write, event: &Event, terms: Terms<'_>) -> io::Result<()> {
    // Put together in memory: a writer behind a pointer costs a call for every few bytes.
    let mut text = Vec::with_capacity(USUAL_LENGTH);
    serde_json::to_writer(&mut text, &line(event, terms))?;
    text.push(b'\n');
    out.write_all(&text)
}

fn line<'a>(event: &'a Event, terms: Terms<'a>) -> EventLine<'a> {
    EventLine {
        schema: Version(SCHEMA_NAME),
        id: Id(event.id),
        kind: Word(event.kind),
        phase: Word(event.phase),
        severity: Word(event.severity),
        time: Time(event.time),
        sensor: terms.names.sensor.as_deref(),
        segment: event.segment.map(|segment| segment.to_string()),
        mac: event.mac.map(Hardware),
        vendor: event.mac.and_then(|mac| terms.vendors.lookup(mac)),
        mac_class: event.mac.map(|mac| Word(vendor::class(mac))),
        administered: event.mac.map(|mac| Word(vendor::administered(mac))),
        ip: event.ip,
        from: event.from.as_ref().map(|side| side_object(side, terms)),
        to: event.to.as_ref().map(|side| side_object(side, terms)),
        announcement: event.announcement.map(Word),
        announcer: event.announcer.map(Word),
        announcements: event.announcements,
        blackout_ms: event
            .blackout
            .map(|span| rounded(span, Span::as_millis_f64)),
        moves: event.moves,
        window_s: event.window.map(|span| rounded(span, Span::as_secs_f64)),
        confidence: event.confidence.map(Word),
        cause: event.cause.map(Word),
        origin: event.origin.map(Word),
        evidence: event
            .evidence
            .iter()
            .map(|evidence| evidence_object(evidence, terms))
            .collect(),
        related: event.related.iter().copied().map(Id).collect(),
        message: message(event, terms),
        advice: advice(event),
    }
}

fn side_object<'a>(side: &'a Side, terms: Terms<'a>) -> SideObject<'a> {
    SideObject {
        port: side.port.map(|port| terms.names.port(port)),
        mac: side.mac.map(Hardware),
        first_seen: side.first_seen.map(Time),
        last_seen: side.last_seen.map(Time),
        frames: side.frames,
        ips: &side.ips,
        hostname: side
            .hostname
            .filter(|name| !name.is_empty())
            .map(|name| name.to_string()),
    }
}

fn evidence_object<'a>(evidence: &Evidence, terms: Terms<'a>) -> EvidenceObject<'a> {
    EvidenceObject {
        what: What(evidence.finding.what()),
        time: Time(evidence.time),
        source: terms.names.source(evidence.at.source),
        frame: evidence.at.number,
        detail: detail(&evidence.finding, terms),
    }
}

/// A span in a unit, to three decimals.
fn rounded(span: Span, unit: fn(Span) -> f64) -> f64 {
    (unit(span) * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::model::{Finding, Kind, Names, Phase};
    use crate::vendor::Vendors;

    fn render(event: &Event, names: &Names) -> String {
        let vendors = Vendors::builtin();
        let terms = Terms {
            names,
            vendors: &vendors,
        };
        let mut out = Vec::new();
        write_event(&mut out, event, terms).expect("a vector takes everything");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn a_full_event_has_every_key_in_the_order_of_the_spec() {
        let line = render(&samples::full(), &samples::names());
        let expected = concat!(
            r#"{"schema":"doppelmac/1","id":"5c1f0a0000000001","kind":"mac.duplicate","#,
            r#""phase":"raised","severity":"critical","time":"2026-11-22T06:00:00.123456789Z","#,
            r#""sensor":"tor-7","segment":"vlan10","mac":"00:50:56:8a:12:34","#,
            r#""vendor":"VMware, Inc.","mac_class":"vmware-vcenter","administered":"universal","#,
            r#""ip":"10.0.0.5","from":{"port":"swp3","mac":"00:50:56:8a:12:34","#,
            r#""first_seen":"2026-11-22T05:00:00.123456789Z","#,
            r#""last_seen":"2026-11-22T06:00:00.123456789Z","frames":812,"ips":["10.0.0.5"],"#,
            r#""hostname":"web1"},"to":{"port":"swp9","mac":"00:50:56:8a:12:34","#,
            r#""first_seen":"2026-11-22T05:59:00.123456789Z","#,
            r#""last_seen":"2026-11-22T06:00:00.123456789Z","frames":640,"ips":["10.0.0.9"],"#,
            r#""hostname":"web1-clone"},"announcement":"rarp","announcer":"qemu","#,
            r#""announcements":5,"blackout_ms":84.2,"moves":4,"window_s":180.0,"#,
            r#""confidence":"certain","cause":"duplicate_station","origin":"cloned_vm","#,
            r#""evidence":[{"what":"disjoint_ips","time":"2026-11-22T06:00:00.123456789Z","#,
            r#""source":"ports.pcapng","frame":4711,"#,
            r#""detail":"One port brings 10.0.0.5, the other 10.0.0.9, and the first spoke again."}],"#,
            r#""related":["000000000000002a"],"#,
            r#""message":"00:50:56:8a:12:34 (VMware) is used by two stations: 10.0.0.5 "#,
            r#"(web1) on swp3 and 10.0.0.9 (web1-clone) on swp9, in vlan10.","#,
            r#""advice":""#,
        );
        assert!(line.starts_with(expected), "{line}");
        assert!(line.ends_with("\"}\n"));
    }

    #[test]
    fn what_is_unknown_is_absent() {
        let line = render(&samples::bare(Kind::CaptureLoss), &Names::default());
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let keys: Vec<_> = value.as_object().expect("an object").keys().collect();
        assert_eq!(
            keys,
            [
                "advice", "id", "kind", "message", "phase", "schema", "severity", "time"
            ]
        );
    }

    #[test]
    fn every_event_is_valid_under_the_published_schema() {
        let validator = jsonschema::validator_for(&super::super::schema()).expect("a schema");
        let names = samples::names();
        let mut events = vec![samples::full()];
        for &kind in Kind::ALL {
            events.push(samples::bare(kind));
            for &phase in Phase::ALL {
                let mut event = samples::full();
                event.kind = kind;
                event.phase = phase;
                events.push(event);
            }
        }
        events.extend(samples::findings().into_iter().map(samples::with_finding));
        for event in &events {
            let line = render(event, &names);
            let value = serde_json::from_str(&line).expect("JSON");
            let errors: Vec<_> = validator
                .iter_errors(&value)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{line}: {errors:?}");
        }
    }

    #[test]
    fn the_schema_refuses_other_words_and_other_keys() {
        let validator = jsonschema::validator_for(&super::super::schema()).expect("a schema");
        let line = render(&samples::full(), &samples::names());
        let good: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        for (key, value) in [
            ("kind", "mac.doubled"),
            ("schema", "doppelmac/2"),
            ("mac", "00-50-56-8A-12-34"),
            ("surprise", "key"),
        ] {
            let mut bad = good.clone();
            bad[key] = value.into();
            assert!(!validator.is_valid(&bad), "{key}: {value}");
        }
    }

    #[test]
    fn a_sample_exists_for_every_finding() {
        let whats: Vec<_> = samples::findings().iter().map(Finding::what).collect();
        assert_eq!(whats, Finding::NAMES);
    }
}
