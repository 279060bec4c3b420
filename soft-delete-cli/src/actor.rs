//! Who acts, unless it was said.

use std::{env, process::Command};

/// The user of the operating system and the machine, as they are claimed: `ann@web-1`.
pub(crate) fn from_system() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|user| !user.is_empty()));
    let user = user.or_else(asked).unwrap_or_else(|| "somebody".to_owned());
    format!("{user}@{}", gethostname::gethostname().to_string_lossy())
}

// Services and containers often have no such variable.
fn asked() -> Option<String> {
    let answer = Command::new("id").arg("-un").output().ok()?;
    let user = String::from_utf8(answer.stdout).ok()?;
    Some(user.trim().to_owned()).filter(|user| !user.is_empty())
}
