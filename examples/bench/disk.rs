//! How fast the disk is: figures of machines with different disks cannot be compared.

use std::fs::File;
use std::io::Write;

/// The median time of a synced write, microseconds.
pub fn sync_time_us() -> anyhow::Result<u128> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let started = super::load::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed().as_micros());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
