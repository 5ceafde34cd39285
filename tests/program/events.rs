//! Events as JSON lines keep the contract: known keys in a fixed order, valid by the schema.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::support::{capture, doppelmac, events, read_json, run, stdout};

/// A capture of each family, compressed or not.
const CAPTURES: &[&str] = &[
    "mac_duplicate/cloned_vm/ports-in.pcapng",
    "mac_migrated/qemu/ports-in.pcapng",
    "mac_flapping/unbundled_link/ports-in.pcapng",
    "ip_duplicate/taken_anyway/mirror.pcap",
    "ip_probe_conflict/dad_v6/ports-in.pcapng",
    "arp_spoofing/gateway/ports.pcapng.gz",
    "arp_storm/gratuitous/ports-in.pcapng.gz",
    "l2_loop/patch_cable/mirror.pcap",
    "redundancy_conflict/split_brain/ports.pcapng.gz",
];

/// An event as consumers may rely on it: these keys, in this order, absent when unknown.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    schema: String,
    id: String,
    kind: String,
    phase: String,
    severity: String,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    administered: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    announcement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    announcer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    announcements: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blackout_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moves: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    related: Vec<String>,
    message: String,
    advice: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ips: Vec<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Evidence {
    what: String,
    time: String,
    source: String,
    frame: u64,
    detail: String,
}

#[test]
fn every_line_has_the_promised_keys_in_the_promised_order() {
    for path in CAPTURES {
        let output = run(read_json().args(["--sensor", "tor-7"]).arg(capture(path)));
        assert!(!output.stdout.is_empty(), "{path}: nothing was said");
        for line in stdout(&output).lines() {
            let event: Event =
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{path}: {e} in {line}"));
            assert_eq!(event.schema, "doppelmac/1");
            assert_eq!(event.sensor.as_deref(), Some("tor-7"));
            let again = serde_json::to_string(&event).expect("plain data");
            assert_eq!(again, line, "{path}: the same keys in another order");
        }
    }
}

#[test]
fn every_line_validates_against_the_published_schema() {
    let schema = run(doppelmac().arg("schema"));
    let schema: Value = serde_json::from_str(stdout(&schema)).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    for path in CAPTURES {
        for event in events(&run(read_json().arg(capture(path)))) {
            let errors: Vec<String> = validator
                .iter_errors(&event)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{path}: {errors:?} in {event}");
        }
    }
}

#[test]
fn the_schema_refuses_what_is_not_in_it() {
    let schema = run(doppelmac().arg("schema"));
    let schema: Value = serde_json::from_str(stdout(&schema)).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let path = capture("mac_duplicate/cloned_vm/ports-in.pcapng");
    let said = events(&run(read_json().arg(path)));
    let event = said.first().expect("something is said");
    for (key, value) in [("kind", "mac.cloned"), ("phase", "over"), ("colour", "red")] {
        let mut altered = event.clone();
        altered[key] = Value::from(value);
        assert!(!validator.is_valid(&altered), "{key} = {value} passes");
    }
}
