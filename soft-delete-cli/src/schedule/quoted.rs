//! How a path is written in the files of each system, so that it is read as that path, whatever is in it.

/// A word of a line of a crontab, which cron reads first, and then the shell.
pub(super) fn in_crontab(path: &str) -> String {
    if path.chars().all(is_plain) {
        return path.to_owned();
    }
    let mut word = String::from("'");
    for c in path.chars() {
        match c {
            '\'' => word.push_str(r#"'"'"'"#),
            // Some crons leave the backslash to the shell, which takes it away outside of quotes only.
            '%' => word.push_str(r"'\%'"),
            // Some crons read two of them as one, so that no two may follow each other.
            '\\' => word.push_str(r"\''"),
            other => word.push(other),
        }
    }
    word.push('\'');
    word
}

/// The program of a command in a unit of systemd; `None` for what it refuses to run, however it is quoted.
pub(super) fn in_command(path: &str) -> Option<String> {
    if path.contains(['"', '\'', '\\']) {
        return None;
    }
    let word = in_unit(path);
    Some(if path.chars().all(is_plain) {
        word
    } else {
        format!("\"{word}\"")
    })
}

/// The whole value of a setting in a unit of systemd: nothing but `%` means anything there.
pub(super) fn in_unit(path: &str) -> String {
    path.replace('%', "%%")
}

/// The text of an element of XML.
pub(super) fn in_xml(path: &str) -> String {
    let path = path.replace('&', "&amp;").replace('<', "&lt;");
    path.replace('>', "&gt;").replace('"', "&quot;")
}

/// A string of YAML, which takes those of JSON.
pub(super) fn in_yaml(path: &str) -> String {
    serde_json::Value::from(path).to_string()
}

/// A word of a container's command, in which Kubernetes puts values for `$(NAME)`.
pub(super) fn in_container(path: &str) -> String {
    in_yaml(&path.replace("$(", "$$("))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-+=:@,".contains(c)
}
