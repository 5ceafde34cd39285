//! A switch, the stations on its ports, what a capture sees of it, and what must be said of that.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::cargo::cargo_bin_cmd;
use pcap_file::DataLink;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::{PcapNgBlock, PcapNgWriter};
use serde_json::Value;

use crate::frames::{Ip, Mac, Packet, is_at, who_has};
use crate::random::Random;
use crate::truth::{Truth, meets};

/// Each scenario is built with each: other addresses, port names and timings.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;
/// Ports of the switch that are captured where ports are.
pub(crate) const PORTS: usize = 6;

/// How the switch is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// Every port by its name, what comes in there.
    In,
    /// Every port by its name, both directions.
    Ports,
    /// One mirror port, every frame once.
    Mirror,
    /// One mirror port, both directions of so many ports.
    Both(usize),
}

impl Feed {
    pub(crate) const ANY: &[Feed] = &[Feed::In, Feed::Ports, Feed::Mirror, Feed::Both(PORTS)];
    pub(crate) const BY_PORT: &[Feed] = &[Feed::In, Feed::Ports];
    pub(crate) const SINGLE: &[Feed] = &[Feed::Mirror, Feed::Both(PORTS)];

    /// Whether frames are captured where they leave the switch, too.
    fn shows_egress(self) -> bool {
        matches!(self, Feed::Ports | Feed::Both(_))
    }

    fn has_ports(self) -> bool {
        matches!(self, Feed::In | Feed::Ports)
    }
}

/// A station: one network card of one machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host {
    pub(crate) mac: Mac,
    pub(crate) ip: Ip,
    pub(crate) port: usize,
    /// Where the machine's packet numbers began.
    base: u16,
}

impl Host {
    /// The same machine on another port.
    pub(crate) fn on(self, port: usize) -> Self {
        Host { port, ..self }
    }

    pub(crate) fn with_mac(self, mac: Mac) -> Self {
        Host { mac, ..self }
    }

    pub(crate) fn with_ip(self, ip: Ip) -> Self {
        Host { ip, ..self }
    }

    /// Both addresses.
    pub(crate) fn id(&self) -> (Mac, Ip) {
        (self.mac, self.ip)
    }

    /// Another machine with the same addresses.
    pub(crate) fn twin(self, port: usize) -> Self {
        let base = self.base.wrapping_add(0x4321);
        Host { port, base, ..self }
    }

    /// A packet of this machine, which numbers them by the millisecond.
    pub(crate) fn packet(&self, time: f64, to: &Host) -> Packet {
        let millis = Duration::from_secs_f64(time).as_millis() % 0x1_0000;
        let passed = u16::try_from(millis).expect("a remainder");
        Packet {
            eth: (to.mac, self.mac),
            from: self.ip,
            to: to.ip,
            id: self.base.wrapping_add(passed).max(1),
            ttl: 64,
        }
    }
}

struct Sent {
    time: Duration,
    port: usize,
    bytes: Vec<u8>,
}

/// One recording in the making.
pub(crate) struct Lab {
    pub(crate) feed: Feed,
    pub(crate) random: Random,
    truth: Truth,
    limits: Vec<(usize, Value)>,
    names: Vec<String>,
    subnet: [u8; 3],
    hosts: u8,
    sent: Vec<Sent>,
}

impl Lab {
    fn new(seed: u64, feed: Feed) -> Self {
        let mut random = Random::new(seed);
        let [number, a, b] = random.octets();
        let count = if let Feed::Both(ports) = feed {
            ports
        } else {
            PORTS
        };
        let first = usize::from(number % 40);
        Lab {
            feed,
            truth: Truth::default(),
            limits: Vec::new(),
            names: (0..count).map(|n| format!("swp{}", first + n)).collect(),
            subnet: [10, a, b],
            hosts: 9,
            sent: Vec::new(),
            random,
        }
    }

    /// A new machine on a port, its MAC from a maker's block.
    pub(crate) fn host(&mut self, port: usize) -> Host {
        self.host_of(port, [0x00, 0x1b, 0x21])
    }

    /// A new machine whose MAC begins so.
    pub(crate) fn host_of<const N: usize>(&mut self, port: usize, block: [u8; N]) -> Host {
        let mut mac: Mac = self.random.octets();
        mac[..N].copy_from_slice(&block);
        let [high, low] = self.random.octets();
        let base = u16::from_be_bytes([high, low]);
        Host {
            mac,
            ip: self.ip(),
            port,
            base,
        }
    }

    /// An address nobody has yet.
    pub(crate) fn ip(&mut self) -> Ip {
        // Two hundred are enough for one subnet.
        self.hosts = if self.hosts < 250 { self.hosts + 1 } else { 10 };
        self.ip_of(self.hosts)
    }

    /// The address of a number.
    pub(crate) fn ip_of(&self, number: u8) -> Ip {
        let [a, b, c] = self.subnet;
        [a, b, c, number]
    }

    /// The name of a port.
    pub(crate) fn name(&self, port: usize) -> &str {
        &self.names[port]
    }

    /// Between `low` and `high`, by chance.
    pub(crate) fn about(&mut self, low: f64, high: f64) -> f64 {
        self.random.between(low, high)
    }

    /// A frame comes in on a port, so many seconds after the start.
    pub(crate) fn send(&mut self, time: f64, port: usize, bytes: Vec<u8>) {
        let time = Duration::from_secs_f64(time);
        self.sent.push(Sent { time, port, bytes });
    }

    /// One datagram.
    pub(crate) fn say(&mut self, time: f64, from: &Host, to: &Host) {
        let frame = from
            .packet(time, to)
            .udp((40_000, 5000), &self.random.octets::<24>());
        self.send(time, from.port, frame);
    }

    /// Datagrams there and back from `start` to `end`, about every so many seconds.
    pub(crate) fn talk(&mut self, from: &Host, to: &Host, (start, end): (f64, f64), every: f64) {
        let mut time = start + self.about(0.0, every / 4.0);
        while time < end {
            self.say(time, from, to);
            let answer = time + self.about(0.0003, 0.0009);
            self.say(answer, to, from);
            time += self.about(every * 0.8, every * 1.2);
        }
    }

    /// The first asks for the second and is answered.
    pub(crate) fn resolve(&mut self, time: f64, from: &Host, to: &Host) {
        self.send(time, from.port, who_has(from.id(), to.ip));
        let answer = time + self.about(0.0002, 0.0009);
        self.send(answer, to.port, is_at(to.id(), from.id()));
    }

    /// What must be said.
    pub(crate) fn expect(&mut self, pattern: Value) {
        self.truth.expect.push(self.seen(pattern));
    }

    /// What may be said.
    pub(crate) fn allow(&mut self, pattern: Value) {
        self.truth.allow.push(self.seen(pattern));
    }

    /// What must not be said, however quietly.
    pub(crate) fn forbid(&mut self, pattern: Value) {
        self.truth.forbid.push(pattern);
    }

    /// No more than so many events may be so.
    pub(crate) fn at_most(&mut self, limit: usize, pattern: Value) {
        self.limits.push((limit, pattern));
    }

    /// On a single mirror nothing is known of ports.
    fn seen(&self, mut pattern: Value) -> Value {
        if !self.feed.has_ports() {
            for side in ["from", "to"] {
                if let Some(side) = pattern.get_mut(side).and_then(Value::as_object_mut) {
                    side.remove("port");
                }
            }
        }
        pattern
    }

    /// The frames as the capture sees them: (time, interface, frame).
    fn captured(&mut self) -> Vec<(Duration, usize, Vec<u8>)> {
        self.sent.sort_by_key(|sent| sent.time);
        let mut table: HashMap<(Vec<u8>, Vec<u8>), usize> = HashMap::new();
        let mut seen = Vec::new();
        for Sent { time, port, bytes } in &self.sent {
            seen.push((*time, *port, bytes.clone()));
            let vlan = if bytes[12..14] == [0x81, 0] {
                bytes[14..16].to_vec()
            } else {
                Vec::new()
            };
            if bytes[6] & 1 == 0 {
                table.insert((vlan.clone(), bytes[6..12].to_vec()), *port);
            }
            if !self.feed.shows_egress() {
                continue;
            }
            let known = table
                .get(&(vlan, bytes[..6].to_vec()))
                .filter(|_| bytes[0] & 1 == 0);
            let mut copied = *time;
            for egress in 0..self.names.len() {
                if egress != *port && known.is_none_or(|&known| known == egress) {
                    copied += Duration::from_nanos(1000 + self.random.next() % 1000);
                    seen.push((copied, egress, bytes.clone()));
                }
            }
        }
        seen.sort_by_key(|(time, ..)| *time);
        seen
    }

    fn write(&mut self, path: &Path) {
        let file = File::create(path).expect("a file");
        let mut writer = PcapNgWriter::new(file).expect("a section");
        let by_port = self.feed.has_ports();
        let names = if by_port {
            self.names.clone()
        } else {
            vec!["mirror".to_owned()]
        };
        for name in names {
            let name = InterfaceDescriptionOption::IfName(Cow::Owned(name));
            let interface = InterfaceDescriptionBlock {
                linktype: DataLink::ETHERNET,
                snaplen: 0,
                options: vec![name, InterfaceDescriptionOption::IfTsResol(9)],
            };
            writer
                .write_block(&interface.into_block())
                .expect("an interface");
        }
        for (time, port, bytes) in self.captured() {
            let packet = EnhancedPacketBlock {
                interface_id: if by_port {
                    u32::try_from(port).expect("few ports")
                } else {
                    0
                },
                timestamp: Duration::from_secs(1_795_330_762) + time,
                original_len: u32::try_from(bytes.len()).expect("frames are short"),
                data: Cow::Owned(bytes),
                options: Vec::new(),
            };
            writer.write_block(&packet.into_block()).expect("a packet");
        }
    }

    /// What is wrong with what the program says, one line each.
    fn judge(&mut self, path: &Path) -> Vec<String> {
        self.write(path);
        let mut command = cargo_bin_cmd!();
        let command = command.args(["read", "--format", "json"]);
        let output = command.arg(path).output().expect("it ends");
        if !output.status.success() {
            return vec![String::from_utf8_lossy(&output.stderr).into_owned()];
        }
        let said: Vec<Value> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).expect("events are JSON"))
            .collect();
        let mut faults = self.truth.faults(&said, &["notice", "warning", "critical"]);
        for (limit, pattern) in &self.limits {
            let found = said.iter().filter(|event| meets(event, pattern)).count();
            if found > *limit {
                faults.push(format!("{found} times instead of {limit}: {pattern}"));
            }
        }
        faults
    }
}

/// Builds a scenario with every seed, captures it in these ways and has the program judge it.
///
/// Everything of severity notice and above has to be expected or allowed. The captures stay in the
/// build folder, for a look at what failed.
pub(crate) fn scenario(name: &str, feeds: &[Feed], build: impl Fn(&mut Lab)) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lab");
    fs::create_dir_all(&folder).expect("a folder");
    let mut report = Vec::new();
    for &feed in feeds {
        for seed in SEEDS {
            let mut lab = Lab::new(seed, feed);
            build(&mut lab);
            let path = folder.join(format!("{name}-{feed:?}-{seed}.pcapng"));
            let wrong = lab.judge(&path);
            if !wrong.is_empty() {
                report.push(format!("{}:\n    {}", path.display(), wrong.join("\n    ")));
            }
        }
    }
    assert!(report.is_empty(), "\n{}\n", report.join("\n"));
}

/// An address as the program writes it.
pub(crate) fn text(mac: Mac) -> String {
    mac.map(|octet| format!("{octet:02x}")).join(":")
}

/// An IPv4 address as the program writes it.
pub(crate) fn dotted(ip: Ip) -> String {
    ip.map(|octet| octet.to_string()).join(".")
}
