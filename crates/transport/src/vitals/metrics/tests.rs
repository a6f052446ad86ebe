//! `debian-12.txt` is what a real machine said. The others were put together from what such systems print.

use super::*;

#[test]
fn a_real_machine_is_understood() {
    let metrics = Metrics::parse(include_str!("recorded/debian-12.txt"));
    assert!(metrics.cpu_percent.is_some_and(|percent| (0.0..=100.0).contains(&percent)), "{metrics:?}");
    assert_eq!(metrics.ram_total_bytes, Some(24_684_096 * 1024));
    assert!(metrics.load_1m.is_some(), "{metrics:?}");
    assert!(metrics.disk_free_bytes < metrics.disk_total_bytes && metrics.disk_free_bytes.is_some(), "{metrics:?}");
    assert_eq!((metrics.temperature_c, metrics.gpus), (None, vec![]));
}

#[test]
fn a_machine_is_shown_by_the_device_that_works_hardest_and_the_hottest_of_its_processors() {
    let metrics = Metrics::parse(include_str!("recorded/nvidia.txt"));
    // Waiting for a disk is no work.
    assert_eq!((metrics.cpu_percent, metrics.load_1m), (Some(50.0), Some(3.52)));
    assert_eq!((metrics.ram_used_bytes, metrics.ram_total_bytes), (Some(2000 << 10), Some(8000 << 10)));
    assert_eq!((metrics.temperature_c, metrics.disk_free_bytes), (Some(63.0), Some(412_332_116 << 10)));
    let gpu = metrics.main_gpu().unwrap();
    assert_eq!((gpu.percent, gpu.temperature_c, gpu.fan_percent), (Some(88.0), Some(61.0), None));
    assert_eq!((gpu.memory_used_bytes, gpu.memory_total_bytes), (Some(2048 << 20), Some(15356 << 20)));
    assert_eq!(metrics.gpus[0].fan_percent, Some(30.0));
}

#[test]
fn intel_and_amd_are_read_from_what_the_kernel_tells() {
    let metrics = Metrics::parse(include_str!("recorded/amd-and-intel.txt"));
    assert_eq!(metrics.cpu_percent, None, "no time passed between the looks");
    assert_eq!(metrics.ram_used_bytes, Some(2500 << 10), "an old kernel");
    assert_eq!(metrics.temperature_c, Some(44.0));
    let [amd, intel] = metrics.gpus.as_slice() else { panic!("{metrics:?}") };
    assert_eq!((amd.percent, amd.temperature_c, amd.fan_percent), (Some(37.0), Some(49.0), Some(20.0)));
    assert_eq!(amd.memory_total_bytes, Some(8_573_157_376));
    assert_eq!(intel.percent, Some(75.0), "it rested for 125 of 500 ms");
}

#[test]
fn macos_is_read_from_its_own_tools() {
    let metrics = Metrics::parse(include_str!("recorded/macos-14.txt"));
    assert!(metrics.cpu_percent.is_some_and(|percent| (percent - 19.52).abs() < 0.001), "{metrics:?}");
    assert_eq!((metrics.load_1m, metrics.main_gpu().unwrap().percent), (Some(1.85), Some(23.0)));
    assert_eq!((metrics.ram_used_bytes, metrics.ram_total_bytes), (Some(500_000 * 16384), Some(16 << 30)));
}

#[test]
fn a_machine_that_says_nothing_is_no_trouble() {
    assert_eq!(Metrics::parse(""), Metrics::default());
}
