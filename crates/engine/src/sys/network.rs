//! Network interfaces.
#![expect(unsafe_code, reason = "interfaces are made and set by ioctl")]

use std::fs::File;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

use rustix::net::{AddressFamily, SocketType, socket};

/// Brings the loopback interface of this thread's network namespace up.
pub(crate) fn loopback_up() -> io::Result<()> {
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    up(&socket, &mut named("lo"))
}

/// Makes a TUN device named `out` in this thread's network namespace, with an address, as its default route. Its packets
/// (IPv4, without anything before them) are read from the file and written to it; neither waits. The device is gone with
/// the file (Linux documentation, networking/tuntap; netdevice(7), rtnetlink(7)).
pub(crate) fn tunnel(address: Ipv4Addr, prefix: u8, mtu_bytes: usize) -> io::Result<File> {
    let file = File::options()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK)
        .open("/dev/net/tun")?;
    let mut request = named("out");
    request.ifr_ifru.ifru_flags = low_bits(libc::IFF_TUN | libc::IFF_NO_PI);
    call(&file, libc::TUNSETIFF, &mut request)?;
    let socket = socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    let mask = Ipv4Addr::from(u32::MAX << (32 - u32::from(prefix)));
    request.ifr_ifru.ifru_addr = internet(address);
    call(&socket, libc::SIOCSIFADDR, &mut request)?;
    request.ifr_ifru.ifru_netmask = internet(mask);
    call(&socket, libc::SIOCSIFNETMASK, &mut request)?;
    request.ifr_ifru.ifru_mtu = libc::c_int::try_from(mtu_bytes).expect("a packet fits");
    call(&socket, libc::SIOCSIFMTU, &mut request)?;
    up(&socket, &mut request)?;
    // SAFETY: all-zero bytes are a valid `rtentry`: plain data, and a null pointer for "no device named".
    let mut route: libc::rtentry = unsafe { std::mem::zeroed() };
    route.rt_dst = internet(Ipv4Addr::UNSPECIFIED);
    route.rt_genmask = internet(Ipv4Addr::UNSPECIFIED);
    route.rt_flags = libc::RTF_UP;
    route.rt_dev = request.ifr_name.as_mut_ptr();
    call(&socket, libc::SIOCADDRT, &mut route)?;
    Ok(file)
}

/// A request about an interface.
fn named(name: &str) -> libc::ifreq {
    // SAFETY: all-zero bytes are a valid `ifreq`: an empty name and a union of plain data.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, letter) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = libc::c_char::try_from(letter).expect("ASCII fits");
    }
    request
}

fn up(socket: &impl AsRawFd, request: &mut libc::ifreq) -> io::Result<()> {
    request.ifr_ifru.ifru_flags = low_bits(libc::IFF_UP | libc::IFF_RUNNING);
    call(socket, libc::SIOCSIFFLAGS, request)
}

/// Flags as the kernel's structures hold them.
fn low_bits(flags: libc::c_int) -> libc::c_short {
    libc::c_short::try_from(flags).expect("these flags are in the low bits")
}

/// An address without a port.
fn internet(address: Ipv4Addr) -> libc::sockaddr {
    let mut bytes = [0; 14];
    bytes[2..6].copy_from_slice(&address.octets());
    libc::sockaddr {
        sa_family: libc::sa_family_t::try_from(libc::AF_INET).expect("a small number"),
        // In `sockaddr_in` two bytes of the port come before the address (ip(7)).
        sa_data: bytes.map(u8::cast_signed),
    }
}

fn call<T>(file: &impl AsRawFd, request: libc::Ioctl, argument: &mut T) -> io::Result<()> {
    // SAFETY: the requests made here take a pointer to an `ifreq` or `rtentry`, which `argument` is; it is initialised and
    // alive over the call, and the name that an `rtentry` points to is, too.
    let outcome = unsafe { libc::ioctl(file.as_raw_fd(), request, &raw mut *argument) };
    if outcome == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
