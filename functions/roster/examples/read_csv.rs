//! Reads CSV files and does nothing with them: the measure for what `plan` takes.
//!
//! `cargo run --release -p roster --example read_csv -- FILE.csv…` prints how many records and bytes of cells there are.

use std::error::Error;

use csv::{ByteRecord, ReaderBuilder};

fn main() -> Result<(), Box<dyn Error>> {
    let (mut records, mut bytes) = (0u64, 0u64);
    for path in std::env::args_os().skip(1) {
        let mut reader = ReaderBuilder::new().from_path(path)?;
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            records += 1;
            bytes += record.as_slice().len() as u64;
        }
    }
    println!("{{\"records\":{records},\"bytes\":{bytes}}}");
    Ok(())
}
