//! Names that every database takes.

/// A name, or of a longer one the beginning, which stays readable, and an end that tells it from others that begin alike.
///
/// PostgreSQL cuts names at 63 bytes without a word, MySQL refuses more than 64 characters.
pub(crate) fn short_name(name: &str) -> String {
    const LONGEST: usize = 63;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let sum = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let end = format!("_{:08x}", sum >> 32);
    let cut = (0..=LONGEST - end.len())
        .rev()
        .find(|cut| name.is_char_boundary(*cut))
        .unwrap_or_default();
    format!("{}{end}", &name[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let long = |end: &str| short_name(&format!("{}é{end}", "a".repeat(70)));
        assert_eq!(short_name("leads_deleted"), "leads_deleted");
        assert!(long("x").len() <= 63 && long("x") != long("y"));
        let at_the_cut = short_name(&format!("{}é{}", "a".repeat(53), "b".repeat(30)));
        assert!(at_the_cut.len() <= 63);
    }
}
