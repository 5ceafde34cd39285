//! Two stations with one MAC, and what looks like it.

use serde_json::json;

use crate::frames::{ACK, DISCOVER, Dhcp, Ip, Mac, NO_IP, OFFER, REQUEST, option};
use crate::lab::{Feed, Host, Lab, scenario, text};

/// What a machine says of itself in DHCP.
#[derive(Clone, Copy)]
struct Name<'a> {
    id: &'a [u8],
    host: &'a str,
    class: &'a str,
}

fn client(lab: &mut Lab, mac: Mac, name: &Name<'_>) -> Dhcp {
    let texts = [
        (61, name.id),
        (12, name.host.as_bytes()),
        (60, name.class.as_bytes()),
    ];
    let given = texts.iter().filter(|(_, value)| !value.is_empty());
    Dhcp {
        mac,
        transaction: u32::from_be_bytes(lab.random.octets()),
        client: NO_IP,
        options: given
            .flat_map(|(code, value)| option(*code, value))
            .collect(),
    }
}

/// A boot: DISCOVER, OFFER, REQUEST, ACK.
fn boot(lab: &mut Lab, time: f64, host: &Host, server: &Host, name: &Name<'_>) {
    let dhcp = client(lab, host.mac, name);
    let asked = Dhcp {
        options: [&dhcp.options[..], &option(50, &host.ip)].concat(),
        ..dhcp.clone()
    };
    lab.send(time, host.port, dhcp.ask(DISCOVER, server.id()));
    lab.send(
        time + 0.01,
        server.port,
        dhcp.answer(OFFER, server.id(), host.ip),
    );
    lab.send(time + 0.02, host.port, asked.ask(REQUEST, server.id()));
    lab.send(
        time + 0.03,
        server.port,
        dhcp.answer(ACK, server.id(), host.ip),
    );
}

/// A renewal: REQUEST with the own address, ACK.
fn renew(lab: &mut Lab, time: f64, host: &Host, server: &Host, name: &Name<'_>) {
    let dhcp = Dhcp {
        client: host.ip,
        ..client(lab, host.mac, name)
    };
    lab.send(time, host.port, dhcp.ask(REQUEST, server.id()));
    lab.send(
        time + 0.01,
        server.port,
        dhcp.answer(ACK, server.id(), host.ip),
    );
}

const FIRST: Name<'_> = Name {
    id: b"\xff\0\0\0\x01web1",
    host: "web1",
    class: "",
};
const SECOND: Name<'_> = Name {
    id: b"\xff\0\0\0\x02copy",
    host: "web1-copy",
    class: "",
};

#[test]
fn clones_that_renew_their_leases_in_turn_are_two() {
    scenario("dhcp-clones", Feed::SINGLE, |lab| {
        let (first, server) = (lab.host_of(0, [0x52, 0x54, 0]), lab.host(3));
        let second = first.twin(0).with_ip(lab.ip());
        boot(lab, 1.0, &first, &server, &FIRST);
        boot(lab, 40.0, &second, &server, &SECOND);
        for round in 0..4 {
            let time = 60.0 * f64::from(round + 1) + lab.about(0.0, 8.0);
            renew(lab, time, &first, &server, &FIRST);
            renew(lab, time + 21.0, &second, &server, &SECOND);
        }
        lab.expect(json!({
            "kind": "mac.duplicate", "mac": text(first.mac), "cause": "duplicate_station",
            "origin": "cloned_vm",
        }));
    });
}

#[test]
fn boot_loader_and_system_take_turns_and_are_one() {
    scenario("pxe", Feed::ANY, |lab| {
        let (host, server) = (lab.host(0), lab.host(3));
        let loader = Name {
            id: b"\0uuid",
            host: "",
            class: "PXEClient:Arch:00007",
        };
        let system = Name {
            id: &[&[1], &host.mac[..]].concat(),
            host: "pc",
            class: "MSFT 5.0",
        };
        let mut time = 1.0;
        for _ in 0..3 {
            let temporary = host.with_ip(lab.ip());
            boot(lab, time, &temporary, &server, &loader);
            boot(lab, time + 30.0, &host, &server, &system);
            renew(lab, time + 330.0, &host, &server, &system);
            renew(lab, time + 630.0, &host, &server, &system);
            time += lab.about(700.0, 900.0);
        }
        lab.forbid(json!({"kind": "mac.duplicate"}));
    });
}

#[test]
fn two_systems_on_one_disk_are_one_station() {
    scenario("dual-boot", Feed::ANY, |lab| {
        let (host, server) = (lab.host(0), lab.host(3));
        let other = host.with_ip(lab.ip());
        let mut time = 1.0;
        for _ in 0..3 {
            for (host, name) in [(&host, &FIRST), (&other, &SECOND)] {
                boot(lab, time, host, &server, name);
                renew(lab, time + 300.0, host, &server, name);
                lab.talk(host, &server, (time + 5.0, time + 350.0), 9.0);
                time += lab.about(400.0, 500.0);
            }
        }
        lab.forbid(json!({"kind": ["mac.duplicate", "ip.moved"]}));
    });
}

/// Two machines with one MAC speak from two ports, each from its own address.
fn two_of_one_block(lab: &mut Lab, block: [u8; 4], origin: &str) {
    let first = lab.host_of(0, block);
    let second = first.twin(2).with_ip(lab.ip());
    let (one, other) = (lab.host(4), lab.host(5));
    lab.resolve(0.1, &first, &one);
    lab.resolve(0.6, &second, &other);
    lab.talk(&first, &one, (1.0, 30.0), 0.7);
    lab.talk(&second, &other, (1.3, 30.0), 0.9);
    lab.expect(json!({
        "kind": "mac.duplicate", "mac": text(first.mac), "confidence": "certain",
        "cause": "duplicate_station", "origin": origin,
        "evidence": [{"what": "disjoint_ips"}],
    }));
    lab.at_most(1, json!({"kind": "mac.duplicate", "phase": "raised"}));
}

#[test]
fn two_vcenters_with_one_id_give_one_mac_twice() {
    scenario("vcenter-overlap", Feed::BY_PORT, |lab| {
        let [id] = lab.random.octets();
        two_of_one_block(
            lab,
            [0x00, 0x50, 0x56, 0x80 | id & 0x3f],
            "hypervisor_pool_overlap",
        );
    });
}

#[test]
fn two_hyper_v_hosts_with_one_block_give_one_mac_twice() {
    scenario("hyper-v-overlap", Feed::BY_PORT, |lab| {
        two_of_one_block(lab, [0x00, 0x15, 0x5d, 0x0a], "hypervisor_pool_overlap");
    });
}

#[test]
fn a_mac_typed_in_twice_is_a_manual_assignment() {
    scenario("vmware-manual", Feed::BY_PORT, |lab| {
        let [id] = lab.random.octets();
        two_of_one_block(lab, [0x00, 0x50, 0x56, id & 0x3f], "manual_assignment");
    });
}

#[test]
fn a_copied_guest_is_a_clone() {
    scenario("cloned-guest", Feed::BY_PORT, |lab| {
        two_of_one_block(lab, [0x52, 0x54, 0x00, 0x7a], "cloned_vm");
    });
}

#[test]
fn clones_with_one_address_are_told_by_their_counters() {
    scenario("full-clones", Feed::BY_PORT, |lab| {
        let (first, peer) = (lab.host_of(0, [0x52, 0x54, 0]), lab.host(4));
        let second = first.twin(2);
        lab.talk(&first, &peer, (1.0, 20.0), 0.15);
        lab.talk(&second, &peer, (1.1, 20.0), 0.17);
        lab.expect(json!({
            "kind": "mac.duplicate", "mac": text(first.mac), "confidence": ["likely", "certain"],
        }));
    });
}

#[test]
fn a_guest_started_elsewhere_with_another_lease_is_no_twin() {
    scenario("restarted-elsewhere", Feed::BY_PORT, |lab| {
        let (host, server) = (lab.host_of(0, [0x52, 0x54, 0]), lab.host(4));
        let mut time = 1.0;
        for port in [0, 2, 0] {
            let own: Ip = lab.ip();
            let here = host.on(port).with_ip(own);
            boot(lab, time, &here, &server, &FIRST);
            lab.resolve(time + 0.2, &here, &server);
            lab.talk(&here, &server, (time + 1.0, time + 60.0), 0.8);
            time += lab.about(75.0, 90.0);
        }
        lab.allow(json!({"kind": "mac.moved", "mac": text(host.mac)}));
        lab.forbid(json!({"kind": "mac.duplicate"}));
    });
}
