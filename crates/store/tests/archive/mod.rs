//! Tar entries byte by byte, put together without the writer under test.

/// One entry, put together without the writer under test: flag, name, link, content.
pub fn entry(flag: u8, name: &[u8], link: &[u8], content: &[u8]) -> Vec<u8> {
    sized(flag, name, link, content, content.len() as u64)
}

pub fn sized(flag: u8, name: &[u8], link: &[u8], content: &[u8], size: u64) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name);
    let mode = if flag == b'5' { b"0000755" } else { b"0000644" };
    block[100..107].copy_from_slice(mode);
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = flag;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(b"ustar\x0000");
    if matches!(flag, b'3' | b'4') {
        block[329..336].copy_from_slice(b"0000001");
        block[337..344].copy_from_slice(b"0000003");
    }
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&b| u32::from(b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block.extend_from_slice(content);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

pub fn pax(key: &str, value: &[u8]) -> Vec<u8> {
    let mut length = key.len() + value.len() + 3;
    length += (length + 2).to_string().len();
    let record = [format!("{length} {key}=").as_bytes(), value, b"\n"].concat();
    assert_eq!(record.len(), length);
    entry(b'x', b"PaxHeaders/x", b"", &record)
}
