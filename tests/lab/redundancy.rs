//! First-hop redundancy: hand-overs are no faults, two masters are one.

use serde_json::json;

use crate::frames::{
    Mac, Packet, garp, glbp, hsrp, hsrp2, is_at, link_local, multicast, vrrp, vrrp6,
};
use crate::lab::{Feed, Host, Lab, dotted, scenario, text};

const STANDBY: u8 = 8;
const ACTIVE: u8 = 16;

/// Hellos every three seconds or so from one router, as its own or as the virtual MAC.
fn hellos(lab: &mut Lab, router: &Host, (start, end): (f64, f64), frame: &dyn Fn() -> Vec<u8>) {
    let mut time = start + lab.about(0.0, 0.4);
    while time < end {
        lab.send(time, router.port, frame());
        time += lab.about(2.7, 3.0);
    }
}

fn v1(group: u8) -> Mac {
    [0, 0, 0x0c, 0x07, 0xac, group]
}

#[test]
fn a_standby_that_takes_over_in_hsrp_is_a_failover() {
    scenario("hsrp-failover", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        let active = |r: &Host| hsrp(0, ACTIVE, (v1(7), r.ip), 7, 110, vip);
        hellos(lab, &one, (1.0, 40.0), &|| active(&one));
        hellos(lab, &two, (1.5, 49.0), &|| {
            hsrp(0, STANDBY, two.id(), 7, 100, vip)
        });
        lab.send(50.0, 1, garp((v1(7), vip), v1(7)));
        hellos(lab, &two, (50.1, 90.0), &|| active(&two));
        lab.expect(json!({
            "kind": "ip.failover", "ip": dotted(vip), "mac": text(v1(7)),
            "from": {"ips": [dotted(one.ip)]}, "to": {"ips": [dotted(two.ip)]},
        }));
        lab.at_most(1, json!({"kind": "ip.failover"}));
    });
}

#[test]
fn version_two_of_hsrp_fails_over_as_well() {
    scenario("hsrp2-failover", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        let mac = [0, 0, 0x0c, 0x9f, 0xf1, 0x2c];
        let active = |r: &Host| hsrp2(6, (mac, r.ip), 300, 110, vip);
        hellos(lab, &one, (1.0, 40.0), &|| active(&one));
        hellos(lab, &two, (1.5, 49.0), &|| {
            hsrp2(5, two.id(), 300, 100, vip)
        });
        hellos(lab, &two, (50.1, 90.0), &|| active(&two));
        lab.expect(json!({"kind": "ip.failover", "ip": dotted(vip), "mac": text(mac)}));
    });
}

#[test]
fn a_coup_with_crossing_hellos_is_no_conflict() {
    scenario("hsrp-coup", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        let active = |op, r: &Host| hsrp(op, ACTIVE, (v1(7), r.ip), 7, 110, vip);
        hellos(lab, &one, (1.0, 30.0), &|| active(0, &one));
        hellos(lab, &two, (1.5, 29.0), &|| {
            hsrp(0, STANDBY, two.id(), 7, 200, vip)
        });
        lab.send(30.000, 1, active(1, &two));
        lab.send(30.002, 0, active(0, &one));
        lab.send(30.004, 1, active(0, &two));
        lab.send(30.006, 0, hsrp(2, ACTIVE, (v1(7), one.ip), 7, 110, vip));
        hellos(lab, &two, (33.0, 60.0), &|| active(0, &two));
        hellos(lab, &one, (33.5, 60.0), &|| {
            hsrp(0, STANDBY, one.id(), 7, 110, vip)
        });
        lab.expect(json!({"kind": "ip.failover", "ip": dotted(vip)}));
        lab.forbid(json!({"kind": "redundancy.conflict"}));
    });
}

#[test]
fn two_active_routers_are_a_conflict() {
    scenario("hsrp-two-active", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        for router in [one, two] {
            hellos(lab, &router, (1.0, 60.0), &|| {
                hsrp(0, ACTIVE, (v1(7), router.ip), 7, 110, vip)
            });
        }
        lab.expect(json!({"kind": "redundancy.conflict", "ip": dotted(vip)}));
        lab.forbid(json!({"kind": "mac.duplicate"}));
    });
}

#[test]
fn an_active_and_a_standby_router_are_quiet() {
    scenario("hsrp-steady", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        hellos(lab, &one, (1.0, 60.0), &|| {
            hsrp(0, ACTIVE, (v1(7), one.ip), 7, 110, vip)
        });
        hellos(lab, &two, (1.5, 60.0), &|| {
            hsrp(0, STANDBY, two.id(), 7, 100, vip)
        });
        lab.forbid(json!({"kind": ["ip.failover", "ip.shared"]}));
    });
}

#[test]
fn the_forwarders_of_glbp_share_an_address_quietly() {
    scenario("glbp", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        hellos(lab, &one, (0.1, 60.0), &|| glbp(one.id(), 3, 32, vip, 1));
        hellos(lab, &two, (0.2, 60.0), &|| glbp(two.id(), 3, 16, vip, 2));
        for n in 0..12_u8 {
            let host = lab.host(3 + usize::from(n % 3));
            let forwarder = [0, 0x07, 0xb4, 0, 3, 1 + n % 2];
            let time = 4.0 + 3.0 * f64::from(n) + lab.about(0.0, 2.0);
            lab.send(time, host.port, crate::frames::who_has(host.id(), vip));
            // The gateway's owner answers for both.
            let mut answer = is_at((forwarder, vip), host.id());
            answer[6..12].copy_from_slice(&one.mac);
            lab.send(time + 0.001, 0, answer);
            let far = one.with_ip([198, 51, 100, n]).with_mac(forwarder);
            let port = usize::from(n % 2);
            lab.talk(&host, &far.on(port), (time + 0.01, time + 9.0), 0.8);
        }
    });
}

#[test]
fn one_group_id_for_two_sets_of_routers_is_a_conflict() {
    scenario("vrrp-id-twice", Feed::ANY, |lab| {
        for port in 0..2 {
            let (router, vip) = (lab.host(port), lab.ip());
            let mut time = 1.0 + lab.about(0.0, 1.0);
            while time < 60.0 {
                lab.send(time, port, vrrp(router.ip, 51, 100, &[vip]));
                time += 1.0;
            }
        }
        lab.expect(json!({"kind": "redundancy.conflict", "mac": "00:00:5e:00:01:33"}));
        lab.forbid(json!({"kind": "mac.duplicate"}));
    });
}

#[test]
fn groups_of_both_families_may_have_one_id() {
    scenario("vrrp-two-families", Feed::ANY, |lab| {
        let (one, two, vip) = (lab.host(0), lab.host(1), lab.ip());
        let vip6 = link_local([0, 0, 0x5e, 0, 2, 51]);
        for second in 0..60 {
            let time = f64::from(second) + lab.about(0.0, 0.3);
            lab.send(time, 0, vrrp(one.ip, 51, 100, &[vip]));
            lab.send(time + 0.4, 1, vrrp6(link_local(two.mac), 51, 100, vip6));
        }
    });
}

#[test]
fn a_vrrp_master_that_answers_and_forwards_is_quiet() {
    scenario("vrrp-master", Feed::ANY, |lab| {
        let (router, vip, group) = (lab.host(0), lab.ip(), 51);
        let mac = [0, 0, 0x5e, 0, 1, group];
        let role = router.with_mac(mac).with_ip(vip);
        for second in 0..60 {
            lab.send(f64::from(second), 0, vrrp(router.ip, group, 100, &[vip]));
        }
        for n in 0..6 {
            let host = lab.host(2 + n % 4);
            let time = 2.0 + lab.about(0.0, 20.0);
            lab.resolve(time, &host, &role);
            let far = router.with_ip([203, 0, 113, 9]);
            let mut at = time + 0.1;
            while at < time + 20.0 {
                let load: [u8; 9] = lab.random.octets();
                let there = Packet {
                    eth: (mac, host.mac),
                    ..host.packet(at, &far)
                };
                lab.send(at, host.port, there.udp((4000, 53), &load));
                let back = Packet {
                    ttl: 57,
                    ..far.packet(at + 0.03, &host)
                };
                lab.send(at + 0.03, 0, back.udp((53, 4000), &load));
                at += 1.3;
            }
        }
        let other = multicast(router.mac, router.ip, [224, 0, 0, 5], 1);
        lab.send(30.0, 0, other.ipv4(89, &[2, 1, 0, 44]));
    });
}
