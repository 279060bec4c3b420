//! What the user probably meant.

/// ` (did you mean ..?)` if one of the words is close to what was written.
pub(crate) fn did_you_mean(written: &str, words: &[&str]) -> String {
    closest(written, words)
        .map(|word| format!(" (did you mean `{word}`?)"))
        .unwrap_or_default()
}

/// The word that is closest to what was written, if one is close.
pub(crate) fn closest<'a>(written: &str, words: &[&'a str]) -> Option<&'a str> {
    words
        .iter()
        .map(|word| (distance(written, word), *word))
        .filter(|(distance, word)| *distance <= 2.max(word.len() / 4) && *distance < word.len())
        .min()
        .map(|(_, word)| word)
}

// Edit distance, one row of the table at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
