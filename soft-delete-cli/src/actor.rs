//! Who acts, unless it was said.

use std::env;

/// The user of the operating system and the machine, as they are claimed: `ann@web-1`.
pub(crate) fn from_system() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|user| !user.is_empty()));
    let user = user.unwrap_or_else(|| "somebody".to_owned());
    format!("{user}@{}", gethostname::gethostname().to_string_lossy())
}
