use std::fs;
use std::path::PathBuf;

use super::file::testing::{gzip, interface, option, packet, pcap, pcapng, section};
use super::*;
use crate::capture::DamageKind;
use crate::capture::file::ByteOrder;

const SECOND: u64 = 1_000_000_000;

/// A folder with files, gone when dropped.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }
}

/// Frames at these times in ns, each one byte that tells which.
fn at(times: impl IntoIterator<Item = u64>) -> Vec<(u64, Vec<u8>)> {
    let numbers = (0..=u8::MAX).cycle().map(|number| vec![number]);
    times.into_iter().zip(numbers).collect()
}

fn open<P: AsRef<Path>>(paths: &[P]) -> Inputs {
    Inputs::open(paths, Options::default()).expect("these files exist")
}

/// Everything that is delivered: (time, source, number, port).
fn drain(inputs: &mut Inputs) -> Vec<(i64, u16, u64, u16)> {
    let mut all = Vec::new();
    while let Some(f) = inputs.next() {
        all.push((f.time.nanos(), f.at.source.0, f.at.number, f.port.0));
    }
    all
}

/// The port names that these files give, and the rule.
fn ports_by<P: AsRef<Path>>(paths: &[P], ports_by: PortsBy) -> (Vec<String>, PortRule) {
    let options = Options {
        ports_by,
        ..Options::default()
    };
    let mut inputs = Inputs::open(paths, options).expect("these files exist");
    drain(&mut inputs);
    (inputs.names().ports, inputs.port_rule())
}

fn ports<P: AsRef<Path>>(paths: &[P]) -> (Vec<String>, PortRule) {
    ports_by(paths, PortsBy::Auto)
}

/// One section with interfaces of these names (empty: none), and packets (interface, seconds).
fn sections(names: &[&str], packets: &[(u32, u64)]) -> Vec<u8> {
    let order = ByteOrder::Little;
    let mut bytes = section(order);
    for name in names {
        let options = match *name {
            "" => Vec::new(),
            name => option(order, 2, name.as_bytes()),
        };
        bytes.extend(interface(order, 1, 0, &options));
    }
    for &(id, seconds) in packets {
        bytes.extend(packet(order, id, seconds * 1_000_000, &[0; 14], &[]));
    }
    bytes
}

#[test]
fn inputs_are_merged_by_time_and_count_their_frames_from_one() {
    let folder = Folder::new();
    let a = folder.file("a.pcap", &pcap(&at([10, 30, 50])));
    let b = folder.file("b.pcapng", &pcapng(&at([20, 30, 40])));
    let delivered = drain(&mut open(&[a, b]));
    let order: Vec<_> = delivered.iter().map(|f| (f.0, f.1, f.2)).collect();
    let expected = [
        (10, 0, 1),
        (20, 1, 1),
        (30, 0, 2),
        (30, 1, 2),
        (40, 1, 3),
        (50, 0, 3),
    ];
    assert_eq!(order, expected);
}

#[test]
fn bursts_give_what_single_calls_give() {
    let folder = Folder::new();
    let path = folder.file("a.pcap", &pcap(&at(0..1000)));
    let mut inputs = open(&[path]);
    let mut numbers = Vec::new();
    while inputs.burst(300, |frame| numbers.push(frame.at.number)) == 300 {}
    assert_eq!(numbers, (1..=1000).collect::<Vec<_>>());
    let progress = inputs.progress();
    assert_eq!(Some(progress.read), progress.total);
}

#[test]
fn a_damaged_input_stops_and_the_others_go_on() {
    let folder = Folder::new();
    let mut cut = pcap(&at([10, 30]));
    cut.truncate(cut.len() - 1);
    let a = folder.file("a.pcap", &cut);
    let b = folder.file("b.pcap", &pcap(&at([20, 40])));
    let c = folder.file("c.txt", b"no capture");
    let mut inputs = open(&[a, b, c]);
    assert_eq!(drain(&mut inputs).len(), 3);
    let damages: Vec<_> = inputs.damages().map(|(s, d)| (s.0, d.kind())).collect();
    let expected = [(0, DamageKind::CutShort), (2, DamageKind::NotACapture)];
    assert_eq!(damages, expected);
}

#[test]
fn what_cannot_be_opened_is_told_before_anything_is_read() {
    let folder = Folder::new();
    let missing = folder.0.path().join("missing.pcap");
    let refused = |path: PathBuf| match Inputs::open(&[path], Options::default()) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    };
    assert!(refused(missing).ends_with("missing.pcap: no such file"));
    assert!(refused(folder.0.path().to_owned()).contains("is a directory"));
}

#[test]
fn a_rotated_capture_is_one_port_even_if_it_overlaps_by_a_hair() {
    let folder = Folder::new();
    let minute = |n: u64, early: u64| at((0..60).map(move |s| (n * 60 + s) * SECOND - early));
    for pack in [|bytes: Vec<u8>| bytes, |bytes: Vec<u8>| gzip(&bytes)] {
        let paths = [
            folder.file("r_1.pcap", &pack(pcap(&minute(1, 0)))),
            folder.file("r_2.pcap", &pack(pcap(&minute(2, SECOND + SECOND / 2)))),
            folder.file("r_3.pcap", &pack(pcap(&minute(3, 0)))),
        ];
        let (names, rule) = ports(&paths);
        assert_eq!(
            (names, rule),
            (vec!["r_1.pcap".to_owned()], PortRule::OneInTime)
        );
    }
}

#[test]
fn files_that_overlap_are_ports_of_their_own() {
    let folder = Folder::new();
    let paths = [
        folder.file("left/x.pcap", &pcap(&at((0..50).map(|s| s * SECOND)))),
        folder.file("right/x.pcap", &pcap(&at((20..70).map(|s| s * SECOND)))),
    ];
    let (names, rule) = ports(&paths);
    assert_eq!(rule, PortRule::FileNames);
    let whole = paths
        .each_ref()
        .map(|path| path.to_string_lossy().into_owned());
    assert_eq!(
        names, whole,
        "equal base names are told apart by their folders"
    );
}

#[test]
fn two_short_captures_of_one_moment_are_two_ports() {
    let folder = Folder::new();
    let paths = [
        folder.file("a.pcap", &pcap(&at((0..50).map(|n| n * SECOND / 100)))),
        folder.file("b.pcap", &pcap(&at((5..50).map(|n| n * SECOND / 100)))),
    ];
    assert_eq!(ports(&paths).0, ["a.pcap", "b.pcap"]);
}

#[test]
fn rotated_captures_of_two_ports_stay_two_ports() {
    let folder = Folder::new();
    let minute = |n: u64| pcap(&at((0..60).map(|s| (n * 61 + s) * SECOND)));
    let paths = ["a_1", "b_1", "b_2", "a_2"].map(|name| {
        let n = u64::from(name.ends_with('2'));
        folder.file(name, &minute(n))
    });
    let delivered = drain(&mut open(&paths));
    let port_of = |source| delivered.iter().find(|f| f.1 == source).map(|f| f.3);
    assert_eq!(port_of(0), port_of(3));
    assert_eq!(port_of(1), port_of(2));
    assert_ne!(port_of(0), port_of(1));
}

#[test]
fn the_user_may_say_how_ports_are_told_apart() {
    let folder = Folder::new();
    let early = folder.file("1.pcap", &pcap(&at((0..9).map(|s| s * SECOND))));
    let late = folder.file("2.pcap", &pcap(&at((20..29).map(|s| s * SECOND))));
    let other = folder.file("3.pcap", &pcap(&at((20..29).map(|s| s * SECOND))));
    let (names, rule) = ports_by(&[&early, &late], PortsBy::File);
    assert_eq!((names.len(), rule), (2, PortRule::FileNames));
    let (names, rule) = ports_by(&[&late, &other], PortsBy::Time);
    assert_eq!((names.len(), rule), (1, PortRule::OneInTime));
}

#[test]
fn interfaces_of_one_name_are_one_port_in_all_files() {
    let folder = Folder::new();
    let a = sections(&["swp1", "swp2"], &[(0, 1), (1, 2), (0, 3)]);
    let b = sections(&["swp2"], &[(0, 2)]);
    let paths = [folder.file("a.pcapng", &a), folder.file("b.pcapng", &b)];
    let (names, rule) = ports(&paths);
    assert_eq!(names, ["swp1", "swp2"]);
    assert_eq!(rule, PortRule::InterfaceNames);
}

#[test]
fn nameless_interfaces_are_ports_when_their_times_overlap() {
    let folder = Folder::new();
    let both: Vec<(u32, u64)> = (0..40).map(|n| (n % 2, u64::from(n))).collect();
    let path = folder.file("x.pcapng", &sections(&["", ""], &both));
    assert_eq!(ports(&[path]).0, ["x.pcapng#0", "x.pcapng#1"]);
    let one_by_one: Vec<(u32, u64)> = (0..40).map(|n| (n / 20, u64::from(n))).collect();
    let path = folder.file("y.pcapng", &sections(&["", ""], &one_by_one));
    assert_eq!(ports(&[path]).0, ["y.pcapng#0"]);
}

#[test]
fn a_nameless_interface_goes_on_in_the_next_section() {
    let folder = Folder::new();
    let mut bytes = sections(&[""], &[(0, 1), (0, 2)]);
    bytes.extend(sections(&[""], &[(0, 3)]));
    let path = folder.file("x.pcapng", &bytes);
    let (names, rule) = ports(&[&path]);
    assert_eq!(
        (names, rule),
        (vec!["x.pcapng".to_owned()], PortRule::OneInTime)
    );
    let interfaces = {
        let mut inputs = open(&[path]);
        drain(&mut inputs);
        inputs.interfaces()
    };
    let frames: Vec<_> = interfaces.iter().map(|i| i.frames).collect();
    assert_eq!(frames, [2, 1]);
}

#[test]
fn sections_of_one_time_are_ports_however_many() {
    let folder = Folder::new();
    let section = sections(&[""], &[(0, 1), (0, 50)]);
    let path = folder.file("x.pcapng", &section.repeat(2000));
    let (names, rule) = ports(&[path]);
    assert_eq!(names[..2], ["x.pcapng", "x.pcapng (2)"]);
    assert_eq!((names.len(), rule), (2000, PortRule::FileNames));
}

#[test]
fn other_link_types_are_told_once_skipped_and_numbered() {
    let folder = Folder::new();
    let order = ByteOrder::Little;
    let mut bytes = section(order);
    bytes.extend(interface(order, 127, 0, &option(order, 2, b"wlan0")));
    bytes.extend(interface(order, 1, 0, &option(order, 2, b"eth0")));
    for (id, time) in [(0, 1), (1, 2), (0, 3), (1, 4)] {
        bytes.extend(packet(order, id, time, &[0; 14], &[]));
    }
    let mut inputs = open(&[folder.file("x.pcapng", &bytes)]);
    let numbers: Vec<_> = drain(&mut inputs).iter().map(|f| f.2).collect();
    assert_eq!(numbers, [2, 4]);
    let notices = inputs.notices();
    assert_eq!(notices.len(), 1);
    assert!(
        notices[0].starts_with("x.pcapng: interface 0 (wlan0) has link type 127 (802.11"),
        "{}",
        notices[0]
    );
    assert_eq!(inputs.lanes(), 1);
}

#[test]
fn more_files_than_stay_open_are_read_in_turn() {
    let folder = Folder::new();
    let file = |n: usize| {
        let times = (0..10).map(|k| (n as u64 * 10 + k) * SECOND);
        folder.file(&format!("{n}.pcap"), &pcap(&at(times)))
    };
    let paths: Vec<PathBuf> = (0..3 * KEEP_OPEN).map(file).collect();
    let mut inputs = open(&paths);
    let delivered = drain(&mut inputs);
    assert_eq!(delivered.len(), 30 * KEEP_OPEN);
    assert!(delivered.is_sorted_by_key(|frame| frame.0));
    assert_eq!(inputs.names().ports, ["0.pcap"]);
}
