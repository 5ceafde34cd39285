//! One transition, told by what announces it: `mac.moved`, `mac.migrated`, `station.announced`.

use serde_json::json;

use crate::frames::{ALL, NONE, garp, rarp};
use crate::lab::{Feed, Host, Lab, dotted, scenario, text};

/// The rounds of QEMU's announcement (`net/announce.c`).
pub(crate) const QEMU: [f64; 5] = [0.0, 0.05, 0.2, 0.45, 0.8];

/// A guest stops on its port at about `time` and goes on on another, where the hypervisor
/// announces it at these offsets. Returns it with the time it was gone.
pub(crate) fn migrate(lab: &mut Lab, guest: Host, to: usize, time: f64, rarps: &[f64]) -> f64 {
    let blackout = lab.about(0.03, 0.3);
    let resumed = time + blackout;
    for &offset in rarps {
        let late = lab.about(0.0, 0.002);
        let late = if offset > 0.0 { late } else { 0.0 };
        lab.send(resumed + offset + late, to, rarp(guest.mac));
    }
    blackout
}

/// A guest that talks to a peer until `time` exactly, and on `to` from then on.
fn live_migration(
    lab: &mut Lab,
    guest: Host,
    peer: &Host,
    to: usize,
    time: f64,
    rarps: &[f64],
) -> f64 {
    lab.say(time, &guest, peer);
    let blackout = migrate(lab, guest, to, time, rarps);
    lab.say(time + blackout + 0.004, &guest.on(to), peer);
    blackout * 1000.0
}

#[test]
fn one_qemu_migration_is_told_with_its_blackout() {
    scenario("qemu-once", Feed::BY_PORT, |lab| {
        let (guest, peer) = (lab.host_of(0, [0x52, 0x54, 0]), lab.host(3));
        lab.resolve(0.1, &guest, &peer);
        lab.talk(&guest, &peer, (0.2, 19.9), 0.1);
        let gone = live_migration(lab, guest, &peer, 1, 20.0, &QEMU);
        lab.talk(&guest.on(1), &peer, (20.5, 40.0), 0.1);
        lab.expect(json!({
            "kind": "mac.migrated", "mac": text(guest.mac), "announcer": "qemu",
            "announcement": "rarp", "announcements": 5,
            "from": {"port": lab.name(0)}, "to": {"port": lab.name(1)},
            "blackout_ms": {"min": gone - 0.01, "max": gone + 0.01},
        }));
        lab.forbid(json!({"kind": "mac.moved"}));
        lab.forbid(json!({"kind": "station.announced"}));
    });
}

#[test]
fn back_after_ten_minutes_are_two_migrations() {
    scenario("qemu-there-and-back", Feed::BY_PORT, |lab| {
        let (guest, peer) = (lab.host_of(0, [0x52, 0x54, 0]), lab.host(3));
        lab.talk(&guest, &peer, (0.2, 19.9), 0.2);
        live_migration(lab, guest, &peer, 1, 20.0, &QEMU);
        lab.talk(&guest.on(1), &peer, (20.5, 619.9), 0.7);
        live_migration(lab, guest.on(1), &peer, 0, 620.0, &QEMU);
        lab.talk(&guest, &peer, (620.5, 640.0), 0.2);
        for (from, to) in [(0, 1), (1, 0)] {
            lab.expect(json!({
                "kind": "mac.migrated", "mac": text(guest.mac), "announcer": "qemu",
                "from": {"port": lab.name(from)}, "to": {"port": lab.name(to)},
            }));
        }
        lab.forbid(json!({"kind": "mac.moved"}));
    });
}

#[test]
fn a_vmotion_is_announced_by_esxi() {
    scenario("vmotion", Feed::BY_PORT, |lab| {
        let (guest, peer) = (lab.host_of(0, [0x00, 0x50, 0x56, 0x8a]), lab.host(3));
        lab.talk(&guest, &peer, (0.2, 19.9), 0.1);
        live_migration(lab, guest, &peer, 2, 20.0, &[0.0, 0.9, 2.0, 3.0, 4.0]);
        lab.talk(&guest.on(2), &peer, (20.5, 40.0), 0.1);
        lab.expect(json!({
            "kind": "mac.migrated", "mac": text(guest.mac), "announcer": "esxi",
            "from": {"port": lab.name(0)}, "to": {"port": lab.name(2)},
        }));
    });
}

#[test]
fn rarp_at_power_on_is_no_migration() {
    scenario("esxi-power-on", Feed::ANY, |lab| {
        let (guest, peer) = (lab.host_of(0, [0x00, 0x50, 0x56, 0x8a]), lab.host(3));
        for offset in [0.0, 1.0, 2.0, 3.0, 4.0] {
            lab.send(5.0 + offset, 0, rarp(guest.mac));
        }
        lab.talk(&guest, &peer, (11.0, 40.0), 0.5);
        // Its uplink fails over: announced again, and nothing has moved.
        for offset in [0.0, 1.0, 2.0, 3.0, 4.0] {
            lab.send(30.3 + offset, 0, rarp(guest.mac));
        }
        lab.expect(json!({
            "kind": "station.announced", "mac": text(guest.mac), "announcement": "rarp",
            "announcer": "esxi", "announcements": 5,
        }));
        lab.forbid(json!({"kind": "mac.migrated"}));
    });
}

#[test]
fn a_bond_that_fails_over_is_one_announced_transition() {
    scenario("bond-fail-over", Feed::BY_PORT, |lab| {
        let (host, peer) = (lab.host(0), lab.host(3));
        lab.talk(&host, &peer, (0.2, 20.0), 0.1);
        let back = 20.0 + lab.about(0.1, 0.3);
        lab.send(back, 1, garp(host.id(), NONE));
        lab.talk(&host.on(1), &peer, (back + 0.01, 60.0), 0.1);
        lab.expect(json!({
            "kind": "mac.migrated", "mac": text(host.mac), "announcement": "garp-request",
            "from": {"port": lab.name(0)}, "to": {"port": lab.name(1)},
        }));
        lab.forbid(json!({"kind": "mac.moved"}));
    });
}

#[test]
fn a_host_that_is_plugged_elsewhere_has_moved() {
    scenario("re-plugged", Feed::BY_PORT, |lab| {
        let (host, peer) = (lab.host(0), lab.host(3));
        lab.talk(&host, &peer, (0.2, 20.0), 0.1);
        let back = 20.0 + lab.about(3.0, 8.0);
        lab.resolve(back, &host.on(2), &peer);
        lab.talk(&host.on(2), &peer, (back + 0.1, 60.0), 0.1);
        lab.expect(json!({
            "kind": "mac.moved", "mac": text(host.mac),
            "from": {"port": lab.name(0), "ips": [dotted(host.ip)]},
            "to": {"port": lab.name(2)},
        }));
        lab.forbid(json!({"kind": "mac.migrated"}));
    });
}

#[test]
fn arping_on_the_old_port_announces_no_move() {
    scenario("announced-in-place", Feed::ANY, |lab| {
        let (host, peer) = (lab.host(0), lab.host(3));
        lab.talk(&host, &peer, (0.2, 20.0), 0.1);
        for offset in [0.0, 1.0, 2.0] {
            lab.send(10.0 + offset, 0, garp(host.id(), ALL));
        }
        lab.expect(json!({
            "kind": "station.announced", "mac": text(host.mac), "announcer": "linux",
        }));
        lab.forbid(json!({"kind": ["mac.moved", "mac.migrated"]}));
    });
}
