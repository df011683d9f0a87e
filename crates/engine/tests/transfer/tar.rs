//! Archives written by hand, so that they can say what no honest program writes.

use std::io::Write as _;

/// A tar archive under construction.
#[derive(Default)]
pub struct Tar(Vec<u8>);

impl Tar {
    /// Adds an entry of the type `flag`; owner 5:6, changed at 1,600,000,000.
    pub fn entry(mut self, flag: u8, name: &str, link: &str, mode: u32, content: &[u8]) -> Self {
        let mut block = [0_u8; 512];
        put(&mut block, 0, name.as_bytes());
        put(&mut block, 100, format!("{mode:07o}\0").as_bytes());
        put(&mut block, 108, b"0000005\0");
        put(&mut block, 116, b"0000006\0");
        put(
            &mut block,
            124,
            format!("{:011o}\0", content.len()).as_bytes(),
        );
        put(
            &mut block,
            136,
            format!("{:011o}\0", 1_600_000_000).as_bytes(),
        );
        block[156] = flag;
        put(&mut block, 157, link.as_bytes());
        put(&mut block, 257, b"ustar\x0000");
        put(&mut block, 148, b"        ");
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
        self.0.extend(block);
        self.0.extend(content);
        let padding = content.len().next_multiple_of(512) - content.len();
        self.0.extend(vec![0; padding]);
        self
    }

    pub fn file(self, name: &str, content: &str) -> Self {
        self.entry(b'0', name, "", 0o640, content.as_bytes())
    }

    pub fn folder(self, name: &str) -> Self {
        self.entry(b'5', name, "", 0o750, b"")
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, 0o777, b"")
    }

    pub fn hardlink(self, name: &str, target: &str) -> Self {
        self.entry(b'1', name, target, 0o640, b"")
    }

    /// An extended attribute of the entry that follows.
    pub fn xattr(self, name: &str, value: &str) -> Self {
        let text = format!(" SCHILY.xattr.{name}={value}\n");
        let mut length = text.len() + 1;
        while text.len() + length.to_string().len() != length {
            length = text.len() + length.to_string().len();
        }
        let record = format!("{length}{text}");
        self.entry(b'x', "pax", "", 0o644, record.as_bytes())
    }

    /// The bytes, with the mark of the end.
    pub fn bytes(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

fn put(block: &mut [u8; 512], at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}
