//! The devices of this machine that can be captured on, through libpcap.

use std::error;
use std::fmt;
use std::net::IpAddr;

/// A device that libpcap can capture on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The name that `watch -i` takes.
    pub name: String,
    /// What the system says it is, where it does.
    pub description: Option<String>,
    /// The addresses of this machine on it.
    pub addresses: Vec<IpAddr>,
    /// Whether it is switched on.
    pub is_up: bool,
    /// Whether it only talks to this machine.
    pub is_loopback: bool,
}

/// Why the devices could not be listed.
#[derive(Debug)]
pub struct DevicesError(pcap::Error);

impl fmt::Display for DevicesError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = self.0.to_string();
        let lower = cause.to_lowercase();
        write!(out, "cannot list capture devices: {cause}")?;
        if lower.contains("permission") || lower.contains("not permitted") {
            write!(
                out,
                "; run as root, or give the program the capabilities cap_net_raw and cap_net_admin"
            )?;
        }
        Ok(())
    }
}

impl error::Error for DevicesError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The devices of this machine, in the order in which libpcap prefers them. Needs no privilege
/// on Linux; elsewhere only devices that may be opened are listed.
pub fn interfaces() -> Result<Vec<Device>, DevicesError> {
    let devices = pcap::Device::list().map_err(DevicesError)?;
    Ok(devices.into_iter().map(Device::from).collect())
}

impl From<pcap::Device> for Device {
    fn from(device: pcap::Device) -> Self {
        Device {
            is_up: device.flags.is_up(),
            is_loopback: device.flags.is_loopback(),
            addresses: device.addresses.iter().map(|a| a.addr).collect(),
            name: device.name,
            description: device.desc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_helps() {
        let refused = DevicesError(pcap::Error::PcapError("Operation not permitted".into()));
        let said = refused.to_string();
        assert!(said.contains("cap_net_raw"), "{said}");
        let other = DevicesError(pcap::Error::PcapError("no bus".into()));
        assert!(!other.to_string().contains("cap_net_raw"));
    }

    #[test]
    fn devices_keep_what_libpcap_says() {
        let mut known = pcap::Device::from("lo");
        // PCAP_IF_LOOPBACK and PCAP_IF_UP.
        known.flags = pcap::DeviceFlags::from(0x1 | 0x2);
        let device = Device::from(known);
        assert_eq!(device.name, "lo");
        assert!(device.is_up && device.is_loopback);
    }
}
