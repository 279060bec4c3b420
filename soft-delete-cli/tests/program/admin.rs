//! The web page that the program serves.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use crate::support::Folder;

/// The program with these words, and the address that it tells.
pub(crate) fn served(
    folder: &Folder,
    words: &[&str],
) -> (Child, String, BufReader<std::process::ChildStderr>) {
    let all = [&["admin", "serve", "--listen", "127.0.0.1:0"], words].concat();
    let mut child = folder
        .command(&all)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut told = BufReader::new(child.stderr.take().expect("its words"));
    let mut line = String::new();
    told.read_line(&mut line).expect("a line");
    let (_, address) = line.trim().split_once("http://").expect("an address");
    (child, address.to_owned(), told)
}

fn answer(address: &str, request: &str) -> String {
    let host = address.split('/').next().expect("a host");
    let mut stream = TcpStream::connect(host).expect("a connection");
    write!(stream, "{request}").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

pub(crate) fn get(address: &str, path: &str, cookie: &str) -> String {
    answer(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"),
    )
}

/// Sends a form, as a page of this host does.
pub(crate) fn post(host: &str, path: &str, form: &str) -> String {
    answer(
        host,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        ),
    )
}

pub(crate) fn stopped(mut child: Child) -> Option<i32> {
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.expect("kill").success());
    child.wait().expect("the program").code()
}

/// The link that is printed lets in once; a record that is deleted is in the bin.
#[test]
fn served_with_a_link() {
    let folder = Folder::ready();
    let (child, address, _told) = served(&folder, &[]);
    let (host, link) = address.split_once('/').expect("a link");
    assert!(get(host, "/bin/records?model=leads", "").contains("location: ../closed"));
    assert!(get(host, &format!("/{link}"), "").contains("lets you in once"));
    let key = link.split_once("key=").expect("a key").1;
    let form = format!("key={key}");
    let entered = post(host, "/enter", &form);
    let cookie = entered
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .expect("a cookie");
    let cookie = cookie.split(';').next().expect("a pair");
    let bin = get(host, "/bin/records?model=leads", cookie);
    assert!(
        bin.starts_with("HTTP/1.1 200") && bin.contains("Ada") && bin.contains("Sign out"),
        "{bin}"
    );
    assert_eq!(stopped(child), Some(0));
}

/// Users sign in with what `admin hash` makes; nobody else comes in, and nowhere else is listened without them.
#[test]
fn served_to_users() {
    let folder = Folder::ready();
    let mut hash = folder
        .command(&["admin", "hash"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    hash.stdin
        .take()
        .expect("a terminal")
        .write_all(b"correct horse\n")
        .expect("typing");
    let hash = hash.wait_with_output().expect("a hash");
    let hash = String::from_utf8(hash.stdout).expect("text");
    std::fs::write(folder.path().join("users"), format!("ann:viewer:{hash}")).expect("a file");
    let (child, host, _told) = served(&folder, &["--users", "users"]);
    let host = host.trim_end_matches('/');
    assert!(get(host, "/bin/overview", "").contains("location: ../sign-in"));
    assert!(get(host, "/sign-in", "").contains("type=\"password\""));
    assert_eq!(stopped(child), Some(0));

    for (words, told) in [
        (&["admin", "serve", "--listen", "0.0.0.0:0"][..], "give --users"),
        (
            &["admin", "serve", "--listen", "0.0.0.0:0", "--no-login"],
            "give --users",
        ),
        (&["admin", "serve", "--users", "nowhere"], "nowhere"),
        (
            &["admin", "serve", "--users", "soft-delete.toml"],
            "give name:role:hash",
        ),
        (
            &["admin", "serve", "--users", "users", "--no-login"],
            "cannot be used with",
        ),
    ] {
        let ran = folder.run(words);
        assert!(ran.code == 2 && ran.err.contains(told), "{words:?} {ran:?}");
    }
}

/// On one's own machine it can be said that nobody signs in.
#[test]
fn served_to_whoever_is_there() {
    let folder = Folder::ready();
    let (child, host, _told) = served(&folder, &["--no-login"]);
    let host = host.trim_end_matches('/');
    assert!(get(host, "/bin/overview", "").starts_with("HTTP/1.1 200"));
    assert_eq!(stopped(child), Some(0));
}
