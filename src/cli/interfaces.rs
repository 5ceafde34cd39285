//! `doppelmac interfaces`: what libpcap can capture on.

use std::fmt::Write as _;
use std::io::{self, Write};

use pcap::{ConnectionStatus, Device};

use crate::run::Error;

/// Prints one line for each interface: name, state, addresses, description.
pub(super) fn list() -> Result<(), Error> {
    let devices = Device::list().map_err(|error| {
        Error::configuration(format!("libpcap cannot list the interfaces: {error}"))
    })?;
    io::stdout()
        .lock()
        .write_all(table(&devices).as_bytes())
        .map_err(|error| Error::output("standard output", error))
}

fn table(devices: &[Device]) -> String {
    let width = |text: &str| text.chars().count();
    let names = devices.iter().map(|device| width(&device.name)).max();
    let names = names.unwrap_or(0);
    let mut text = String::new();
    for device in devices {
        let addresses: Vec<_> = device
            .addresses
            .iter()
            .map(|address| address.addr.to_string())
            .collect();
        let columns = [state(device), &addresses.join(" "), description(device)];
        let columns = columns.into_iter().filter(|column| !column.is_empty());
        let rest = columns.collect::<Vec<_>>().join("  ");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:names$}  {rest}", device.name);
    }
    text
}

/// What is known of the link, padded so that the next column lines up.
fn state(device: &Device) -> &'static str {
    match device.flags.connection_status {
        _ if !device.flags.is_up() => "down        ",
        ConnectionStatus::Connected => "connected   ",
        ConnectionStatus::Disconnected => "disconnected",
        ConnectionStatus::Unknown | ConnectionStatus::NotApplicable => "up          ",
    }
}

fn description(device: &Device) -> &str {
    device.desc.as_deref().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use pcap::{Address, DeviceFlags, IfFlags};

    use super::*;

    fn device(name: &str, if_flags: IfFlags, connection_status: ConnectionStatus) -> Device {
        Device {
            name: name.to_owned(),
            desc: None,
            addresses: Vec::new(),
            flags: DeviceFlags {
                if_flags,
                connection_status,
            },
        }
    }

    #[test]
    fn interfaces_stand_in_columns() {
        let mut eth = device("eth0", IfFlags::UP, ConnectionStatus::Connected);
        eth.addresses.push(Address {
            addr: [10, 0, 0, 5].into(),
            netmask: None,
            broadcast_addr: None,
            dst_addr: None,
        });
        let mut any = device("any", IfFlags::UP, ConnectionStatus::NotApplicable);
        any.desc = Some("all interfaces".to_owned());
        let off = device("swp12", IfFlags::empty(), ConnectionStatus::Disconnected);
        assert_eq!(
            table(&[eth, any, off]),
            "eth0   connected     10.0.0.5\n\
             any    up            all interfaces\n\
             swp12  down        \n"
        );
    }
}
