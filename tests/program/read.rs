//! `doppelmac read`: however the bytes arrive, the verdicts are the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::{capture, captures, doppelmac, events, json, read_json, run, stderr, stdout};

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

/// A pcapng block around a body, which is padded.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = u32::try_from(padded + 12).expect("frames are short");
    let mut bytes = [kind.to_le_bytes(), total.to_le_bytes()].concat();
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(total.to_le_bytes());
    bytes
}

/// A little-endian pcap in microseconds, written as pcapng with one nameless interface.
fn as_pcapng(pcap: &[u8]) -> Vec<u8> {
    assert_eq!(pcap[..4], 0xa1b2_c3d4_u32.to_le_bytes(), "microseconds");
    let section = [&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat();
    let mut bytes = block(0x0a0d_0d0a, &section);
    bytes.extend(block(1, &[1, 0, 0, 0, 0, 0, 4, 0]));
    for record in records(pcap).windows(2) {
        let (header, frame) = pcap[record[0]..record[1]].split_at(RECORD_HEADER);
        let field = |at: usize| {
            let bytes = header[at..at + 4].try_into().expect("four bytes");
            u64::from(u32::from_le_bytes(bytes))
        };
        let micros = 1_000_000 * field(0) + field(4);
        let [high, low] = [micros >> 32, micros & 0xffff_ffff]
            .map(|half| u32::try_from(half).expect("a half").to_le_bytes());
        bytes.extend(block(
            6,
            &[&[0; 4], &high, &low, &header[8..], frame].concat(),
        ));
    }
    bytes
}

#[test]
fn a_pcapng_gives_what_the_pcap_gives() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    for path in [
        DUPLICATE_IP,
        "l2_loop/patch_cable/mirror.pcap",
        "ip_shared/arp_flux/mirror.pcap",
    ] {
        let path = capture(path);
        let converted = scratch.path().join("converted.pcapng");
        let bytes = fs::read(&path).expect("a capture");
        fs::write(&converted, as_pcapng(&bytes)).expect("written");
        let plain = facts_of(&path);
        assert!(!plain.is_empty());
        assert_eq!(facts_of(&converted), plain, "{}", path.display());
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

/// Hashes are seeded per process, so this is also about the order in which tables are walked.
#[test]
fn the_same_capture_gives_the_same_lines_and_ids() {
    for path in captures() {
        let once = run(read_json().arg(&path));
        let again = run(read_json().arg(&path));
        assert_eq!(stdout(&once), stdout(&again), "{}", path.display());
    }
}

#[test]
fn events_come_in_order_of_time() {
    for path in captures() {
        let said = events(&run(read_json().arg(&path)));
        // RFC 3339 in UTC with nine decimals sorts as text.
        let times: Vec<&str> = said
            .iter()
            .filter_map(|event| event["time"].as_str())
            .collect();
        assert!(times.is_sorted(), "{}: {times:?}", path.display());
    }
}

#[test]
fn an_incident_is_raised_once_and_ends_at_most_once() {
    for path in captures() {
        let mut phases: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for event in events(&run(read_json().arg(&path))) {
            let text = |key: &str| event[key].as_str().expect("a word").to_owned();
            phases.entry(text("id")).or_default().push(text("phase"));
        }
        for (id, phases) in phases {
            let name = path.display();
            let first = phases[0] == "raised" || phases == ["observed"];
            assert!(first, "{name}: {id} is {phases:?}");
            let count = |phase| phases.iter().filter(|other| *other == phase).count();
            assert!(
                count("raised") <= 1 && count("cleared") <= 1,
                "{name}: {id} is {phases:?}"
            );
        }
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
