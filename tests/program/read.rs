//! `doppelmac read`: however the bytes arrive, the verdicts are the same.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::{capture, doppelmac, events, json, read_json, run, stderr, stdout};

const CLONE: &str = "mac_duplicate/cloned_vm/ports-in.pcapng";
const DUPLICATE_IP: &str = "ip_duplicate/taken_anyway/mirror.pcap";
const QUIET: &str = "quiet/healthy_lan/ports.pcapng.gz";

/// Length of the pcap file header, and of a record's header.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// What does not depend on what an input is called, or in how many parts it comes: the events
/// without names of inputs and frame numbers, and without what is made of these.
fn facts(events: &[Value]) -> Vec<Value> {
    const NAMING: [&str; 6] = ["id", "related", "message", "advice", "from", "to"];
    let mut events = events.to_vec();
    for event in &mut events {
        // Where the capture tells no ports, the input's name stands for the port.
        for (side, mac) in [("from", "from_mac"), ("to", "to_mac")] {
            event[mac] = event[side]["mac"].take();
        }
        let evidence = event["evidence"].as_array_mut();
        for item in evidence.into_iter().flatten() {
            item.as_object_mut()
                .expect("evidence is an object")
                .retain(|key, _| key == "what" || key == "time");
        }
        event
            .as_object_mut()
            .expect("an event is an object")
            .retain(|key, _| !NAMING.contains(&key.as_str()));
    }
    events
}

fn facts_of(path: &Path) -> Vec<Value> {
    let output = run(read_json().arg(path));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    facts(&events(&output))
}

/// Offsets at which records of a little-endian pcap file begin, and its end.
fn records(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![FILE_HEADER];
    while let Some(header) = bytes.get(starts[starts.len() - 1]..) {
        let Some(length) = header.get(8..12) else {
            break;
        };
        let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
        let length = usize::try_from(length).expect("it fits a file");
        starts.push(starts[starts.len() - 1] + RECORD_HEADER + length);
    }
    starts
}

#[test]
fn a_pipe_and_a_compressed_file_give_what_the_file_gives() {
    for path in [CLONE, DUPLICATE_IP] {
        let path = capture(path);
        let plain = facts_of(&path);
        assert!(!plain.is_empty());

        let bytes = fs::read(&path).expect("a capture");
        let piped = run(read_json().arg("-").write_stdin(bytes.clone()));
        assert_eq!(facts(&events(&piped)), plain, "from a pipe");

        let scratch = tempfile::tempdir().expect("a scratch folder");
        // Named without a suffix: compression is told by content.
        let packed = scratch.path().join("capture");
        let file = fs::File::create(&packed).expect("a file");
        let mut encoder = GzEncoder::new(file, Compression::fast());
        encoder.write_all(&bytes).expect("written");
        encoder.finish().expect("written");
        assert_eq!(facts_of(&packed), plain, "compressed");

        let packed = fs::read(&packed).expect("a capture");
        let piped = run(read_json().arg("-").write_stdin(packed));
        assert_eq!(facts(&events(&piped)), plain, "compressed, from a pipe");
    }
}

#[test]
fn a_file_cut_in_two_gives_what_the_whole_gives() {
    let path = capture(DUPLICATE_IP);
    let whole = facts_of(&path);
    let bytes = fs::read(&path).expect("a capture");
    let starts = records(&bytes);
    let scratch = tempfile::tempdir().expect("a scratch folder");
    for cut in [1, starts.len() / 3, starts.len() / 2, starts.len() - 2] {
        let (first, second) = bytes.split_at(starts[cut]);
        let second = [&bytes[..FILE_HEADER], second].concat();
        let files = [scratch.path().join("a.pcap"), scratch.path().join("b.pcap")];
        fs::write(&files[0], first).expect("written");
        fs::write(&files[1], second).expect("written");
        for order in [[0, 1], [1, 0]] {
            let output = run(read_json().args(order.map(|index| &files[index])));
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            assert_eq!(facts(&events(&output)), whole, "cut at frame {cut}");
        }
    }
}

#[test]
fn the_same_capture_gives_the_same_lines() {
    let once = run(read_json().arg(capture(CLONE)));
    let again = run(read_json().arg(capture(CLONE)));
    assert_eq!(stdout(&once), stdout(&again));
}

#[test]
fn events_come_in_order_of_time() {
    for path in [
        CLONE,
        DUPLICATE_IP,
        "mac_flapping/replug/ports.pcapng.gz",
        "redundancy_conflict/split_brain/ports.pcapng.gz",
    ] {
        let said = events(&run(read_json().arg(capture(path))));
        // RFC 3339 in UTC with nine decimals sorts as text.
        let times: Vec<&str> = said
            .iter()
            .filter_map(|event| event["time"].as_str())
            .collect();
        assert!(times.is_sorted(), "{path}: {times:?}");
    }
}

#[test]
fn a_missing_file_ends_with_two_and_is_named() {
    let output = run(doppelmac().args(["read", "no-such.pcap"]));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no-such.pcap"), "{output:?}");
}

#[test]
fn what_is_no_capture_ends_with_a_message_and_no_panic() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("text", b"not a capture at all, just some words"),
        ("magic", b"\xd4\xc3\xb2\xa1"),
        ("section", b"\x0a\x0d\x0d\x0a\x08\x00\x00\x00"),
        ("gzip", b"\x1f\x8b\x08\x00"),
    ] {
        let path = scratch.path().join(name);
        fs::write(&path, bytes).expect("written");
        let output = run(doppelmac().arg("read").arg(&path));
        let code = output.status.code();
        assert!(matches!(code, Some(2 | 3)), "{name}: {output:?}");
        assert!(stderr(&output).contains(name), "{name}: {output:?}");
        assert!(!stderr(&output).contains("panicked"), "{name}: {output:?}");
    }
}

#[test]
fn a_file_cut_within_a_frame_gives_the_events_up_to_there_and_three() {
    let bytes = fs::read(capture(DUPLICATE_IP)).expect("a capture");
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let path = scratch.path().join("cut.pcap");
    fs::write(&path, &bytes[..bytes.len() - 7]).expect("written");

    let output = run(read_json().arg(&path));
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let last = records(&bytes[..bytes.len() - 7]);
    let offset = last[last.len() - 2].to_string();
    assert!(stderr(&output).contains("cut.pcap"), "{}", stderr(&output));
    assert!(stderr(&output).contains(&offset), "{}", stderr(&output));
    let kinds: Vec<Value> = events(&output)
        .iter()
        .map(|event| event["kind"].clone())
        .collect();
    assert!(kinds.contains(&Value::from("ip.duplicate")), "{kinds:?}");
    assert!(kinds.contains(&Value::from("capture.damaged")), "{kinds:?}");
}

#[test]
fn fail_on_ends_with_one_from_that_severity_on() {
    for (path, severity, code) in [
        (CLONE, "critical", 1),
        (CLONE, "info", 1),
        ("mac_moved/silent/ports-in.pcapng", "notice", 1),
        ("mac_moved/silent/ports-in.pcapng", "critical", 0),
        (QUIET, "notice", 0),
    ] {
        let output = run(doppelmac()
            .args(["read", "--fail-on", severity])
            .arg(capture(path)));
        assert_eq!(output.status.code(), Some(code), "{path} on {severity}");
    }
}

#[test]
fn stats_have_every_counter_by_its_name() {
    const KEYS: [&str; 31] = [
        "frames",
        "bytes",
        "files",
        "interfaces",
        "stations",
        "addresses",
        "outer_sources",
        "arp_requests",
        "arp_replies",
        "arp_gratuitous",
        "arp_probes",
        "rarp",
        "vlan_tagged",
        "vxlan",
        "geneve",
        "gre",
        "erspan",
        "ndp_ns",
        "ndp_na",
        "ndp_dad",
        "dhcp",
        "dhcpv6",
        "vrrp",
        "hsrp",
        "glbp",
        "lldp_cdp",
        "lacp",
        "copies",
        "rejected",
        "events",
        "seconds",
    ];
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let path = scratch.path().join("stats.json");
    let output = run(read_json().arg("--stats").arg(&path).arg(capture(CLONE)));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let stats = json(&path);
    let object = stats.as_object().expect("one object");
    for key in KEYS {
        let value = object
            .get(key)
            .unwrap_or_else(|| panic!("{key} is missing"));
        let counts = matches!(key, "rejected" | "events");
        assert_eq!(value.is_object(), counts, "{key} is {value}");
        assert_eq!(value.is_number(), !counts, "{key} is {value}");
    }
    assert_eq!(object.len(), KEYS.len(), "{stats}");
}

#[test]
fn a_report_names_both_sides_of_a_duplicate() {
    let output = run(doppelmac().arg("read").arg(capture(CLONE)));
    let report = stdout(&output);
    for fact in [
        "00:15:5d:d6:9f:02",
        "p1",
        "p2",
        "10.20.212.11",
        "10.20.212.12",
    ] {
        assert!(report.contains(fact), "{fact} is not in:\n{report}");
    }
    assert!(!report.contains('\x1b'), "no colour into a pipe");
}

#[test]
fn colour_comes_when_it_is_asked_for() {
    let output = run(doppelmac()
        .args(["read", "--color", "always"])
        .arg(capture(CLONE)));
    assert!(stdout(&output).contains('\x1b'));
}

#[test]
fn a_quiet_capture_gets_a_plain_line() {
    let output = run(doppelmac().arg("read").arg(capture(QUIET)));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!stdout(&output).is_empty());
    assert!(stderr(&output).is_empty(), "{}", stderr(&output));
}
