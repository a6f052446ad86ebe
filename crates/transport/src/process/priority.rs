//! What programs of ours may not have, whoever starts them.

/// Keeps programs that this thread starts from taking real-time priority, which the superuser's may: SVT-AV1 takes the
/// highest there is for each of its threads, and nothing else on the machine gets a turn while it encodes. To be called
/// before there are other threads. Somebody else's programs cannot take it anyway.
pub fn renounce_real_time() {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};
        // Who may not give it up has not got it.
        let _ = remove_capability_from_bounding_set(CapabilitySet::SYS_NICE);
    }
}
